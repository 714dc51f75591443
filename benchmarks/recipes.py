"""Train recipes over seeds, and keep each one's figure, with its spread and its machine, in benchmarks/results.

    python benchmarks/recipes.py vae-mnist --seeds 3

The README's and the pages' figures are read from there (`make docs`). Exit code 1 when a figure misses its target.
"""

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from machine import describe, share

import understudy as us
from understudy.files import write_json
from understudy.layers.summary import multiply_adds

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Figure:
    """The score that a recipe is for.

    Attributes:
        target: what it must reach at most, or at least where `high`.
        published: what others report, and under which conditions.
    """

    score: str
    target: float | None = None
    high: bool = False
    published: str = ""

    def missed(self, value: float) -> bool:
        """Whether a value falls short of the target."""
        if self.target is None:
            return False
        return value < self.target if self.high else value > self.target


FIGURES = {
    "vae-mnist": Figure("nll", 88.0, published="86.76 (Burda et al., 2016; 784-200-200-50, 3,280 epochs)"),
    "vae-classic-mnist": Figure("nll", published="89.78 (pythae; static binarisation, 500 epochs)"),
    "deep-autoencoder-mnist": Figure("squared_error_per_image", 3.6, published="3.00 (2006, with pretraining)"),
    "autoencoder-mnist": Figure("mse"),
    "conv-autoencoder-mnist": Figure("mse"),
    "denoising-autoencoder-mnist": Figure("denoising_gain_db"),
    "sparse-autoencoder-mnist": Figure("code_activity"),
    "sparse-autoencoder-l1-mnist": Figure("code_activity"),
    "contractive-autoencoder-mnist": Figure("shift_sensitivity"),
    "contractive-plain-mnist": Figure("shift_sensitivity"),
    "numpy-autoencoder-mnist": Figure("mse", 0.0104, published="0.0104 (a student's, 20 epochs)"),
    "numpy-logbook-relu-mnist": Figure("mse", 0.017, published="0.017 (a student's logbook)"),
    "numpy-logbook-sigmoid-mnist": Figure("mse", published="0.017 (a student's logbook)"),
    "numpy-logbook-tanh-mnist": Figure("mse", published="0.017 (a student's logbook)"),
    "conditional-vae-mnist": Figure("asked_class", 0.95, high=True),
    "conditional-gan-mnist": Figure("asked_class", 0.95, high=True),
    "gan-mnist": Figure("fid_lenet"),
    "dcgan-mnist": Figure("fid_lenet"),
    "dcgan-plain-mnist": Figure("fid_lenet"),
    "dcgan-little-mnist": Figure("fid_lenet"),
    "dcgan-little-augmented-mnist": Figure("fid_lenet"),
    "wgan-mnist": Figure("fid_lenet"),
    "wgan-gp-mnist": Figure("fid_lenet"),
    "r3gan-mnist": Figure("fid_lenet"),
    "cyclegan-digits-to-mnist": Figure("class_kept_b_to_a", 0.70, high=True),  # the harder way
    "vae-steps-mnist": Figure("nll", published="86.76 (Burda et al., 2016; 784-200-200-50, 3,280 epochs)"),
    "iwae-mnist": Figure("nll", published="85.54 (Burda et al., 2016; 5 draws, 784-200-200-50, 3,280 epochs)"),
    "vq-vae-mnist": Figure("mse"),
    "translator-dates": Figure("exact_match", 0.995, high=True),
    "translator-number-words": Figure("exact_match", 0.99, high=True),
    "translator-multi30k": Figure("bleu", 30.0, high=True),
    "memory-probe-adding": Figure("mse", 0.0167),
    "memory-probe-copy-memory": Figure("accuracy", high=True),
    "captioner-digit-captions": Figure("exact_match", 0.90, high=True),
    "sequence-classifier-digit-rows": Figure("accuracy", high=True),
    "sequence-classifier-mnist-rows": Figure("accuracy", 0.985, high=True),
    "sequence-classifier-review-polarity": Figure(
        "accuracy", 0.80, high=True, published="87.15% (Pang and Lee, 2004; support vector machine, ten folds)"
    ),
    "forecaster-milk": Figure("scaled_mse", 0.00101, published="0.021 (a student's LSTM, 44 s)"),
    "forecaster-gru-milk": Figure("scaled_mse", 0.004, published="0.077 (a student's GRU, 47 s)"),
    "forecaster-rnn-milk": Figure("scaled_mse", 0.004, published="0.030 (a student's RNN, 33 s)"),
    "forecaster-airline": Figure("mae", 20.0),
    "language-model-tinyshakespeare": Figure(
        "nats_per_token", 1.7363, published="1.42 to 1.73 (char-rnn), 1.7363 (a student's 3x512, 30 epochs)"
    ),
    "language-model-long-tinyshakespeare": Figure(
        "nats_per_token", 1.50, published="1.42 to 1.73 (char-rnn), 1.4697 (nanoGPT's recipe for a GPU)"
    ),
    "language-model-student-tinyshakespeare": Figure("nats_per_token", published="1.7363 (a student's)"),
}


