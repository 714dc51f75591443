"""Who is who in a loop: modules and optimizers by name, and which parameter belongs to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.notes import Notes
from understudy.doctor.watch.source import made_at
from understudy.errors import OptionError

Modules = nn.Module | Iterable[nn.Module] | Mapping[str, nn.Module]
Optimizers = Optimizer | Iterable[Optimizer]


@dataclass
class Scene:
    """What the senses look at.

    Attributes:
        modules: the watched networks, by name; an empty name where there is one.
        optimizers: by whose parameters they move; an empty name where there is one.
        names: of every parameter of the modules, by its identity.
        movers: the optimizers that move a parameter, by its identity.
        made, made_networks: where each optimizer and each network was made.
        file, asked: the user's file, and its line that calls `watch`.
    """

    modules: dict[str, nn.Module]
    optimizers: dict[str, Optimizer]
    notes: Notes
    names: dict[int, str] = field(default_factory=dict)
    movers: dict[int, list[str]] = field(default_factory=dict)
    made: dict[str, Line] = field(default_factory=dict)
    made_networks: dict[str, Line] = field(default_factory=dict)
    file: str = ""
    asked: Line | None = None

    def parts(self) -> Iterable[tuple[str, nn.Module]]:
        """Every layer of every network, with its name."""
        for name, module in self.modules.items():
            for place, part in module.named_modules():
                yield ".".join(filter(None, (name, place))), part

    def parameters(self) -> dict[str, nn.Parameter]:
        """Of all networks, by name; one that two networks share has the first one's."""
        return {
            ".".join(filter(None, (name, place))): parameter
            for name, module in self.modules.items()
            for place, parameter in module.named_parameters()
        }

    def know_parameters(self) -> None:
        """Take note of whose they are."""
        self.names.update({id(parameter): name for name, parameter in self.parameters().items()})
        for player, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    self.movers.setdefault(id(parameter), []).append(player)

    def moved_by(self, player: str) -> list[Tensor]:
        """The parameters of an optimizer that may move."""
        groups = self.optimizers[player].param_groups
        return [weight for group in groups for weight in group["params"] if weight.requires_grad]


def set_scene(modules: Any, optimizers: Any, frame: FrameType | None) -> Scene:
    """Give names to what the user passed; several modules have those of the user's variables.

    Raises:
        OptionError: something passed is no module or no optimizer.
    """
    known = {**frame.f_globals, **frame.f_locals} if frame is not None else {}
    file = frame.f_code.co_filename if frame is not None else ""
    networks = _networks(modules, known)
    found = [optimizers] if isinstance(optimizers, Optimizer) else _listed(optimizers, "optimizers")
    for one in found:
        if not isinstance(one, Optimizer):
            raise OptionError(f"watch takes torch optimizers, got {type(one).__name__}; pass one, or a list of them")
    scene = Scene(networks, dict(zip(_players(networks, found), found, strict=True)), Notes(), file=file)
    scene.asked = Line(file, frame.f_lineno) if frame is not None else None
    scene.know_parameters()
    for made, objects in ((scene.made, scene.optimizers), (scene.made_networks, scene.modules)):
        for name, one in objects.items():
            if (line := made_at(one, known, file)) is not None:
                made[name] = line
    return scene


def _networks(modules: Any, known: Mapping[str, Any]) -> dict[str, nn.Module]:
    if isinstance(modules, nn.Module):
        return {"": modules}
    if isinstance(modules, Mapping):
        found = dict(modules)
    else:
        listed = _listed(modules, "modules")
        theirs = {id(value): name for name, value in known.items() if isinstance(value, nn.Module)}
        found = {theirs.get(id(one), str(number)): one for number, one in enumerate(listed)}
    for one in found.values():
        if not isinstance(one, nn.Module):
            raise OptionError(f"watch takes torch modules, got {type(one).__name__}; pass one, a list, or a dict")
    return {"": next(iter(found.values()))} if len(found) == 1 else found


def _listed(given: Any, what: str) -> list[Any]:
    if not isinstance(given, Iterable):
        raise OptionError(f"watch takes torch {what}, got {type(given).__name__}; pass one, or several in a list")
    return list(given)


def _players(networks: Mapping[str, nn.Module], optimizers: list[Optimizer]) -> list[str]:
    """A name for each optimizer: of the network that owns all of its parameters, if no other one has it."""
    if len(optimizers) == 1:
        return [""]
    names: list[str] = []
    for number, optimizer in enumerate(optimizers, 1):
        mine = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
        owners = [name for name, one in networks.items() if mine <= {id(weight) for weight in one.parameters()}]
        free = len(owners) == 1 and owners[0] and owners[0] not in names
        names.append(owners[0] if free else f"optimizer {number}")
    return names
