"""Who remembers? The adding problem and the copy-memory task at several lengths, cell by cell.

    python benchmarks/memory_tasks.py adding --lengths 50 100 --cells lstm gru --steps 3000
    python benchmarks/memory_tasks.py                     print what is kept

Each trial is one seed of one cell at one length: training on fresh items until the validation loss is at half of what
counts as learnt, or the steps are spent; then the test items, once. Kept in benchmarks/results/memory.
"""

import argparse
import itertools
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from understudy.data.batches import in_order
from understudy.data.dataset import Dataset
from understudy.data.memory_problems import PROBLEMS, RECALLED, SYMBOLS, problem
from understudy.errors import Diverged
from understudy.evaluation.jacobians import flow
from understudy.files import read_json, write_json
from understudy.models.memory_probe import MemoryProbe, MemoryProbeConfig
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import Observer, train
from understudy.training.session import Session

RESULTS = Path(__file__).parent / "results" / "memory"
HIDDEN, BATCH = 100, 20
FOLLOWED = 3
"""Test items on which the gradient is followed."""


@dataclass(frozen=True)
class Kind:
    """A cell as it is tried here.

    Attributes:
        rate: learning rate of each problem, chosen at length 50 in 2,000 steps by validation: the first to learn it, or
            else the lowest loss; of 3e-4, 1e-3 and 4e-3, for cells with gates of 1e-3, 4e-3 and 1e-2
            (lstm-long at copying: of the first two).
        long: the LSTM's gates begin open for as long as the problem lasts.
    """

    cell: Any
    rate: dict[str, float]
    long: bool = False


KINDS = {
    "rnn": Kind("rnn", {"adding": 1e-3, "copy-memory": 1e-3}),
    "irnn": Kind("irnn", {"adding": 4e-3, "copy-memory": 1e-3}),
    "gru": Kind("gru", {"adding": 1e-2, "copy-memory": 1e-2}),
    "lstm": Kind("lstm", {"adding": 1e-2, "copy-memory": 4e-3}),
    "lstm-long": Kind("lstm", {"adding": 1e-2, "copy-memory": 4e-3}, long=True),
}


BASELINES: dict[str, tuple[Callable[[int], float], float]] = {
    "adding": (lambda length: 1 / 6, 0.1),  # always 1: the variance of a sum of two numbers from 0 to 1
    "copy-memory": (lambda length: RECALLED * math.log(SYMBOLS) / (length + 2 * RECALLED), 0.5),  # any of the eight
}
"""The loss of the best answer without a memory, by length; and the share of it below which a problem is learnt."""


class Learnt(Observer):
    """Notes when the validation loss first is at what counts as learnt, and stops training at half of that."""

    def __init__(self, threshold: float) -> None:
        self.threshold, self.loss, self.step = threshold, float("inf"), None

    def on_event(self, event: Any) -> None:
        """Look at a validation."""
        if event["event"] == "validation":
            self.loss = event["loss"]["loss"]
            if self.step is None and self.loss < self.threshold:
                self.step = event["step"]

    def __call__(self) -> bool:
        """Whether training has done enough."""
        return self.loss < self.threshold / 2


def trial(name: str, length: int, cell: str, steps: int, rate: float, seed: int) -> dict[str, Any]:
    """Train one cell on one problem; the result as it is kept."""
    kind, (baseline, share) = KINDS[cell], BASELINES[name]
    config = TrainingConfig(steps=steps, batch=BATCH, learning_rate=rate, clip_norm=1.0, validate_every=100)
    data = problem(name, length)
    data = replace(data, train=replace(data.train, count=steps * BATCH))  # type: ignore[type-var]
    torch.manual_seed(seed)
    network = MemoryProbe(MemoryProbeConfig(cell=kind.cell, hidden_dim=HIDDEN, open_gates=kind.long), data.spec)
    learnt = Learnt(share * baseline(length))
    session = Session(network, data, config, Engine(torch.device("cpu"), "fp32"), seed)
    before = gradient_left(network, data)
    result = {"cell": cell, "length": length, "seed": seed, "steps": steps, "learning_rate": rate}
    result["baseline"] = baseline(length)
    try:
        train(session, [learnt], learnt)
    except Diverged as error:
        return result | {"test_loss": None, "learnt": False, "diverged": str(error)}
    loss = judged(network, data)
    return result | {
        "trained_steps": session.progress.step,
        "validation_loss": learnt.loss,
        "test_loss": loss,
        "learnt": loss < learnt.threshold,
        "learnt_at_step": learnt.step,
        "gradient_left_untrained": before,
        "gradient_left_trained": gradient_left(network, data),
    }


