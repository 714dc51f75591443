"""Our language model against the customary PyTorch loop on the same net: tokens per second, and the loss they bought.

    python benchmarks/against_word_language_model.py

Both train an LSTM on the same text with the same batch, length, rate, clipping, optimizer and threads, each in a fresh
process, in turn, so that a drift of the machine's speed hits both. Ours takes its own precision, has its doctor, events
and checkpoints, and keeps its memory (data/heap.py); the peer is as people write it.

Expected: at least 1.8 times the tokens per second.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from machine import describe

import understudy as us
from understudy import models
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.text import TextItems
from understudy.files import read_json, write_json
from understudy.layers.summary import multiply_adds

HERE = Path(__file__).parent
WANTED = 1.8
EMBEDDING, RATE, EVERY = 128, 2e-3, 10


class Net(NamedTuple):
    """What is trained, and for how much longer than the others."""

    hidden: int
    layers: int
    batch: int
    length: int
    tokens: str = "characters"
    longer: float = 1.0


NETS = {
    "1x512, batch 64, length 64": Net(512, 1, 64, 64),
    "1x512, batch 20, length 35": Net(512, 1, 20, 35),
    "3x512, batch 128, length 120": Net(512, 3, 128, 120, longer=3),  # a step takes most of a second
    "2x200 on words, batch 20, length 35": Net(200, 2, 20, 35, "words"),  # as PyTorch's own example has it
}


def ours(source: str, net: Net, minutes: float, place: Path) -> dict[str, float]:
    """Train ours for so long; the same numbers as the peer prints."""
    run = us.train(
        "language-model", data=source, minutes=minutes, batch=net.batch, sequence_length=net.length, tokens=net.tokens,
        hidden_dim=net.hidden, num_layers=net.layers, embedding_dim=EMBEDDING, learning_rate=RATE, schedule="constant",
        validate_every=10**9, log_every=EVERY, out=place, quiet=True,
    )  # fmt: skip
    windows = [event for event in run.events if event["event"] == "steps"][:-1]  # the last one's time has the end in it
    return {
        "steps": windows[-1]["step"],
        "seconds": windows[-1]["time"],
        "loss": statistics.fmean(event["loss"]["loss"] for event in windows[-100 // EVERY :]),
        "tokens": windows[-1]["step"] * net.batch * net.length,
    }


def theirs(tokens: Path, vocabulary: int, net: Net, minutes: float) -> dict[str, float]:
    """The same with the customary loop."""
    sizes = (vocabulary, EMBEDDING, net.hidden, net.layers, net.batch, net.length)
    numbers = [str(it) for it in (*sizes, RATE, 60 * minutes)]
    script = str(HERE / "peers" / "word_language_model.py")
    done = subprocess.run([sys.executable, script, str(tokens), *numbers], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def least_seconds_per_token(net: Net, spec: Any, rate: float) -> float:
    """What a token costs where nothing but matrix products takes time."""
    options = {"hidden_dim": net.hidden, "num_layers": net.layers, "embedding_dim": EMBEDDING}
    network = models.build("language-model", options, spec)
    return 3 * multiply_adds(network, (net.length,), "int64") / net.length / rate


def compared(source: str, net: Net, pairs: int, minutes: float, rate: float) -> dict[str, Any]:
    """Both in turn, so many times."""
    data = load(source, DataOptions(tokens=net.tokens))  # type: ignore[arg-type]
    found = []
    with tempfile.TemporaryDirectory() as place:
        tokens = Path(place) / "tokens.npy"
        np.save(tokens, cast(TextItems, data.train).tokens.numpy())
        for number in range(pairs):
            peer = theirs(tokens, cast(Any, data.spec).size_of_vocabulary, net, minutes * net.longer)
            mine = ours(source, net, minutes * net.longer, Path(place) / str(number))
            ratio = (mine["tokens"] / mine["seconds"]) / (peer["tokens"] / peer["seconds"])
            found.append({"ratio": ratio, "ours": mine, "theirs": peer})
            print(net, json.dumps(found[-1]), flush=True)
    speed = statistics.median(it["ours"]["tokens"] / it["ours"]["seconds"] for it in found)
    return {
        "ratio": statistics.median(it["ratio"] for it in found),
        "tokens_per_second": speed,
        "share_of_matrix_rate": speed * least_seconds_per_token(net, data.spec, rate),
        "pairs": found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="tinyshakespeare")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0.25, help="of each training")
    parser.add_argument("--nets", nargs="*", choices=list(NETS), help="unset: all")
    options = parser.parse_args()
    machine = describe()
    rates = cast(dict[str, float], machine["giga_multiply_adds_per_second"])
    rate = 1e9 * rates.get("bf16", rates["fp32"])
    nets = options.nets or list(NETS)
    found = {name: compared(options.data, NETS[name], options.pairs, options.minutes, rate) for name in nets}
    path = HERE / "results" / "peers" / "word_language_model.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = read_json(path)["nets"] if path.exists() else {}  # nets that were not asked for keep their figures
    about = {"minutes": options.minutes, "machine": machine, "date": datetime.now(UTC).date().isoformat()}
    write_json(path, {"nets": {**before, **{name: {**it, **about} for name, it in found.items()}}})
    print({net: round(it["ratio"], 2) for net, it in found.items()})
    if any(it["ratio"] < WANTED for it in found.values()):
        sys.exit(f"missed: wanted {WANTED}")


if __name__ == "__main__":
    main()
