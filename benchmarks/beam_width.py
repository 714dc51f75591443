"""What does a wider beam buy a small encoder, and what a large one? Translators of rising encoder size, each trained on
the same data for as many steps, and its test sentences translated greedily and with beams of 2, 5 and 10.

    python benchmarks/beam_width.py --data dates --steps 250

Prints the table; keeps it in benchmarks/results/peers/beam-width-DATA.json, and a picture of it in
docs/pictures/beam-width-DATA.svg.
"""

import argparse
from pathlib import Path
from typing import Any, cast

import torch
from machine import describe

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.pairs import PairItems
from understudy.data.sources import load
from understudy.data.spec import PairSpec
from understudy.evaluation.beams import SHOWN, Width, first, widths
from understudy.files import write_json, write_text
from understudy.models.translator import Translator
from understudy.report.picture import lines_file
from understudy.runs.runfile import RunFile, read_run_file, resolve
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.session import Session

ROOT = Path(__file__).parent.parent
SIZES = (32, 64, 128, 256)


def trained(file: RunFile, data: Dataset, size: int) -> Translator:
    """The recipe's translator with an encoder of this size."""
    torch.manual_seed(file.seed)
    network = cast(Translator, models.build("translator", {**file.model, "encoder_dim": size}, data.spec))
    session = Session(network, data, file.training, choose_engine(file.training, network), file.seed)
    train(session)
    network.load_state_dict(session.weights())
    return network.eval()


def row(size: int, found: Width, greedy: Width) -> dict[str, float]:
    """One line of the table; a gain is over greedy search by the same network."""
    judge = "bleu" if "bleu" in found.scores else "exact_match"
    return {
        "encoder_dim": size,
        "beam": found.beam,
        "score": round(found.score, 4),
        "log_probability": round(found.log_probability, 4),
        **{name: round(value, 4) for name, value in found.scores.items()},
        f"gain_in_{judge}": round(found.scores[judge] - greedy.scores[judge], 4),
        "seconds": round(found.seconds, 2),
    }


def plot(rows: list[dict[str, float]]) -> dict[str, Any]:
    """What each width of the beam gains over greedy search, by the encoder's size."""
    judge = next(name for name in rows[0] if name.startswith("gain_in_"))
    sizes = sorted({row["encoder_dim"] for row in rows})
    beams = sorted({row["beam"] for row in rows} - {1})
    gains = {(row["encoder_dim"], row["beam"]): row[judge] for row in rows}
    return {
        "kind": "lines",
        "x_label": "units of the encoder",
        "y_label": judge.replace("_", " ").replace("bleu", "BLEU"),
        "log_x": True,
        "log_y": False,
        "x_ticks": [[size, str(size)] for size in sizes],
        "series": [
            {"name": f"beam {beam}", "x": sizes, "y": [gains[size, beam] for size in sizes], "style": "line"}
            for beam in beams
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="dates", help="recipes/translator-DATA.toml has the other settings")
    parser.add_argument("--steps", type=int, default=250, help="few: a network without errors gains nothing")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    asked = dict(read_run_file(ROOT / "recipes" / f"translator-{options.data}.toml"))
    file = resolve(asked, {"steps": options.steps})
    data = load(file.source, file.data)
    items, rows = first(cast(PairItems, data.test), SHOWN), []
    for size in options.sizes:
        found = widths(trained(file, data, size), items, cast(PairSpec, data.spec))
        rows += [row(size, it, found[0]) for it in found]
        print(*rows[-len(found) :], sep="\n", flush=True)
    table = {"data": options.data, "steps": options.steps, "sentences": len(items), "machine": describe(), "rows": rows}
    write_json(ROOT / "benchmarks" / "results" / "peers" / f"beam-width-{options.data}.json", table)
    drawn = lines_file([("What a wider beam gains over greedy search, by the encoder's size", plot(rows))])
    write_text(ROOT / "docs" / "pictures" / f"beam-width-{options.data}.svg", drawn)


if __name__ == "__main__":
    main()
