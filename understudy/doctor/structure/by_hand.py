"""Backward passes that the user wrote: which a loss goes through, how they were called, and whether they are right."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from understudy.doctor.structure.graph import nodes_of
from understudy.doctor.watch.lines import NOT_THEIRS
from understudy.errors import OptionError
from understudy.scratch.gradient_check.case import Case, ready
from understudy.scratch.gradient_check.check import slot_check
from understudy.scratch.gradient_check.differences import ROWS
from understudy.scratch.gradient_check.projected import Projected
from understudy.scratch.gradient_check.scale import ratio
from understudy.scratch.gradient_check.subject import Subject
from understudy.scratch.gradient_check.torch_call import CalledSubject
from understudy.scratch.layer import Array

FEW = 4
"""Items of a batch that are enough."""
JACOBIAN = 4_000_000
"""Entries of a Jacobian that is kept whole."""
NUMBERS, FEWEST = 10_000_000, 8
"""How many numbers are computed for each array, about, and how many of its entries are moved at least."""
LIBRARIES = ("site-packages", "dist-packages")

Function = Any
"""A subclass of `torch.autograd.Function`."""


class Unchecked(Exception):
    """Why a backward pass cannot be judged."""


def functions_behind(*roots: Tensor) -> list[Function]:
    """The user's own Functions in the graph of a loss."""
    found = {getattr(type(node), "_forward_cls", None): None for node in nodes_of(*roots)}
    return [function for function in found if function is not None and _is_theirs(function)]


def code_of(function: Any) -> Any:
    """The code of a function, whatever decorators stand before it; None of one without."""
    return getattr(inspect.unwrap(function), "__code__", None)


def _is_theirs(function: Function) -> bool:
    """Not torch's, not ours, nor an installed library's."""
    file = getattr(code_of(function.backward), "co_filename", "")
    return bool(file) and not file.startswith(NOT_THEIRS) and not any(one in file for one in LIBRARIES)


@dataclass(frozen=True)
class Called:
    """A call of a Function.

    Attributes:
        args: without the context; tensors are copies.
        moved: places of the tensors that needed a gradient.
        data: places of the tensors that are no weights, so that they can be cut to a few items.
    """

    function: Function
    args: Sequence[Any]
    moved: Sequence[int]
    data: Sequence[int]

    def few(self) -> Called:
        """The same on some of its items."""
        sizes = [len(self.args[place]) for place in self.data if self.args[place].dim()]
        if not sizes or sizes[0] <= FEW:
            return self
        args = [
            one[:FEW].clone() if place in self.data and one.dim() and len(one) == sizes[0] else one
            for place, one in enumerate(self.args)
        ]
        return replace(self, args=args)


class Recorder:
    """Stands in for a Function's `forward` until a call that needs a gradient.

    Attributes:
        call: that call; None before it.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.call: Called | None = None
        self._own = vars(function).get("forward")
        theirs = function.forward

        def forward(*args: Any, **kwargs: Any) -> Any:
            self._note(args[1:] if args and isinstance(args[0], torch.autograd.function.FunctionCtx) else args, kwargs)
            return theirs(*args, **kwargs)

        function.forward = staticmethod(forward)
        self._ours: Any = forward

    def _note(self, args: Sequence[Any], kwargs: Any) -> None:
        moved = [n for n, one in enumerate(args) if isinstance(one, Tensor) and one.requires_grad]
        moved = [place for place in moved if args[place].is_floating_point()]
        if not moved or kwargs or self.call is not None:
            return
        self.end()
        weights = {place for place in moved if args[place].is_leaf}
        data = [n for n, one in enumerate(args) if isinstance(one, Tensor) and n not in weights]
        kept = [one.detach().clone() if isinstance(one, Tensor) else one for one in args]
        self.call = Called(self.function, kept, moved, data)

    def end(self) -> None:
        """Give the place back."""
        if self._ours is None or self.function.forward is not self._ours:
            return
        self._ours = None
        if self._own is None:
            del self.function.forward
        else:
            self.function.forward = self._own


@dataclass(frozen=True)
class Judged:
    """The gradient of one input or parameter beside differences.

    Attributes:
        slot: its name.
        error: the norm of the difference over the numeric gradient's; infinite for another shape.
        limit: the error that is right to have.
        ratio: given over numeric, where that is one number.
        entry: the first wrong entry, as given and as differences have it.
        flat: whether it is wrong only where the output does not move.
        mistake: what it looks like.
    """

    slot: str
    error: float
    limit: float
    ratio: float | None = None
    entry: tuple[float, float] | None = None
    flat: bool = False
    mistake: str = ""


LIMIT = {8: 1e-4, 4: 5e-2, 2: 0.3}
"""By bytes of the floats that come out."""


def judge_call(call: Called) -> Iterator[Judged | Unchecked]:
    """Each of a Function's gradients, on a few of the items that it was called with; or why it cannot be judged."""
    few, reason = call.few(), ""
    for each in (few, call) if few is not call else (call,):  # few items first: it may need all of them
        subject = CalledSubject(each.function, each.args, each.moved)
        try:
            yield from judge_case(*case_of(subject, subject.inputs))
            return
        except OptionError as error:
            reason = str(error).removeprefix(f"{subject.name}.")
    yield Unchecked(reason)


