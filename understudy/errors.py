"""Every exception that Understudy raises on purpose.

UnderstudyError
├── RequestError          the request was wrong: exit code 2
│   ├── UnknownName       a network, data set, option or run that does not exist
│   ├── OptionError       an option's value cannot be used
│   ├── DataError         data that cannot be read, or does not fit the network
│   └── RunError          a run directory that cannot be read, or is in the wrong state for the request
└── TrainingFailed        the run itself went wrong: exit code 1
    └── Diverged          a loss, gradient norm or weight became NaN or infinite

A message is one line: what was received, what is accepted, what to do.
"""

import difflib
from collections.abc import Iterable


class UnderstudyError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class RequestError(UnderstudyError):
    """The request was wrong; nothing was changed."""

    exit_code = 2


class UnknownName(RequestError):
    """A name that is not in the list of known ones; suggests the nearest."""

    def __init__(self, kind: str, received: str, known: Iterable[str], hint: str = "") -> None:
        known = sorted(known)
        near = difflib.get_close_matches(received, known, n=1, cutoff=0.5)
        guess = f" Did you mean '{near[0]}'?" if near else ""
        accepted = f" Known: {', '.join(known)}." if known else ""
        super().__init__(f"unknown {kind} '{received}'.{guess}{accepted}{' ' + hint if hint else ''}")


class OptionError(RequestError):
    """An option has a value that cannot be used."""


class DataError(RequestError):
    """Data that cannot be read, or that the network cannot learn from; the message names the file."""


class RunError(RequestError):
    """A run directory that cannot be read, or whose state forbids the request."""


class TrainingFailed(UnderstudyError):
    """Training could not go on; the run directory keeps what there was."""


class Diverged(TrainingFailed):
    """A loss term became NaN or infinite.

    Args:
        step: the first step (counted from 1) whose value was not finite.
        term: the loss term's name.
        value: what it was: "nan" or "inf" or "-inf".
    """

    def __init__(self, step: int, term: str, value: float) -> None:
        self.step, self.term, self.value = step, term, value
        super().__init__(
            f"diverged: {term} was {value} at step {step}. "
            "Try a tenth of the learning rate, --set clip_norm=1, or --precision fp32."
        )
