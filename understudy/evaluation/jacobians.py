"""The gradient of a recurrent layer's state through time, d state_(m+k) / d state_m, and what theory allows it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.func import jvp, vmap

from understudy.layers.cells import STEPS, Unrolled
from understudy.layers.recurrent import Recurrent, RecurrentLayer

EXACT = 64
"""Numbers in a state up to which a norm comes from all singular values; beyond, from power iteration."""
ITERATIONS, TOLERANCE = 100, 1e-5
COLUMNS = 256

SLOPES: dict[str, tuple[float, Callable[[Tensor], Tensor]]] = {  # the largest, and the slope where the output is h
    "rnn": (1.0, lambda h: 1 - h**2),
    "sigmoid-rnn": (0.25, lambda h: h * (1 - h)),
    "relu-rnn": (1.0, lambda h: (h > 0).to(h.dtype)),
    "irnn": (1.0, lambda h: (h > 0).to(h.dtype)),
}
KEPT = {"lstm": "product of forget gates", "gru": "product of update gates"}
"""Cells with a gate on the state itself, the second in their order: along it the gradient is the gates' product."""


@dataclass(frozen=True)
class Flow:
    """How much of one layer's gradient is left after k steps, from several places m on.

    Shapes:
        norms: (places, steps + 1), the spectral norm of d state_(m+k) / d state_m for k = 0, 1, ...; an LSTM's state
            is h and c together.
        limit: (steps + 1,), (largest slope * |U|)^k, or None where the cell has no such bound.
        met: (places, steps + 1), the product of the steps' own norms |diag(f') U|, with the slopes met, or None.
        kept: (places, steps + 1), the largest product of a unit's gates, or None where the cell has none.
    """

    cell: str
    norms: Tensor
    limit: Tensor | None = None
    met: Tensor | None = None
    kept: Tensor | None = None

    def with_places_of(self, other: "Flow") -> "Flow":
        """This layer's flow from the other's places too."""
        return replace(
            self,
            norms=torch.cat([self.norms, other.norms]),
            met=_both(self.met, other.met),
            kept=_both(self.kept, other.kept),
        )


def _both(mine: Tensor | None, other: Tensor | None) -> Tensor | None:
    return None if mine is None or other is None else torch.cat([mine, other])


Readings = dict[str, tuple[RecurrentLayer, Tensor]]
"""The recurrent layers of a network, by name, with what each read: (1, time, its inputs)."""


