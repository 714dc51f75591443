"""What comes out of hidden layers: units that are silent for every item, units that are saturated, and the scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.subject import Subject

SILENT = 1e-5
"""An output this small is none: a rectifier's is 0, a GELU's at -5 is 1e-6."""
LEVEL, ALWAYS = 0.99, 0.95
"""A unit is saturated where it is this near its end on this share of the items."""
ITEMS = 128
"""A unit is not called silent before so many items have passed."""

BOUNDED: dict[type[nn.Module], tuple[float, float]] = {nn.Tanh: (-1.0, 1.0), nn.Sigmoid: (0.0, 1.0)}
OPEN: tuple[type[nn.Module], ...] = (nn.ReLU, nn.ReLU6, nn.GELU, nn.SiLU, nn.Softplus, nn.ELU, nn.LeakyReLU)
ACTIVATIONS: tuple[type[nn.Module], ...] = (*BOUNDED, *OPEN)
CONVOLUTIONS: tuple[type[nn.Module], ...] = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)
WEIGHTED: tuple[type[nn.Module], ...] = (nn.Linear, *CONVOLUTIONS, nn.RNNBase)


@dataclass
class Seen:
    """What is known of the activation behind one layer of weights.

    Attributes:
        active: which units were active on any item since the last reading.
    """

    kind: str
    active: Tensor | None = None
    units: int = 0
    items: int = 0
    saturated: list[Tensor] = field(default_factory=list)


class Activations(Probe):
    """Reads behind hidden layers; what follows a player's last weights is its output, and may well be saturated.

    `silent_units`: the share that was silent on each of 128 items or more; `saturated_units`: the share that was at an
    end on 95% of a batch; `units`: how many there are; `depth`: the layers' order of use; `output_rms`: of the weights'
    own output. Places are the layers of weights.
    """

    yields = ("silent_units", "saturated_units", "units", "depth", "output_rms")

    def __init__(self) -> None:
        super().__init__()
        self._order: dict[str, int] = {}
        self._seen: dict[str, Seen] = {}
        self._rms: dict[str, Tensor] = {}
        self._latest: tuple[str, bool] | None = None
        self._told: set[str] = set()

    def attach(self, subject: Subject) -> None:
        """Hooks on every layer of weights and on every activation."""
        self._latest, self._rms = None, {}
        for name, module in subject.module.named_modules():
            if isinstance(module, WEIGHTED):
                self.hooks.after_forward(module, self._weights_seer(name, isinstance(module, CONVOLUTIONS)))
            elif isinstance(module, ACTIVATIONS):
                self.hooks.after_forward(module, self._activation_seer(module))

    def _weights_seer(self, name: str, convolves: bool) -> Any:
        def see(inputs: Any, output: Any) -> None:
            self._order.setdefault(name, len(self._order))
            self._latest = name, convolves
            if name not in self._rms:
                values = output[0] if isinstance(output, tuple) else output
                values = values.data if isinstance(values, PackedSequence) else values
                length = torch.linalg.vector_norm(values, dtype=torch.float32)
                self._rms[name] = length / values.numel() ** 0.5

        return see

    def _activation_seer(self, module: nn.Module) -> Any:
        ends = next((ends for kind, ends in BOUNDED.items() if isinstance(module, kind)), None)

        def see(inputs: Any, output: Tensor) -> None:
            if self._latest is None or output.ndim < 2:
                return
            name, convolves = self._latest
            seen = self._seen.setdefault(name, Seen(type(module).__name__))
            units = 1 if convolves else output.ndim - 1
            seen.units = output.shape[units]
            if ends is not None:
                seen.saturated.append(_saturated(output.movedim(units, -1).flatten(0, -2), *ends))
                return
            active = _active(output, [axis for axis in range(output.ndim) if axis != units])  # (units,)
            if seen.active is None or seen.active.shape != active.shape:
                seen.active, seen.items = active, 0
            seen.active = seen.active | active
            seen.items += len(output)

        return see

    def collect(self, subject: Subject) -> Iterable[Reading]:
        """Of hidden layers that were used."""
        hidden = self._hidden(subject)
        readings = [Reading("output_rms", value, name) for name, value in self._rms.items()]
        for name, seen in self._seen.items():
            if name not in hidden:
                seen.saturated.clear()
            elif seen.saturated:
                readings.append(Reading("saturated_units", torch.stack(seen.saturated).amin(0), name))
                readings += self._once("units", seen, name)
                seen.saturated = []
            elif seen.active is not None and seen.items >= ITEMS:
                readings.append(Reading("silent_units", (~seen.active).float().mean(), name))
                readings += self._once("units", seen, name)
                seen.active = None
        new = [name for name in self._order if name not in self._told]
        self._told.update(new)
        return [*readings, *(Reading("depth", self._order[name], name) for name in new)]

    def _once(self, name: str, seen: Seen, place: str) -> list[Reading]:
        key = f"{name} {place}"
        if key in self._told:
            return []
        self._told.add(key)
        return [Reading(name, seen.units, place)]

    def _hidden(self, subject: Subject) -> set[str]:
        """Layers of weights that others of the same player come after."""
        hidden: set[str] = set()
        for player in subject.players.values():
            own = {id(module) for module in player.module.modules()}
            names = [name for name, module in subject.module.named_modules() if id(module) in own]
            used = sorted((name for name in names if name in self._order), key=self._order.__getitem__)
            hidden.update(used[:-1])
        return hidden


def _active(output: Tensor, places: list[int]) -> Tensor:
    """Whether a unit was active anywhere; two reductions, as a copy of a convolution's output would cost ten times as
    much."""
    return (output.amax(places) > SILENT) | (output.amin(places) < -SILENT)


def _saturated(rows: Tensor, low: float, high: float) -> Tensor:
    """The share of units that are near an end, for nearly all rows: (rows, units) -> scalar."""
    middle, half = (low + high) / 2, (high - low) / 2
    return (((rows - middle).abs() > LEVEL * half).float().mean(0) > ALWAYS).float().mean()
