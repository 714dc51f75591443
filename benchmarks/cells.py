"""What fusing a recurrent layer saves: forward and backward of the library's layer and of the cell written out.

    python benchmarks/cells.py

Batch 64, length 64, 512 units; medians of interleaved rounds, in milliseconds.
"""

import statistics
import time

import torch
from machine import describe

from understudy.layers.cells import Unrolled
from understudy.layers.recurrent import FUSED

ROUNDS, BATCH, TIME, HIDDEN = 7, 64, 64, 512


def milliseconds(layer: torch.nn.Module, x: torch.Tensor, state: object, precision: torch.dtype) -> float:
    begin = time.perf_counter()
    with torch.autocast("cpu", precision, enabled=precision is torch.bfloat16):
        layer(x, state)[0].float().sum().backward()
    return 1e3 * (time.perf_counter() - begin)


def main() -> None:
    print(describe())
    for cell, build in FUSED.items():
        layers = {"fused": build(HIDDEN, HIDDEN), "written out": Unrolled(cell, HIDDEN, HIDDEN)}
        layers["written out"].load_state_dict(layers["fused"].state_dict())
        rest = (torch.zeros(BATCH, HIDDEN),) * (2 if cell == "lstm" else 1)
        states = {"fused": None, "written out": rest}
        for precision in (torch.float32, torch.bfloat16):
            took: dict[str, list[float]] = {name: [] for name in layers}
            for _ in range(ROUNDS):
                x = torch.randn(BATCH, TIME, HIDDEN)
                for name, layer in layers.items():
                    took[name].append(milliseconds(layer, x, states[name], precision))
            shown = ", ".join(f"{name} {statistics.median(values):.0f} ms" for name, values in took.items())
            print(f"{cell} {precision}: {shown}", flush=True)


if __name__ == "__main__":
    main()
