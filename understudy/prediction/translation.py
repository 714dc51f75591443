"""Sentences in the other language, as the widest beam that is asked for finds them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from understudy.data.spec import PairSpec
from understudy.data.vocabulary import UNKNOWN
from understudy.decoding.translation import translate_texts
from understudy.decoding.trellis import Hypothesis
from understudy.prediction import Prediction
from understudy.prediction.hypotheses import answer, asked, keep_trees
from understudy.run import Run


def predict(
    run: Run,
    inputs: Sequence[str],
    *,
    prefix: str = "",
    require: Sequence[str] = (),
    trace: Path | None = None,
    **search: Any,
) -> list[Prediction]:
    """The translations of some sentences.

    Args:
        prefix: what every translation begins with.
        require: words that every translation contains.
        trace: a file for the search trees: for each input what was looked at, and what became of it.
        search: options of `BeamOptions`.

    Raises:
        OptionError: an option of the search that does not go, or words that the network cannot write.
    """
    spec = cast(PairSpec, run.spec)
    options, wanted = asked(search, prefix, require, spec.target)
    trees: list[dict[str, Any]] | None = None if trace is None else []
    found = translate_texts(cast(Any, run.able("translate")), inputs, spec, options, wanted, trees)
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
