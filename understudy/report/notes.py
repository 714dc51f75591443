"""What must be known to read a table of scores: one sentence each, from the scores alone."""

from collections.abc import Callable, Iterator, Mapping

from understudy.report.numbers import format_number, format_percent

Scores = Mapping[str, float]

FEW = 10
"""Items for each number of a feature, below which a covariance of features says too little."""
COPYING = 0.1
"""Share of copies above which it is not chance, of which there is 2%; see `evaluation/copies.py`."""


def notes(scores: Scores) -> list[str]:
    """Every note that applies."""
    return [text for note in NOTES for text in note(scores)]


def few_items(scores: Scores) -> Iterator[str]:
    """A Fréchet distance grows as the items become fewer."""
    sizes = [size for name, size in scores.items() if name.startswith("feature_dim")]
    if sizes and scores["generated"] < FEW * max(sizes):
        yield (
            f"{format_number(scores['generated'])} items are few for {format_number(max(sizes))} features: distances "
            "are too large; compare them with those of the real data, and with runs of as many items."
        )


def unsure_judge(scores: Scores) -> Iterator[str]:
    """Classes that a judge cannot tell apart are not counted."""
    if "judge_accuracy" in scores and "class_tv" not in scores:
        yield (
            f"Generated classes are not counted: their judge names {format_percent(scores['judge_accuracy'])} of the "
            "real items right, which is too few."
        )


def copying(scores: Scores) -> Iterator[str]:
    """A network that gives back what it was trained on."""
    if scores.get("copied", 0) > COPYING:
        yield (
            f"{format_percent(scores['copied'])} of the generated items lie nearer to a training item than 98% of "
            "unseen items do: the network copies."
        )


NOTES: tuple[Callable[[Scores], Iterator[str]], ...] = (few_items, unsure_judge, copying)
