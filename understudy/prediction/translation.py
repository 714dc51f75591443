"""Sentences in the other language, as the widest beam that is asked for finds them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from understudy.data.spec import PairSpec
from understudy.data.vocabulary import UNKNOWN
from understudy.decoding.translation import translate_texts
from understudy.prediction import Prediction
from understudy.prediction.hypotheses import answers
from understudy.run import Run


def predict(run: Run, inputs: Sequence[str], **asked: Any) -> list[Prediction]:
    """The translations of some sentences; what can be asked, and what is refused, as of `hypotheses.answers`."""
    network, spec = cast(Any, run.able("translate")), cast(PairSpec, run.spec)
    found = answers(inputs, spec.target, lambda *how: translate_texts(network, inputs, spec, *how), **asked)
    return [_with_what_was_read(it, spec) for it in found]


def _with_what_was_read(found: Prediction, spec: PairSpec) -> Prediction:
    """Where the network never saw some of the input, whoever asks should know."""
    read = spec.source.decode(spec.source.encode(found.input))
    if UNKNOWN not in read:
        return found
    return replace(found, details={**found.details, "read": read}, lines=(*found.lines, f"read as: {read}"))
