"""Our language model against the customary PyTorch loop on the same net: tokens per second, and the loss they bought.

    python benchmarks/against_word_language_model.py

Both train an LSTM on the same text with the same batch, length, rate, clipping, optimizer and threads, each in a fresh
process, in turn, so that a drift of the machine's speed hits both. Ours takes its own precision.

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
from typing import Any, cast

import numpy as np
from machine import describe

import understudy as us
from understudy import models
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.text import TextItems
from understudy.files import write_json
from understudy.layers.summary import multiply_adds

HERE = Path(__file__).parent
WANTED = 1.8
EMBEDDING, RATE = 128, 2e-3
NETS = {  # hidden, layers, batch, length
    "1x512, batch 64, length 64": (512, 1, 64, 64),
    "1x512, batch 20, length 35": (512, 1, 20, 35),
    "3x512, batch 128, length 120": (512, 3, 128, 120),
}


def ours(source: str, net: str, minutes: float, place: Path) -> dict[str, float]:
    """Train ours for so long; the same numbers as the peer prints."""
    hidden, layers, batch, length = NETS[net]
    run = us.train(
        "language-model", data=source, minutes=minutes, batch=batch, sequence_length=length, hidden_dim=hidden,
        num_layers=layers, embedding_dim=EMBEDDING, learning_rate=RATE, schedule="constant", validate_every=10**9,
        log_every=1, out=place, quiet=True,
    )  # fmt: skip
    steps = [event for event in run.events if event["event"] == "steps"]
    last = steps[-2]  # the very last has the validation at the end in its time
    return {
        "steps": last["step"],
        "seconds": last["time"],
        "loss": statistics.fmean(event["loss"]["loss"] for event in steps[-101:-1]),
        "tokens": last["step"] * batch * length,
    }


def theirs(tokens: Path, vocabulary: int, net: str, minutes: float) -> dict[str, float]:
    """The same with the customary loop."""
    numbers = [str(it) for it in (vocabulary, EMBEDDING, *NETS[net], RATE, 60 * minutes)]
    script = str(HERE / "peers" / "word_language_model.py")
    done = subprocess.run([sys.executable, script, str(tokens), *numbers], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def least_seconds_per_token(net: str, spec: Any, rate: float) -> float:
    """What a token costs where nothing but matrix products takes time."""
    hidden, layers, _, length = NETS[net]
    options = {"hidden_dim": hidden, "num_layers": layers, "embedding_dim": EMBEDDING}
    network = models.build("language-model", options, spec)
    return 3 * multiply_adds(network, (length,), "int64") / length / rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="tinyshakespeare")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0.25, help="of each training")
    options = parser.parse_args()
    data = load(options.data, DataOptions())
    machine = describe()
    rates = cast(dict[str, float], machine["giga_multiply_adds_per_second"])
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        tokens = Path(place) / "tokens.npy"
        np.save(tokens, cast(TextItems, data.train).tokens.numpy())
        vocabulary = cast(Any, data.spec).size_of_vocabulary
        for net in NETS:
            pairs = []
            for number in range(options.pairs):
                peer = theirs(tokens, vocabulary, net, options.minutes)
                mine = ours(options.data, net, options.minutes, Path(place) / f"{net}-{number}")
                ratio = (mine["tokens"] / mine["seconds"]) / (peer["tokens"] / peer["seconds"])
                pairs.append({"ratio": ratio, "ours": mine, "theirs": peer})
                print(net, json.dumps(pairs[-1]), flush=True)
            speed = statistics.median(it["ours"]["tokens"] / it["ours"]["seconds"] for it in pairs)
            least = least_seconds_per_token(net, data.spec, 1e9 * rates.get("bf16", rates["fp32"]))
            found[net] = {
                "ratio": statistics.median(it["ratio"] for it in pairs),
                "tokens_per_second": speed,
                "share_of_matrix_rate": speed * least,
                "pairs": pairs,
            }
    (HERE / "results" / "peers").mkdir(parents=True, exist_ok=True)
    write_json(
        HERE / "results" / "peers" / "word_language_model.json",
        {"nets": found, "machine": machine, "date": datetime.now(UTC).date().isoformat()},
    )
    print({net: round(it["ratio"], 2) for net, it in found.items()})
    if any(it["ratio"] < WANTED for it in found.values()):
        sys.exit(f"missed: wanted {WANTED}")


if __name__ == "__main__":
    main()
