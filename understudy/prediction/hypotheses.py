"""Hypotheses of a beam search as answers."""

from collections.abc import Callable, Sequence
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

Trees = list[dict[str, Any]] | None
Find = Callable[[BeamOptions, Wanted, Trees], list[list[Hypothesis]]]


def answers(
    inputs: Sequence[str],
    language: Language,
    find: Find,
    *,
    prefix: str = "",
    require: Sequence[str] = (),
    trace: str | Path | None = None,
    **search: Any,
) -> list[Prediction]:
    """What a search finds for each input.

    Args:
        find: the search.
        prefix: text that every answer begins with.
        require: texts that every answer contains.
        trace: a file for the search trees: for each input what was looked at, and what became of it.
        search: options of `BeamOptions`.

    Raises:
        OptionError: an option of the search that does not go, or a text that is not in the vocabulary.
    """
    options = validated(BeamOptions, search, "beam search")
    wanted = Wanted(language.forced(prefix), tuple(language.phrase(text) for text in require))
    trees: Trees = None if trace is None else []
    found = find(options, wanted, trees)
    said = [_answer(given, hypotheses, language) for given, hypotheses in zip(inputs, found, strict=True)]
    if trace is not None and trees is not None:
        told = zip(said, trees, strict=True)
        kept = [{"input": it.input, "output": it.output, **labelled(tree, language.piece)} for it, tree in told]
        write_json(Path(trace), kept)
    return said


def _answer(given: str, hypotheses: Sequence[Hypothesis], language: Language) -> Prediction:
    """The best hypothesis, and all of them with their scores where there are several."""
    outputs = [language.decode(it.tokens) for it in hypotheses]
    listed = [
        {"output": output, "score": it.score, "log_probability": it.log_probability}
        for output, it in zip(outputs, hypotheses, strict=True)
    ]
    lines = [f"{it.score:8.3f}  {output}" for output, it in zip(outputs, hypotheses, strict=True)]
    return Prediction(given, outputs[0], {"hypotheses": listed}, tuple(lines) if len(lines) > 1 else ())
