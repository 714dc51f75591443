"""Our GAN loop against the customary PyTorch loop over the same nets: images per second, and what the fakes are worth.

    python benchmarks/against_customary_gan.py --nets dcgan

Both train the same generator and discriminator on the same pictures with the same batch, rate, noise and steps, and no
moving average, each in a fresh process or run, in turn, so that a drift of the machine's speed hits both. Ours takes
its own precision. `share_of_matrix_rate` is the least time that a step's multiply-adds could take over what it took.

Expected: at least twice the images per second for the DCGAN, and distances equal within their spread.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from machine import describe
from safetensors.torch import load_model

import understudy as us
from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.evaluation.generation import score_pictures
from understudy.files import write_json
from understudy.layers.summary import summarise
from understudy.models.adversarial import Adversarial

HERE = Path(__file__).parent
WANTED = 2.0
BATCH, RATE = 64, 2e-4
NETS: dict[str, tuple[str, dict[str, Any]]] = {
    "dcgan": ("dcgan", {"noise_dim": 100, "noise_kinds": 0, "channels": (64, 128)}),
    "gan": ("gan", {"noise_dim": 64, "hidden": (256, 512)}),
}
SHOWN = ("fid_lenet", "precision", "recall", "class_tv")


def ours(net: str, data: Dataset, steps: int, seed: int, place: Path) -> dict[str, Any]:
    """Train ours, without a film, which the other loop has not; what it took, and the scores of what it makes."""
    name, options = NETS[net]
    run = us.train(
        name, data=data.name, steps=steps, batch=BATCH, learning_rate=RATE, schedule="constant", ema=None, seed=seed,
        validate_every=10**9, log_every=10, film=0, out=place, quiet=True, settings=options,
    )  # fmt: skip
    last = [event for event in run.events if event["event"] == "steps"][-2]  # the very last has the validation in it
    found = {key: run.scores[key] for key in SHOWN}
    return {"images": last["step"] * BATCH, "seconds": last["time"], "scores": found}


def theirs(net: str, data: Dataset, pictures: Path, steps: int, seed: int, place: Path) -> dict[str, Any]:
    """The same with the customary loop."""
    name, options = NETS[net]
    script, weights = str(HERE / "peers" / "customary_gan.py"), place / "theirs.safetensors"
    numbers = [str(pictures), name, json.dumps(options), str(steps), str(BATCH), str(weights), str(seed)]
    done = subprocess.run([sys.executable, script, *numbers], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    network = models.build(name, options, data.spec)
    load_model(network, weights)
    with torch.no_grad():
        scores: Mapping[str, float] = score_pictures(cast(Any, network.eval()), data, seed=0)
    return found | {"scores": {key: scores[key] for key in SHOWN}}


def least_seconds_per_image(net: str, data: Dataset, rate: float) -> float:
    """What an image of a step costs where nothing but matrix products takes time.

    The generator: forward, and backward to inputs and weights. The discriminator: the same for real items and for
    fakes, and once more forward and backward to its input for the generator.
    """
    name, options = NETS[net]
    network = models.build(name, options, data.spec)
    assert isinstance(network, Adversarial)
    work = {"generator": 0, "discriminator": 0}
    for layer in summarise(network, network.spec.shape):
        work[layer.name.partition(".")[0]] += layer.multiply_adds
    return (3 * work["generator"] + 8 * work["discriminator"]) / rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--nets", nargs="*", choices=[[], *NETS], help="both unless named")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=1000, help="of each training")
    options = parser.parse_args()
    data = load(options.data, DataOptions())
    machine = describe()
    rates = cast(dict[str, float], machine["giga_multiply_adds_per_second"])
    path = HERE / "results" / "peers" / "customary_gan.json"
    found: dict[str, Any] = json.loads(path.read_text())["nets"] if path.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        images = data.train.take(torch.arange(len(data.train))).x[:, 0]
        np.save(place / "pictures.npy", images.mul(255).round().byte().numpy())
        for net in options.nets or NETS:
            pairs = []
            for seed in range(options.pairs):
                peer = theirs(net, data, place / "pictures.npy", options.steps, seed, place)
                mine = ours(net, data, options.steps, seed, place / f"{net}-{seed}")
                ratio = (mine["images"] / mine["seconds"]) / (peer["images"] / peer["seconds"])
                pairs.append({"ratio": ratio, "ours": mine, "theirs": peer})
                print(net, json.dumps(pairs[-1]), flush=True)
            speed = statistics.median(it["ours"]["images"] / it["ours"]["seconds"] for it in pairs)
            least = least_seconds_per_image(net, data, 1e9 * rates.get("bf16", rates["fp32"]))
            found[net] = {
                "ratio": statistics.median(it["ratio"] for it in pairs),
                "images_per_second": speed,
                "share_of_matrix_rate": speed * least,
                "steps": options.steps,
                "pairs": pairs,
            }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"nets": found, "machine": machine, "date": datetime.now(UTC).date().isoformat()})
    print({net: round(it["ratio"], 2) for net, it in found.items()})
    if "dcgan" in found and found["dcgan"]["ratio"] < WANTED:
        sys.exit(f"missed: wanted {WANTED}")


if __name__ == "__main__":
    main()