def judge(subject: Subject, inputs: Sequence[Any]) -> Iterator[Judged | Unchecked]:
    """Each gradient of code with a backward pass; or why it cannot be judged."""
    try:
        yield from judge_case(*case_of(subject, inputs))
    except OptionError as error:
        yield Unchecked(str(error).removeprefix(f"{subject.name}."))


def case_of(subject: Subject, inputs: Sequence[Any]) -> tuple[Case, set[str]]:
    """Its case, of a large one the sum of its outputs; and the inputs that come out as they go in.

    Raises:
        OptionError: it cannot be judged on them.
    """
    trial = subject.trial()
    sizes = [np.size(one) for one in (*inputs, *trial.params().values())]
    try:
        y = np.asarray(trial.forward([np.array(one) for one in inputs]))
    except Exception as error:  # the user's own code, on fewer items than it was written for
        raise OptionError(f"{subject.name}.forward fails: {error!r}") from error
    rows = max(FEWEST, min(ROWS, NUMBERS // max(sum(sizes) + y.size, 1)))
    same = {name for name, one in zip(subject.input_names, inputs, strict=False) if np.array_equal(one, y)}
    small = max(sizes, default=0) * y.size <= JACOBIAN
    return ready(subject if small else Projected(subject), inputs, 0, rows), same


def judge_case(case: Case, same: Set[str] = frozenset()) -> Iterator[Judged | Unchecked]:
    """Each gradient of a case.

    Args:
        same: inputs that come out as they go in.
    """
    for slot in case.shapes:
        try:
            yield _judged(case, slot, slot in same)
        except Unchecked as reason:
            yield reason


def _judged(case: Case, slot: str, same: bool) -> Judged:
    """One of them.

    Raises:
        Unchecked: there is nothing to compare, or the difference is meant.
    """
    truth, limit = case.truth[slot], LIMIT[case.precision]
    known = np.isfinite(truth)
    if not known.any():
        raise Unchecked(f"{slot}: at a kink everywhere")
    if case.failure is not None:
        raise Unchecked(f"backward raises {case.failure!r}")
    if case.given.get(slot) is None:
        raise Unchecked(f"{slot}: backward gives no gradient")
    given = _first_wrong(case, slot)
    if given.shape == truth.shape:
        _refuse_meant(case, slot, given, same)
    check = slot_check(case, slot)
    mistake = f"{check.mistakes[0].name}{check.mistakes[0].part}" if check.mistakes else ""
    if given.shape != truth.shape:
        return Judged(slot, np.inf, limit, mistake=mistake)
    error = float(np.linalg.norm((given - truth)[known])) / max(float(np.linalg.norm(truth[known])), 1e-300)
    if check.ok:
        return Judged(slot, min(error, limit), limit)
    moving = known & (truth != 0)
    flat = bool(np.allclose(given[moving], truth[moving], rtol=1e-4, atol=1e-12))
    entry = (check.wrong[0].given, check.wrong[0].expected) if check.wrong else None
    return Judged(slot, error, limit, ratio(case, slot), entry, flat, mistake)


def _refuse_meant(case: Case, slot: str, given: Array, same: bool) -> None:
    """Whether backward may well stand in for another gradient on purpose.

    Raises:
        Unchecked: it may.
    """
    truth = case.truth[slot]
    known = np.isfinite(truth)
    if np.linalg.norm(truth[known]) <= 1e-9 * np.linalg.norm(given[known]):
        raise Unchecked(f"{slot}: the output does not move with it, so that backward stands in for its gradient")
    if same and not np.allclose(given[known], truth[known], rtol=1e-4):
        raise Unchecked(f"{slot}: comes out as it goes in, so that backward changes the gradient on purpose")


def _first_wrong(case: Case, slot: str) -> Array:
    """What is given; or after an earlier call, where only then it is wrong."""
    given, after = case.given[slot], (case.after or {}).get(slot)
    assert given is not None
    truth = case.truth[slot]
    right = given.shape == truth.shape and np.allclose(given, np.where(np.isfinite(truth), truth, given), rtol=1e-4)
    return after if right and after is not None else given


def readings(name: str, found: Judged | Unchecked) -> Iterator[tuple[str, float, str]]:
    """`backward_error` of a gradient, `backward_limit` where that is not the usual one, and of a wrong one
    `backward_ratio`, where it is one number, `backward_given` and `backward_numeric`, its first wrong entry,
    `backward_flat`, and `backward_mistake`, whose place has the mistake's name; or `backward_unchecked`, with the
    reason.
    """
    if isinstance(found, Unchecked):
        yield "backward_unchecked", 1, f"{name}: {found}"
        return
    place = f"{name}.{found.slot}"
    yield "backward_error", min(found.error, 1e6), place
    if found.limit != LIMIT[8]:
        yield "backward_limit", found.limit, place
    if found.error <= found.limit:
        return
    if found.ratio is not None:
        yield "backward_ratio", found.ratio, place
    if found.entry is not None:
        yield "backward_given", found.entry[0], place
        yield "backward_numeric", found.entry[1], place
    yield "backward_flat", found.flat, place
    if found.mistake:
        yield "backward_mistake", 1, f"{place}: {found.mistake}"
