"""Sentences in the other language, as the widest beam that is asked for finds them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from understudy.data.spec import PairSpec
from understudy.data.vocabulary import UNKNOWN
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.translation import translate_texts
from understudy.decoding.trellis import Hypothesis
from understudy.prediction import Prediction
from understudy.prediction.hypotheses import answer, keep_trees
from understudy.run import Run
from understudy.settings import validated


def predict(
    run: Run, inputs: Sequence[str], *, beam: int = 5, nbest: int = 1, trace: Path | None = None
) -> list[Prediction]:
    """The translations of some sentences.

    Args:
        beam: hypotheses side by side; 1 takes the likeliest token each time.
        nbest: hypotheses to show, at most `beam`.
        trace: a file for the search trees: for each input what was looked at, and what became of it.

    Raises:
        OptionError: nbest is above beam.
    """
    options = validated(BeamOptions, {"beam": beam, "nbest": nbest}, "beam search")
    spec = cast(PairSpec, run.spec)
    trees: list[dict[str, Any]] | None = None if trace is None else []
    found = translate_texts(cast(Any, run.able("translate")), inputs, spec, options, trees)
    answers = [_answer(text, hypotheses, spec) for text, hypotheses in zip(inputs, found, strict=True)]
    if trace is not None and trees is not None:
        keep_trees(trace, answers, trees, spec.target)
    return answers


def _answer(text: str, hypotheses: list[Hypothesis], spec: PairSpec) -> Prediction:
    found = answer(text, hypotheses, spec.target)
    read = spec.source.decode(spec.source.encode(text))
    if UNKNOWN not in read:
        return found
    # The network never saw some of it, and whoever asks should know.
    return replace(found, details={**found.details, "read": read}, lines=(*found.lines, f"read as: {read}"))
