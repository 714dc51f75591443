"""Forward and backward of a recurrent layer: the library's fused one, and the cell written out.

    python benchmarks/cells.py

Length 64, 512 units; medians of interleaved rounds, in milliseconds.
"""

import itertools
import statistics
import time

import torch
from machine import describe

from understudy.layers.cells import Unrolled
from understudy.layers.recurrent import FUSED

ROUNDS, TIME, HIDDEN = 7, 64, 512


def milliseconds(layer: torch.nn.Module, x: torch.Tensor, state: object, precision: torch.dtype) -> float:
    begin = time.perf_counter()
    with torch.autocast("cpu", precision, enabled=precision is torch.bfloat16):
        y = layer(x, state)[0]
    y.float().sum().backward()
    return 1e3 * (time.perf_counter() - begin)


def main() -> None:
    print(describe())
    for cell, build in FUSED.items():
        layers = {"fused": build(HIDDEN, HIDDEN), "written out": Unrolled(cell, HIDDEN, HIDDEN)}
        for batch, precision in itertools.product((16, 64), (torch.float32, torch.bfloat16)):
            rest = (torch.zeros(batch, HIDDEN),) * (2 if cell == "lstm" else 1)
            states = {"fused": None, "written out": rest}
            took: dict[str, list[float]] = {name: [] for name in layers}
            for _ in range(ROUNDS):
                x = torch.randn(batch, TIME, HIDDEN)
                for name, layer in layers.items():
                    took[name].append(milliseconds(layer, x, states[name], precision))
            shown = ", ".join(f"{name} {statistics.median(values):.0f} ms" for name, values in took.items())
            print(f"{cell}, batch {batch}, {str(precision)[6:]}: {shown}", flush=True)


if __name__ == "__main__":
    main()