def gradient_left(network: MemoryProbe, data: Dataset) -> float:
    """Norm of the gradient that comes from the last state to the first, the median of some test items."""
    x = data.test.take(torch.arange(FOLLOWED)).x
    layer = network.recurrent.layers[0]
    return statistics.median(flow(layer, row[None], x.shape[1] - 1, 1).norms[0, -1].item() for row in x)


def judged(network: MemoryProbe, data: Dataset) -> float:
    """Mean loss of the test items."""
    network.eval()
    with torch.no_grad():
        losses = [(network.loss(batch)["loss"].item(), len(batch)) for batch in in_order(data.test, 100)]
    return sum(loss * count for loss, count in losses) / len(data.test)


def keep(problem: str, result: dict[str, Any]) -> None:
    """Put a trial into the problem's file, in place of an earlier one of its kind."""
    path = RESULTS / f"{problem}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = read_json(path)["trials"] if path.is_file() else []
    key = ("length", "cell", "seed")
    others = [it for it in kept if [it[name] for name in key] != [result[name] for name in key]]
    trials = sorted([*others, result], key=lambda it: (it["length"], list(KINDS).index(it["cell"]), it["seed"]))
    write_json(
        path, {"problem": problem, "hidden_dim": HIDDEN, "date": datetime.now(UTC).date().isoformat(), "trials": trials}
    )


def print_table(problem: str) -> None:
    """What is kept of a problem, in Markdown: a line for each cell, a column for each length."""
    trials = read_json(RESULTS / f"{problem}.json")["trials"]
    lengths = sorted({it["length"] for it in trials})
    budgets = [max(it["steps"] for it in trials if it["length"] == length) for length in lengths]
    heads = [f"{length} (of {budget:,} steps)" for length, budget in zip(lengths, budgets, strict=True)]
    print("|".join(["", problem, *heads, ""]), "|".join(["", *["---"] * (1 + len(lengths)), ""]), sep="\n")
    for cell in KINDS:
        of_cell = [[it for it in trials if it["length"] == length and it["cell"] == cell] for length in lengths]
        print("|".join(["", cell, *(told(found) for found in of_cell), ""]))
    print()


def told(found: list[dict[str, Any]]) -> str:
    """Trials of one cell at one length: when it learnt or its loss over the baseline's, and the gradient left."""
    return "; ".join(_outcome(it) + _gradient(it) for it in found)


def _outcome(result: dict[str, Any]) -> str:
    if result["test_loss"] is None:
        return "diverged"
    if result["learnt"]:
        return f"**learnt**, step {result['learnt_at_step']:,}"
    return f"{result['test_loss'] / result['baseline']:.2f} of the baseline"


def _gradient(result: dict[str, Any]) -> str:
    values = [result.get(f"gradient_left_{when}") for when in ("untrained", "trained")]
    return "" if None in values else f" ({values[0]:.1g} to {values[1]:.1g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", nargs="?", choices=PROBLEMS, help="unset: print what is kept")
    parser.add_argument("--lengths", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--cells", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, help="in place of the cell's own; the trial is then shown, not kept")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.problem is None:
        for path in sorted(RESULTS.glob("*.json")):
            print_table(path.stem)
        return
    for length, cell in itertools.product(options.lengths, options.cells):
        rate = options.rate or KINDS[cell].rate[options.problem]
        result = trial(options.problem, length, cell, options.steps, rate, options.seed)
        print(result, flush=True)
        if options.rate is None:
            keep(options.problem, result)


if __name__ == "__main__":
    main()
