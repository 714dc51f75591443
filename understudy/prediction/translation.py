"""Sentences in the other language, as the widest beam that is asked for finds them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from understudy.data.spec import PairSpec
from understudy.data.vocabulary import UNKNOWN
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.translation import translate_texts
from understudy.decoding.tree import labelled
from understudy.decoding.trellis import Hypothesis
from understudy.files import write_json
from understudy.prediction import Prediction
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
        told = zip(answers, trees, strict=True)
        write_json(
            trace, [{"input": it.input, "output": it.output, **labelled(tree, spec.target.piece)} for it, tree in told]
        )
    return answers


def _answer(text: str, hypotheses: list[Hypothesis], spec: PairSpec) -> Prediction:
    outputs = [spec.target.decode(it.tokens) for it in hypotheses]
    read = spec.source.decode(spec.source.encode(text))
    listed = [
        {"output": output, "score": it.score, "log_probability": it.log_probability}
        for output, it in zip(outputs, hypotheses, strict=True)
    ]
    lines = [f"{it.score:8.3f}  {output}" for output, it in zip(outputs, hypotheses, strict=True)]
    details: dict[str, Any] = {"hypotheses": listed}
    shown = lines if len(lines) > 1 else []
    if UNKNOWN in read:  # the network never saw some of it, and whoever asks should know
        details["read"] = read
        shown = [*shown, f"read as: {read}"]
    return Prediction(text, outputs[0], details, tuple(shown))
