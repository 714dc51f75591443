"""The machine's limit: the rate of its matrix products, by precision.

A training step costs three times its forward pass's multiply-adds (forward, and backward to inputs and weights), so
`3 * multiply_adds * items / rate` is the least time that training can take; `share` says how near a run came.
"""

import os
import platform
import time

import torch

from understudy.training.engine import bf16_available

SIZE, REPEATS = 2048, 10


def matrix_rate(precision: torch.dtype) -> float:
    """Multiply-adds per second of a square matrix product, the best of several."""
    left, right = (torch.randn(SIZE, SIZE).to(precision) for _ in range(2))
    best = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - begin)
    return SIZE**3 / best


def describe() -> dict[str, object]:
    """The machine, for beside a figure."""
    rates = {"fp32": matrix_rate(torch.float32)}
    if bf16_available(torch.device("cpu")):
        rates["bf16"] = matrix_rate(torch.bfloat16)
    return {
        "processor": torch.cpu.get_capabilities().get("cpu_name") or platform.processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "giga_multiply_adds_per_second": {name: round(rate / 1e9, 1) for name, rate in rates.items()},
    }


def share(multiply_adds: int, items: float, seconds: float, rate: float) -> float:
    """The least time that training could take over the time that it took."""
    return 3 * multiply_adds * items / rate / seconds


if __name__ == "__main__":
    print(describe())
