"""What does a wider beam buy a small encoder, and what a large one? Translators of rising encoder size, each trained on
the same data for as many steps, and its test sentences translated greedily and with beams of 2, 5 and 10.

    python benchmarks/beam_width.py --data dates --steps 600

Writes benchmarks/results/beam-width-DATA.json; its table is printed.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, cast

from machine import describe

import understudy as us
from understudy.data.pairs import PairItems
from understudy.data.sources import load
from understudy.data.spec import PairSpec
from understudy.evaluation.beams import SHOWN, WIDTHS, Width, first, widths
from understudy.files import write_json
from understudy.runs.runfile import read_run_file, resolve

RESULTS = Path(__file__).parent / "results"
SIZES = (32, 64, 128, 256)


def measure(asked: dict[str, Any], size: int, place: Path) -> list[Width]:
    """A translator with this encoder, and every width of the beam."""
    run = us.train(config=asked, encoder_dim=size, out=place / str(size), quiet=True)
    data = load(asked["data"]["source"], resolve(run.record["config"], {}).data)
    items = first(cast(PairItems, data.test), SHOWN)
    return widths(cast(Any, run.model), items, cast(PairSpec, run.spec), WIDTHS)


def row(size: int, found: Width, greedy: Width) -> dict[str, float]:
    """One line of the table; `gain` is over greedy search by the same network."""
    judge = "bleu" if "bleu" in found.scores else "exact_match"
    gain = found.scores[judge] - greedy.scores[judge]
    return {
        "encoder_dim": size,
        "beam": found.beam,
        "score": round(found.score, 4),
        **{name: round(value, 4) for name, value in found.scores.items()},
        f"gain_in_{judge}": round(gain, 4),
        "seconds": round(found.seconds, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="dates", help="a recipe translator-DATA has the rest of the settings")
    parser.add_argument("--steps", type=int, default=600, help="few: a beam has little to mend in a perfect network")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    recipe = RESULTS.parent.parent / "recipes" / f"translator-{options.data}.toml"
    asked = dict(read_run_file(recipe))
    asked["training"] = {**asked["training"], "steps": options.steps}
    asked["training"].pop("minutes", None)
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as place:
        for size in options.sizes:
            found = measure(asked, size, Path(place))
            rows += [row(size, it, found[0]) for it in found]
            print(*rows[-len(found) :], sep="\n", flush=True)
    table = {"data": options.data, "steps": options.steps, "sentences": SHOWN, "rows": rows, "machine": describe()}
    write_json(RESULTS / f"beam-width-{options.data}.json", table)


if __name__ == "__main__":
    main()
