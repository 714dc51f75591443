"""Our forecaster against neuralforecast 3's LSTM: seconds to fit, and error over the held-out year.

    python -m venv peer && peer/bin/pip install neuralforecast==3.3.0
    python benchmarks/against_neuralforecast.py peer/bin/python

Both train one recurrent layer of the same size for as many steps on batches of as many windows with Adam, on one
thread, and say the whole horizon at once, as the peer does unless told otherwise (`--head recursive`: step by step).
The peer draws its windows anew at each step; asked for more than there are, it would draw some twice. Ours goes through
one cycle of the rate, the peer keeps its highest. Each is in a fresh process, in turn, so that a drift of the machine's
speed hits both. Imports are outside the clock, and timed apart. Both see the same numbers, which are what our recipe
makes of the series: differences, scaled on the training part, and the calendar; both forecasts are brought back by the
same sums. "raw" is the peer as it is usually used: on the series itself, scaled window by window. All other settings
are our recipe's, chosen by backtest (forecaster_choices.py) as the rate of airline's direct head is: 0.02, at which 16
origins of the training part had 0.44 of the seasonal naive error, at 0.01 0.50. The peer has the same.

Expected: a fit at least 5 times as fast, with an error that is not larger.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._dynamo  # the optimizers import it when they are first made: not on the clock
from machine import describe

from understudy import models
from understudy.data.differences import integrate
from understudy.data.series import SeriesItems, Windows
from understudy.data.sources import load
from understudy.decoding.forecasting import forecast
from understudy.evaluation.forecasting import mae
from understudy.files import read_json, write_json
from understudy.runs.runfile import read_run_file, resolve
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.session import Session

HERE = Path(__file__).parent
SOURCES: dict[str, dict[str, dict[str, float]]] = {  # settings that a head has of its own
    "milk": {},
    "airline": {"direct": {"learning_rate": 2e-2}},
}
FASTER = 5.0


def prepared(source: str, head: str, seed: int) -> tuple[Any, Any, Windows, int]:
    """The recipe's run file, the data, and where its held-out horizon begins."""
    recipe = read_run_file(HERE.parent / "recipes" / f"forecaster-{source}.toml")
    file = resolve({**recipe, "seed": seed}, {"head": head, **SOURCES[source].get(head, {})})
    data = load(source, file.data)
    assert isinstance(data.test, SeriesItems)
    return file, data, data.test.windows, int(data.test.origins[0])


def ours(source: str, head: str, seed: int) -> None:
    """Fit ours; print its seconds and its error."""
    torch.set_num_threads(1)
    file, data, windows, origin = prepared(source, head, seed)
    begin = time.perf_counter()
    torch.manual_seed(seed)
    network = models.build("forecaster", file.model, data.spec)
    train(Session(network, data, file.training, choose_engine(file.training, network), seed))
    seconds = time.perf_counter() - begin
    said = forecast(network.eval(), windows, origin).values  # type: ignore[arg-type]
    print(json.dumps({"seconds": seconds, "mae": mae(windows.series.values[:, origin:], said)}))


def theirs(peer: str, source: str, head: str, seed: int, raw: bool) -> dict[str, float]:
    """Fit the peer's; its seconds and its error."""
    file, data, windows, origin = prepared(source, head, seed)
    spec, axis = windows.spec, windows.series.axis
    first = 0 if raw else windows.lag
    frames = windows.frames[0, first : origin + spec.horizon]
    values = windows.series.values[0, :origin] if raw else frames[: origin - first, 0].double().numpy()
    request = {
        "values": values.tolist(),
        "phases": frames[:, 1:].tolist(),
        "start": str(axis.moments(np.array([first]))[0]),
        "window": spec.window,
        "horizon": spec.horizon,
        "steps": file.training.steps,
        "batch": min(file.training.batch, len(data.train)),
        "rate": file.training.learning_rate,
        "hidden_dim": file.model["hidden_dim"],
        "recurrent": file.model["head"] == "recursive",
        "scaler": "standard" if raw else "identity",
        "seed": seed,
    }
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "request.json"
        write_json(path, request)
        told = _told([peer, str(HERE / "peers" / "neuralforecast_lstm.py"), str(path)], place)
    said = np.array(told["forecast"])[None]
    if not raw:
        said = windows.to_user(integrate(torch.from_numpy(said), windows.lag).numpy(), origin)
    return {"seconds": told["seconds"], "mae": mae(windows.series.values[:, origin:], said)}


def _told(command: list[str], place: str | Path) -> Any:
    """What a process prints last."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=place)
    return json.loads(done.stdout.splitlines()[-1])


def import_seconds(python: str, modules: str) -> float:
    """Seconds until a fresh process has these modules; the second of two tries, with the files in memory."""
    timed = f"import time; began = time.perf_counter(); import {modules}; print(time.perf_counter() - began)"
    return [float(_told([python, "-c", timed], HERE.parent)) for _ in range(2)][1]


def pair(peer: str, source: str, head: str, seed: int) -> dict[str, Any]:
    """One run of each, one after the other."""
    found = {
        "theirs": theirs(peer, source, head, seed, raw=False),
        "ours": _told([sys.executable, __file__, peer, "--ours", source, "--head", head, "--seed", str(seed)], HERE),
        "theirs, raw": theirs(peer, source, head, seed, raw=True),
    }
    return {"source": source, "seed": seed, "faster": found["theirs"]["seconds"] / found["ours"]["seconds"], **found}


def summary(pairs: list[dict[str, Any]]) -> dict[str, float]:
    """Medians over seeds of one series."""
    names = ("ours", "theirs", "theirs, raw")
    errors = {f"mae, {name}": statistics.median(it[name]["mae"] for it in pairs) for name in names}
    seconds = {f"seconds, {name}": statistics.median(it[name]["seconds"] for it in pairs) for name in names}
    return {"faster": statistics.median(it["faster"] for it in pairs), **errors, **seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", help="the Python that has neuralforecast")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--head", choices=["direct", "recursive"], default="direct")
    parser.add_argument("--sources", nargs="+", choices=list(SOURCES), default=list(SOURCES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        ours(options.ours, options.head, options.seed)
        return
    pairs = []
    for source in options.sources:
        for seed in range(options.pairs):
            pairs.append(pair(options.peer, source, options.head, seed))
            print(json.dumps(pairs[-1]), flush=True)
    medians = {source: summary([it for it in pairs if it["source"] == source]) for source in options.sources}
    path = HERE / "results" / "peers" / "neuralforecast.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = read_json(path)["sources"] if path.exists() else {}  # series that were not asked for keep their figures
    imports = {
        "ours": import_seconds(sys.executable, "understudy.models.forecaster, understudy.training.loop"),
        "theirs": import_seconds(options.peer, "neuralforecast.models"),
    }
    about = {
        "import_seconds": imports,
        "head": options.head,
        "machine": describe(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    found = {
        source: {"medians": it, "pairs": [one for one in pairs if one["source"] == source], **about}
        for source, it in medians.items()
    }
    write_json(path, {"sources": {**before, **found}})
    print(json.dumps({**medians, "import_seconds": imports}, indent=1))
    if any(it["faster"] < FASTER or it["mae, ours"] > it["mae, theirs"] for it in medians.values()):
        sys.exit(f"missed: wanted a fit {FASTER} times as fast and no larger error")


if __name__ == "__main__":
    main()
