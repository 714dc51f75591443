"""VAEs blur and GANs are sharp, says every textbook: both for the same minutes on MNIST, with scores and samples.

    python benchmarks/vae_against_gan.py --minutes 4 --seeds 3

Every network as `understudy train NAME --data mnist` has it, the budget apart. Nothing is chosen, so nothing is ranked.
Goes on where it was stopped. Keeps the scores in benchmarks/results/vae-against-gan, the page that compares them beside
the runs, and the samples of the first seed, below real digits, as docs/pictures/vae-against-gan.png. The table of
docs/vae_against_gan.md is what it prints.
"""

import argparse
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from machine import describe
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import understudy as us
from understudy.data.sources import load
from understudy.evaluation.figures import grid, save_picture
from understudy.evaluation.pictures import some
from understudy.files import write_json
from understudy.report.metrics import metric
from understudy.runs.compare import Group

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "vae-against-gan"
PICTURE = ROOT / "docs" / "pictures" / "vae-against-gan.png"
NETWORKS = ("vae", "gan", "dcgan", "r3gan")
SHOWN = (
    "sharpness",
    "fid_lenet",
    "precision",
    "recall",
    "density",
    "coverage",
    "class_tv",
    "missing_classes",
    "copied",
)
COLUMNS, ROWS, LABEL, SCALE = 16, 2, 16, 2


def markdown(groups: Sequence[Group]) -> str:
    """A row for each score, a column for each network, real digits beside where there is a score of them."""
    names = [str(us.load(group.directories[0]).record["network"]) for group in groups]
    head = ["score", *names, "real digits"]
    lines = [head, ["---"] * len(head)]
    for name in (*SHOWN, "steps"):
        cells = [_cell(group, name) for group in groups]
        real = next((_cell(group, f"real_{name}") for group in groups if f"real_{name}" in group.scores), "")
        note = f", {metric(name).note}" if metric(name).note else ""
        lines.append([f"{metric(name).label}{note}", *cells, real])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(group: Group, name: str) -> str:
    if name not in group.scores:
        return ""
    mean, deviation, _ = group.scores[name]
    shown = metric(name).format(mean)
    return shown if math.isnan(deviation) else f"{shown} ± {deviation:.2g}"


def sheet(runs: Sequence[us.Run]) -> NDArray[np.uint8]:
    """Rows of real digits, then of each run's samples, each below its name."""
    count = COLUMNS * ROWS
    real = some(load("mnist").test, count, 0).x
    parts = {"real digits, held out": real}
    parts |= {str(run.record["network"]): torch.from_numpy(run.sample(count)) for run in runs}
    return np.concatenate([_labelled(name, grid(pictures, COLUMNS)) for name, pictures in parts.items()])


def _labelled(name: str, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = (SCALE * size for size in pictures.shape)
    page = Image.new("L", (width, height + LABEL), 255)
    ImageDraw.Draw(page).text((2, 2), name, fill=0)
    page.paste(Image.fromarray(pictures.repeat(SCALE, 0).repeat(SCALE, 1)), (0, LABEL))
    return np.asarray(page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--networks", nargs="*", default=NETWORKS)
    parser.add_argument("--out", type=Path, default=Path("runs/vae-against-gan"))
    options = parser.parse_args()
    budget = f"{options.minutes:g}min"
    found = us.sweep(
        data="mnist", vary={"network": list(options.networks)}, seeds=options.seeds, budget=budget, out=options.out
    )
    if found.status != "finished":
        raise SystemExit(f"{found.status}: the same command goes on")
    comparison = us.compare([found.path / outcome.folder for row in found.rows for outcome in row.outcomes])
    print(comparison)
    print(comparison.save(options.out / "comparison.html"))
    print(markdown(comparison.groups))
    RESULTS.mkdir(parents=True, exist_ok=True)
    scores = {
        us.load(group.directories[0]).record["network"]: {
            name: {"mean": mean, "deviation": None if math.isnan(deviation) else deviation, "seeds": seeds}
            for name, (mean, deviation, seeds) in group.scores.items()
        }
        for group in comparison.groups
    }
    kept = {"command": f"python benchmarks/vae_against_gan.py --minutes {options.minutes:g} --seeds {options.seeds}"}
    day = datetime.now(UTC).date().isoformat()
    write_json(RESULTS / "scores.json", {**kept, "scores": scores, "machine": describe(), "date": day})
    save_picture(PICTURE, sheet([us.load(group.directories[0]) for group in comparison.groups]))


if __name__ == "__main__":
    main()
