"""The classifier of film reviews over folds whose test parts share no review, beside a bag of words in each.

    python benchmarks/review_folds.py --folds 5

Each fold learns its vocabulary, its weights and where to stop from its own training and validation parts. Prints the
figures, and keeps them in benchmarks/results/peers/review-folds.json. Needs
`$UNDERSTUDY_DATA/text/review_polarity.tar.gz`. Exit code 1 when the mean accuracy is below 80%.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from machine import describe

import understudy as us
from understudy.files import write_json

RECIPE = Path(__file__).parent.parent / "recipes" / "sequence-classifier-review-polarity.toml"
TARGET = 0.80
COLUMNS = ("accuracy", "bag_of_words_accuracy", "majority_accuracy", "train_seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in COLUMNS}
    with tempfile.TemporaryDirectory() as place:
        for fold in range(options.folds):
            settings = {"folds": options.folds, "fold": fold}
            run = us.train(config=RECIPE, seed=options.seed, out=Path(place) / str(fold), settings=settings, quiet=True)
            for name in COLUMNS:
                found[name].append(run.scores[name])
            print(f"fold {fold}: " + ", ".join(f"{name} {run.scores[name]:.4g}" for name in COLUMNS), flush=True)
    place = RECIPE.parent.parent / "benchmarks" / "results" / "peers" / "review-folds.json"
    write_json(place, {"seed": options.seed, **found, "machine": describe()})
    for name in COLUMNS:
        print(f"{name}: {statistics.fmean(found[name]):.4f} ± {statistics.stdev(found[name]):.4f}")
    if statistics.fmean(found["accuracy"]) < TARGET:
        sys.exit(f"missed: mean accuracy below {TARGET:.0%}")


if __name__ == "__main__":
    main()
