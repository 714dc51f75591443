"""The step that broke, taken again: which operation made the first value that is not finite?"""

from __future__ import annotations

import math
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node
from torch.utils._python_dispatch import TorchDispatchMode

from understudy.errors import Diverged
from understudy.training.loop import step
from understudy.training.session import Session

MAKERS = (
    "empty",
    "new_empty",
    "full",
    "fill",
    "masked_fill",
    "where",
    "scalar_tensor",
    "copy",
    "_to_copy",
    "lift_fresh",
)
"""Operations that only put numbers somewhere: a mask's infinities are meant."""
LONGEST = 90.0
"""Seconds of training that are taken again at most."""
OURS = ("/understudy/training/loop.py", "/understudy/doctor/")


@dataclass(frozen=True)
class Culprit:
    """The first operation whose result was not finite though what it was given was.

    Attributes:
        operation: such as `log`, or the derivative of one, `log backward`.
        layer: the module whose forward pass asked for it; empty outside of any.
        line: file, number and text of the line that asked for it.
        low, high: what it was given ranged from and to.
    """

    operation: str
    layer: str
    line: str
    low: float
    high: float

    def __str__(self) -> str:
        where = f" in {self.layer}" if self.layer else ""
        at = f", {self.line}" if self.line else ""
        return f"{self.operation} of values from {self.low:.4g} to {self.high:.4g}{where}{at}"


class Search(TorchDispatchMode):
    """Looks at every operation's result until one is not finite.

    Costs several times the step (2 to 4 in our trials), so that only the step that broke runs under it.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: Culprit | None = None
        self.layers: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operation, and look at what came out of it."""
        given = [] if self.found else _ranges(args)
        output = func(*args, **(kwargs or {}))
        if self.found is None:
            name = func.overloadpacket.__name__
            made = _ranges((output,))
            broke = any(low != low for low, _ in made) and not any(low != low for low, _ in given)
            grew = any(_infinite(ends) for ends in made) and not any(_infinite(ends) for ends in given)
            if (broke or grew) and not name.rstrip("_").startswith(MAKERS):
                self.found = self._culprit(name, given)
        return output

    def _culprit(self, name: str, given: list[tuple[float, float]]) -> Culprit:
        node = torch._C._current_autograd_node()
        low, high = min((low for low, _ in given), default=math.nan), max((high for _, high in given), default=math.nan)
        if node is None:
            return Culprit(name.strip("_"), self.layers[-1] if self.layers else "", _line(_stack()), low, high)
        operation = f"{node.name().removesuffix('0').removesuffix('Backward').lower()} backward"
        return Culprit(operation, "", _line(_forward_stack(node)), low, high)


def _ranges(values: Any) -> list[tuple[float, float]]:
    """Lowest and highest value of each tensor of floats, both NaN where it has one."""
    flat = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]
    tensors = [item for item in flat if isinstance(item, Tensor) and item.is_floating_point() and item.numel()]
    return [(tensor.amin().item(), tensor.amax().item()) for tensor in tensors]


def _infinite(ends: tuple[float, float]) -> bool:
    return float("inf") in (-ends[0], ends[1]) or ends[0] == float("inf") or ends[1] == -float("inf")


def _stack() -> list[tuple[str, int, str]]:
    return [(frame.filename, frame.lineno or 0, frame.line or "") for frame in traceback.extract_stack()]


def _forward_stack(node: Node) -> list[tuple[str, int, str]]:
    """Where the operation was asked for whose derivative this is: anomaly mode has kept it."""
    metadata: Any = node.metadata
    kept = [line for entry in metadata.get("traceback_", []) for line in entry.splitlines()]
    frames = []
    for place, text in pairwise(kept):
        if place.strip().startswith("File "):
            file, number, *_ = place.strip().split(", ")
            frames.append((file[6:-1], int(number.removeprefix("line ")), text.strip()))
    return frames


def _line(frames: list[tuple[str, int, str]]) -> str:
    """The innermost line that is neither PyTorch's nor the loop's."""
    own = [frame for frame in frames if "/torch/" not in frame[0] and not any(part in frame[0] for part in OURS)]
    if any("/torch/optim/" in file for file, _, _ in frames):
        return "the optimizer's update"
    if not own:
        return ""
    file, number, text = own[-1]
    return f"{Path(file).name}:{number}: {text}"


@contextmanager
def _named(network: nn.Module, layers: list[str]) -> Iterator[None]:
    """Within the block `layers` is the stack of modules whose forward pass runs."""
    names = {module: f"{name} ({type(module).__name__})" for name, module in network.named_modules() if name}
    handles = [
        handle
        for module, name in names.items()
        for handle in (
            module.register_forward_pre_hook(lambda *_, name=name: layers.append(name)),
            module.register_forward_hook(lambda *_: layers.pop() and None),
        )
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def find_culprit(session: Session, state: Mapping[str, Any], error: Diverged) -> Culprit | str:
    """Train again up to the step that broke, and search that one; the session is of no use afterwards.

    Args:
        state: a session's `state_dict` from before the break.

    Returns:
        The operation, or why it was not found.
    """
    at = session.progress
    session.load_state_dict(state)
    back = at.seconds - session.progress.seconds
    try:
        if back > LONGEST:
            return f"the last checkpoint is {back:.0f} s of training back"
        broke = _train_to(session, error.step - 1)
        if broke is not None:  # the loss that was not finite came of weights that were not
            session.load_state_dict(state)
            _train_to(session, broke - 1)
        search = Search()
        anomaly = torch.autograd.set_detect_anomaly(True, check_nan=False)
        with closing(session.stream()) as stream, anomaly, _named(session.network, search.layers), search:
            step(session, stream)
        return search.found or "the step stayed finite when it was taken again"
    finally:
        session.progress = replace(at)


def _train_to(session: Session, last: int) -> int | None:
    """Take steps up to this one; the first one that left weights which are not finite ends it, and is returned."""
    session.network.train()
    with closing(session.stream()) as stream:
        while session.progress.step < last:
            step(session, stream)
            if not all(weight.isfinite().all() for weight in session.network.parameters()):
                return session.progress.step
    return None
