"""What is known of a run beside its signals: rules may read it, and it does not change while the run lasts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Layer:
    """A layer with an activation or weights, in the order of its first use.

    Attributes:
        place: its name in the network, such as `encoder.1`.
        kind: the module's class, such as `ReLU`.
        units: features (channels of a convolution) that come out of it.
        player: whose it is.
    """

    place: str
    kind: str
    units: int = 0
    player: str = ""


@dataclass(frozen=True)
class Facts:
    """Static facts; what is unknown stays at its default, and a rule that needs it is not applicable.

    Attributes:
        families: what the network is: `autoencoder`, `vae`, `vq-vae`, `gan`, `recurrent`, `classifier`, `writer`,
            `forecaster`; several may hold, and none.
        network: its name in the table; empty for a loop of the user's own.
        data: the spec's kind, such as `image`.
        classes: classes of the data or outputs of a classifier.
        items: training items.
        parameters: numbers that are learnt.
        steps: steps in the budget, where it is in steps.
        epoch_steps: steps in a pass over the training data.
        players: whose turns there are, if several.
        layers: see `Layer`.
        config: the run file's tables: `model`, `training`, `data`, `doctor`, each a mapping.
    """

    families: frozenset[str] = frozenset()
    network: str = ""
    data: str = ""
    classes: int = 0
    items: int = 0
    batch: int = 0
    parameters: int = 0
    steps: int | None = None
    epoch_steps: int = 0
    players: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    def option(self, name: str, default: Any = None) -> Any:
        """An option of the run file, from whichever of its tables has it."""
        for table in ("model", "training", "data"):
            if name in (options := self.config.get(table, {})):
                return options[name]
        return default

    def layer(self, place: str) -> Layer:
        """The layer of this name; one without units where it is not known."""
        return next((layer for layer in self.layers if layer.place == place), Layer(place, ""))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**dataclasses.asdict(self), "families": sorted(self.families)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Facts:
        """The inverse of `to_json`; a field that this version does not know is left out."""
        known = {name.name for name in dataclasses.fields(cls)}
        given = {name: item for name, item in value.items() if name in known}
        given["families"] = frozenset(given.get("families", ()))
        given["players"] = tuple(given.get("players", ()))
        given["layers"] = tuple(Layer(**layer) for layer in given.get("layers", ()))
        return cls(**given)
