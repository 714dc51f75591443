"""How many modes of the data each GAN reaches: eight normal densities on a ring, and the thousand of Stacked-MNIST.

    python benchmarks/modes.py gaussians --seeds 10
    python benchmarks/modes.py stacked-mnist --seeds 1

On each set the networks have equal budgets of steps and batches, and the settings below. The result is kept in
benchmarks/results/modes/<set>.json.

Expected: r3gan reaches all eight in ten of ten seeds. Published for Stacked-MNIST (Lin et al., 2018, PacGAN, table 2):
DCGAN 99.0 modes, KL 3.40; a re-run 78.9; PacDCGAN2 1000 and 0.06.
"""

import argparse
import json
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from machine import describe

import understudy as us
from understudy.files import write_json

RESULTS = Path(__file__).parent / "results" / "modes"
SMALL = {"hidden": (128, 128), "learning_rate": 1e-3, "batch": 128}
POINTS = {"r1": 0.1, "r2": 0.1}
CONV = {"channels": (32, 64), "learning_rate": 5e-4, "schedule": "constant", "noise_kinds": 0}
NETWORKS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "gaussians": {
        "GAN of 2014": ("gan", {**SMALL}),
        "PacGAN of two": ("gan", {**SMALL, "packing": 2}),
        "WGAN-GP": ("wgan-gp", {**SMALL, "gradient_penalty": 1.0}),
        "R3GAN": ("r3gan", {**SMALL, **POINTS, "schedule": "cosine"}),
    },
    "stacked-mnist": {
        "DCGAN": ("dcgan", {**CONV}),
        "PacDCGAN of two": ("dcgan", {**CONV, "packing": 2}),
        "R3GAN": ("r3gan", {**CONV}),
    },
}
STEPS = {"gaussians": 2000, "stacked-mnist": 5000}
SHOWN = ("modes", "high_quality", "mode_kl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=NETWORKS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="of each training")
    parser.add_argument("--only", choices=sorted({label for nets in NETWORKS.values() for label in nets}))
    options = parser.parse_args()
    steps = options.steps or STEPS[options.data]
    path = RESULTS / f"{options.data}.json"
    found: dict[str, Any] = json.loads(path.read_text())["networks"] if path.is_file() else {}
    for label, (network, settings) in NETWORKS[options.data].items():
        if options.only not in (None, label):
            continue
        scores = []
        for seed in range(options.seeds):
            with tempfile.TemporaryDirectory() as place:
                run = us.train(
                    network, data=options.data, steps=steps, seed=seed, out=Path(place) / "run", quiet=True,
                    settings=settings,
                )  # fmt: skip
                scores.append({key: run.scores[key] for key in (*SHOWN, "train_seconds") if key in run.scores})
            print(label, seed, scores[-1], flush=True)
        found[label] = {
            "network": network,
            "settings": settings,
            "steps": steps,
            "seeds": options.seeds,
            "mean": {key: statistics.fmean(it[key] for it in scores) for key in scores[0]},
            "values": scores,
        }
        RESULTS.mkdir(parents=True, exist_ok=True)
        date = datetime.now(UTC).date().isoformat()
        write_json(path, {"data": options.data, "networks": found, "machine": describe(), "date": date})


if __name__ == "__main__":
    main()