def trained(recipe: str, seed: int, place: Path) -> us.Run:
    """The recipe's run with this seed; one that is there already goes on from where it was."""
    if (place / "run.json").is_file():
        return us.resume(place)
    return us.train(config=ROOT / "recipes" / f"{recipe}.toml", seed=seed, out=place)


def train_seeds(recipe: str, seeds: int, keep: Path | None) -> dict[str, Any]:
    """Train a recipe with seeds 0, 1, ...; the result as it is kept."""
    runs = []
    with tempfile.TemporaryDirectory() as passing:
        for seed in range(seeds):
            run = trained(recipe, seed, (keep or Path(passing)) / f"{recipe}-{seed}")
            if run.status != "finished":
                sys.exit(f"{recipe}, seed {seed}: {run.status}")
            runs.append((run.scores, run.record, multiply_adds(run.model, run.spec.shape, run.spec.dtype)))
            print(recipe, seed, run.scores, flush=True)
    machine = describe()
    record, adversarial = runs[0][1], len(run.model.players()) > 1
    rates: Any = machine["giga_multiply_adds_per_second"]
    batch = record["config"]["training"]["batch"]
    rate = 1e9 * rates[record["precision"]]
    # A summary is of the longest item: where items differ in length, it says too much.
    # Where players take turns, a step is more than one pass through all layers; see against_customary_gan.py.
    even = record["data"]["spec"]["kind"] not in ("pairs", "captions", "labelled text", "domains") and not adversarial
    shares = [share(work, scores["steps"] * batch, scores["train_seconds"], rate) for scores, _, work in runs]
    return {
        "recipe": recipe,
        "network": record["network"],
        "data": record["data"]["name"],
        "command": f"understudy train --config recipes/{recipe}.toml --seed SEED",
        "seeds": list(range(seeds)),
        "figure": FIGURES[recipe].score,
        "target": FIGURES[recipe].target,
        "published": FIGURES[recipe].published,
        "scores": {
            name: {
                "mean": statistics.fmean(values),
                "deviation": statistics.stdev(values) if seeds > 1 else None,
                "values": values,
            }
            for name in runs[0][0]
            for values in [[scores[name] for scores, _, _ in runs]]
        },
        "precision": record["precision"],
        "share_of_matrix_rate": round(statistics.fmean(shares), 3) if even else None,
        "machine": machine,
        "date": datetime.now(UTC).date().isoformat(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", choices=[[], *FIGURES], help="all of them unless named")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="where the runs are kept, and gone on with; default: nowhere")
    options = parser.parse_args()
    missed = []
    for recipe in options.recipes or FIGURES:
        result = train_seeds(recipe, options.seeds, options.keep)
        RESULTS.mkdir(exist_ok=True)
        write_json(RESULTS / f"{recipe}.json", result)
        missed += [recipe for value in result["scores"][result["figure"]]["values"] if FIGURES[recipe].missed(value)]
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
