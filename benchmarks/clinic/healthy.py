"""Healthy runs: every network of the house and every loop, with reasonable settings drawn at random."""

from benchmarks.clinic.fault import Case, House, Loop
from benchmarks.clinic.settings import HEALTHY as NETWORKS

LOOPS = {"classifier": 4, "copier": 2, "regression": 3, "game": 2, "writer": 3, "reader": 3, "turner": 2}
"""How often of each in a round of all."""
KINDS: dict[str, Case] = {name: House(make) for name, (_, make) in NETWORKS.items()} | {
    f"loop-{name}": Loop(name) for name in LOOPS
}
ROUND: tuple[str, ...] = tuple(
    name
    for names in (
        {name: often for name, (often, _) in NETWORKS.items()},
        {f"loop-{name}": often for name, often in LOOPS.items()},
    )
    for name, often in names.items()
    for _ in range(often)
)
