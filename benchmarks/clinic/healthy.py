"""Healthy runs: every network of the house and every loop, with reasonable settings drawn at random."""

from benchmarks.clinic.fault import Case, House, Loop
from benchmarks.clinic.settings import HEALTHY as NETWORKS
from benchmarks.clinic.settings import numpy_autoencoder

LOOPS = {"classifier": 4, "copier": 2, "regression": 3, "game": 2, "writer": 3, "reader": 3, "turner": 2}
"""How often of each in a round of all."""
ADDED: dict[str, Case] = {
    "loop-by_hand": Loop("by_hand"), "loop-boltzmann": Loop("boltzmann"), "numpy-autoencoder": House(numpy_autoencoder),
}  # fmt: skip
"""Those that came with the faults that were added, and are in a round of their own."""
KINDS: dict[str, Case] = (
    {name: House(make) for name, (_, make) in NETWORKS.items()} | {f"loop-{name}": Loop(name) for name in LOOPS} | ADDED
)
ROUND: tuple[str, ...] = tuple(
    name
    for names in (
        {name: often for name, (often, _) in NETWORKS.items()},
        {f"loop-{name}": often for name, often in LOOPS.items()},
    )
    for name, often in names.items()
    for _ in range(often)
)