def readings(network: nn.Module, read: Callable[[], object]) -> Readings:
    """What each recurrent layer reads while `read()` runs, dropout off."""
    found: Readings = {}
    layers = {layer: name for name, layer in network.named_modules() if isinstance(layer, RecurrentLayer)}

    def note(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        assert isinstance(layer, RecurrentLayer)
        found[layers[layer]] = layer, given[0]

    hooks, trains = [layer.register_forward_pre_hook(note) for layer in layers], network.training
    try:
        network.eval()
        read()
    finally:
        network.train(trains)
        for hook in hooks:
            hook.remove()
    return found


def flow(layer: RecurrentLayer, x: Tensor, steps: int, places: int) -> Flow:
    """A layer's flow while it reads a sequence, from about so many places in it.

    Its state reaches its own future through its own recurrence alone: no layer below it hears of the state. So that
    d state_(m+k) / d state_m is exact in a stack too.

    Args:
        steps: the largest k, below the sequence's length.

    Shapes: x is (1, time, inputs).

    Reference:
        Pascanu et al., 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063, section 2.1:
        the norm is at most (gamma |U|)^k, with gamma the largest slope of the activation. Gers et al., 2000, Learning
        to Forget, for the path through an LSTM's forget gates.
    """
    with torch.no_grad():
        return _flow(written_out(layer), x.double(), steps, places)


def units(layer: RecurrentLayer) -> int:
    """Numbers in the layer's output."""
    inner: Any = layer.inner
    return int(inner.hidden_size)


def written_out(layer: RecurrentLayer) -> Unrolled:
    """The layer's cell with its weights, in double precision, to be walked through step by step."""
    inner: Any = layer.inner
    cell = Unrolled(layer.cell, inner.input_size, units(layer), layer_norm=layer.layer_norm)
    cell.load_state_dict(inner.state_dict())
    return cell.double()


def _flow(cell: Unrolled, x: Tensor, steps: int, places: int) -> Flow:
    drive, states = cell.drive(x)[0], _states(cell, x)
    last = len(states) - 1 - steps
    starts = torch.linspace(0, last, places + 1)[1:].long().unique()
    norms = _norms(cell, drive, states, starts, steps)
    ahead = starts[:, None] + torch.arange(1, steps + 1)  # (places, steps): m + k
    hidden = states[:, : cell.hidden_size]
    if cell.cell in KEPT:
        gate = (drive[ahead] + cell.recall(hidden[ahead - 1])).chunk(STEPS[cell.cell][0], -1)[1].sigmoid()
        return Flow(cell.cell, norms, kept=_from_one(gate).cumprod(1).amax(-1))
    if cell.layer_norm:  # the normalisation divides by what it meets: no bound that holds for all
        return Flow(cell.cell, norms)
    largest, slope = SLOPES[cell.cell]
    weight = cell.weight_hh_l0
    limit = (largest * torch.linalg.matrix_norm(weight, 2)) ** torch.arange(steps + 1)
    each = torch.stack([_norms_of(slope(now)[..., None] * weight) for now in hidden[ahead].unbind(1)], 1)
    return Flow(cell.cell, norms, limit=limit, met=_from_one(each).cumprod(1))


def _norms_of(matrices: Tensor) -> Tensor:
    """(places, size, size) -> (places,)."""
    size = matrices.shape[-1]
    return spectral_norms(matrices, matrices.new_full((len(matrices), size), size**-0.5))[0]


def _from_one(factors: Tensor) -> Tensor:
    """The factors of k = 1, 2, ..., and a 1 for k = 0 before: (places, steps, ...) -> (places, steps + 1, ...)."""
    return torch.cat([torch.ones_like(factors[:, :1]), factors], 1)


def _states(cell: Unrolled, x: Tensor) -> Tensor:
    """The state after each step: (time, size), h first."""
    memories = tuple(x.new_zeros(1, cell.hidden_size) for _ in range(2 if cell.cell == "lstm" else 1))
    after = []
    for now in cell.drive(x).unbind(1):
        memories = cell.advance(now, memories)
        after.append(torch.cat(memories, 1))
    return torch.cat(after)


def _norms(cell: Unrolled, drive: Tensor, states: Tensor, starts: Tensor, steps: int) -> Tensor:
    """Norms of the Jacobian from each place on, its columns pushed forward a step at a time: (places, steps + 1)."""
    size = states.shape[1]
    jacobian = torch.eye(size, dtype=states.dtype).expand(len(starts), size, size)
    guess = torch.full((len(starts), size), size**-0.5, dtype=states.dtype)
    norms = [torch.ones(len(starts), dtype=states.dtype)]
    for step in range(1, steps + 1):
        now = drive[starts + step]

        def advance(state: Tensor, now: Tensor = now) -> Tensor:
            return torch.cat(cell.advance(now, state.split(cell.hidden_size, -1)), -1)

        def push(column: Tensor, state: Tensor = states[starts + step - 1]) -> Tensor:
            moved: Tensor = jvp(advance, (state,), (column,))[1]
            return moved

        jacobian = vmap(push, in_dims=2, out_dims=2, chunk_size=COLUMNS)(jacobian)
        norm, guess = spectral_norms(jacobian, guess)
        norms.append(norm)
    return torch.stack(norms, 1)


def spectral_norms(matrices: Tensor, guess: Tensor) -> tuple[Tensor, Tensor]:
    """The largest singular value of each, and the direction that it stretches.

    Args:
        guess: unit directions where power iteration may look first, such as the answer for a matrix near this one.

    Shapes: (count, size, size), (count, size) -> (count,), (count, size)
    """
    if matrices.shape[-1] <= EXACT:
        return torch.linalg.matrix_norm(matrices, 2), guess
    tiny = torch.finfo(matrices.dtype).tiny
    scale = matrices.abs().amax((1, 2)).clamp_min(tiny)  # squares must not vanish
    # A direction drawn anew is never blind to the largest one, as the last answer can be.
    drawn = torch.randn(guess.shape, generator=Generator().manual_seed(0), dtype=guess.dtype)
    scaled, vector = matrices / scale[:, None, None], (guess + drawn / drawn.norm(dim=1, keepdim=True))[..., None]
    vector, norm = vector / vector.norm(dim=1, keepdim=True), torch.zeros_like(scale)
    for _ in range(ITERATIONS):
        image = scaled @ vector
        before, norm = norm, image.norm(dim=1)[:, 0]
        back = scaled.mT @ image
        vector = back / back.norm(dim=1, keepdim=True).clamp_min(tiny)
        if ((norm - before).abs() <= TOLERANCE * norm).all():
            break
    return norm * scale, vector[..., 0]


def depth_norms(core: Recurrent, x: Tensor) -> Tensor:
    """Norm of d output_t / d x_t after 1, 2, ... layers, at the last step t: what a gradient keeps through a stack.

    Shapes: (1, time, inputs) -> (layers,)

    Reference: He et al., 2016, Identity Mappings in Deep Residual Networks, arXiv:1603.05027, equation 5.
    """
    x = x.detach().requires_grad_()
    last: list[Tensor] = []
    read = [its for _, its in readings(core, lambda: last.append(core(x)[0])).values()]
    norms = []
    for output in [*read[1:], *last]:
        rows = [torch.autograd.grad(value, x, retain_graph=True)[0][0, -1] for value in output[0, -1]]
        norms.append(torch.linalg.matrix_norm(torch.stack(rows), 2))
    return torch.stack(norms)
