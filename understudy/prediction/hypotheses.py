"""Hypotheses of a beam search as answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from understudy.data.sentences import Language
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.from_source import Wanted
from understudy.decoding.tree import labelled
from understudy.decoding.trellis import Hypothesis
from understudy.files import write_json
from understudy.prediction import Prediction
from understudy.settings import validated


def asked(
    search: Mapping[str, Any], prefix: str, require: Sequence[str], language: Language
) -> tuple[BeamOptions, Wanted]:
    """What a user asks of a search.

    Raises:
        OptionError: a value that does not go, or words that the language lacks.
    """
    wanted = Wanted(language.forced(prefix), tuple(language.forced(words) for words in require))
    return validated(BeamOptions, search, "beam search"), wanted


def answer(given: str, hypotheses: Sequence[Hypothesis], language: Language) -> Prediction:
    """The best hypothesis, and all of them with their scores where there are several."""
    outputs = [language.decode(it.tokens) for it in hypotheses]
    listed = [
        {"output": output, "score": it.score, "log_probability": it.log_probability}
        for output, it in zip(outputs, hypotheses, strict=True)
    ]
    lines = [f"{it.score:8.3f}  {output}" for output, it in zip(outputs, hypotheses, strict=True)]
    return Prediction(given, outputs[0], {"hypotheses": listed}, tuple(lines) if len(lines) > 1 else ())


def keep_trees(trace: Path, answers: Sequence[Prediction], trees: Sequence[dict[str, Any]], language: Language) -> None:
    """Write the search trees: for each input what was looked at, and what became of it."""
    told = zip(answers, trees, strict=True)
    write_json(trace, [{"input": it.input, "output": it.output, **labelled(tree, language.piece)} for it, tree in told])
