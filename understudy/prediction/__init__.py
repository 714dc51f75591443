"""What a trained network makes of inputs that a user names. One line each: a capability, and who asks the network."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from understudy.decoding.beam_options import BeamOptions
from understudy.errors import OptionError, RunError

if TYPE_CHECKING:
    from understudy.run import Run


@dataclass(frozen=True)
class Prediction:
    """What the network says of one input.

    Attributes:
        input: the input, as it was given.
        output: the answer: a class, a sentence, the file of a picture.
        details: numbers and parts behind the answer, as plain JSON values.
        lines: the details as a reader at a terminal wants them, below the answer.
    """

    input: str
    output: str
    details: dict[str, Any]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predictor:
    """A module of this package that answers for every network that has the capability.

    Attributes:
        takes: the options that it heeds.
    """

    capability: str
    module: str
    takes: tuple[str, ...] = ()

    def load(self) -> Callable[..., list[Prediction]]:
        """The module's `predict(run, inputs, **options)`; imports what it needs."""
        module = importlib.import_module(f"understudy.prediction.{self.module}")
        function: Callable[..., list[Prediction]] = module.predict
        return function


SENTENCES = ("prefix", "require", "trace", *(field.name for field in fields(BeamOptions)))
"""What may be asked of a search for sentences."""
PREDICTORS: tuple[Predictor, ...] = (
    Predictor("translate", "translation", takes=SENTENCES),
    Predictor("caption", "captions", takes=SENTENCES),
    Predictor("weigh classes", "classes"),
    Predictor("transfer", "transfer", takes=("to", "out")),
)


def predict(run: Run, inputs: Sequence[str], **options: Any) -> list[Prediction]:
    """The network's answer to each input; which options go with it depends on what it can do.

    Raises:
        RunError: the network answers no inputs.
        OptionError: an option that does not go with this network.
    """
    from understudy.models.capabilities import CAPABILITIES

    found = next((it for it in PREDICTORS if isinstance(run.model, CAPABILITIES[it.capability])), None)
    if found is None:
        raise RunError(
            f"{run.record['network']} answers no inputs; understudy predict is for networks that can "
            f"{' or '.join(it.capability for it in PREDICTORS)}"
        )
    for name in options:
        if name not in found.takes:
            takes = f"it takes {', '.join(found.takes)}" if found.takes else "it takes none"
            raise OptionError(f"{name} does not go with {run.record['network']}; {takes}")
    return found.load()(run, inputs, **options)
