"""What kind of network is it? By what it can do, never by its name."""

from __future__ import annotations

from torch import nn

from understudy.models.capabilities import (
    Classifies,
    Forecasts,
    HasPosterior,
    Quantises,
    ReadsText,
    Reconstructs,
    Remembers,
    Samples,
    Sparse,
    WritesFrom,
)
from understudy.models.network import Network

FAMILIES: dict[str, tuple[type, ...]] = {
    "autoencoder": (Reconstructs,),
    "sparse": (Sparse,),
    "vae": (HasPosterior,),
    "vq-vae": (Quantises,),
    "recurrent": (Remembers,),
    "forecaster": (Forecasts,),
    "writer": (ReadsText, WritesFrom),
}
NAMES = (*FAMILIES, "classifier", "gan", "rbm")


def families(network: nn.Module) -> frozenset[str]:
    """All that apply. A classifier learns classes alone; a network that merely can tell them is none."""
    found = {name for name, abilities in FAMILIES.items() if isinstance(network, abilities)}
    if isinstance(network, Classifies) and not isinstance(network, Samples | Reconstructs):
        found.add("classifier")
    if isinstance(network, Network) and {"discriminator", "generator"} <= network.players().keys():
        found.add("gan")
    return frozenset(found)
