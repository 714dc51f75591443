"""Which settings suit the forecaster? By backtest on the training part of each series: its last horizon is never read.

    python benchmarks/forecaster_choices.py milk airline --try head=direct,recursive --try hidden_dim=16,32

At each of several origins the network is trained anew on what was known then, and forecasts the horizon that followed.
Errors are shares of the seasonal naive forecast's mean absolute error, so that the series can be averaged; every
combination of the values that are tried is one line, the best first.
"""

import argparse
import itertools
import statistics
from typing import Any

import numpy as np
import torch

from understudy import models
from understudy.data.series import SeriesItems
from understudy.data.sources import load
from understudy.decoding.forecasting import forecast
from understudy.runs.runfile import resolve
from understudy.settings import parse
from understudy.training.engine import choose_engine
from understudy.training.loop import train
from understudy.training.session import Session


def dates(source: str, origins: int, every: int) -> list[str]:
    """The last date of each horizon, `every` steps apart; the newest ends with the training part."""
    data = load(source)
    assert isinstance(data.test, SeriesItems)
    series, spec = data.test.windows.series, data.test.windows.spec
    end = len(series) - spec.horizon
    return [series.dates(end - 1 - every * back, 1)[0] for back in range(origins)]


def errors(source: str, until: str, settings: dict[str, Any], seed: int) -> tuple[float, float]:
    """Mean absolute error of the network and of the seasonal naive forecast, over the horizon that ends at `until`."""
    file = resolve({"network": "forecaster", "data": {"source": source}, "seed": seed}, {**settings, "until": until})
    data = load(source, file.data)
    torch.manual_seed(seed)
    network = models.build("forecaster", file.model, data.spec)
    train(Session(network, data, file.training, choose_engine(file.training, network), seed))
    assert isinstance(data.test, SeriesItems)
    windows, origin = data.test.windows, int(data.test.origins[0])
    found = forecast(network.eval(), windows, origin)  # type: ignore[arg-type]
    truth = windows.series.values[:, origin:]
    return float(np.abs(found.values - truth).mean()), float(np.abs(found.seasonal_naive - truth).mean())


def shares(source: str, settings: dict[str, Any], origins: list[str], seeds: int) -> list[float]:
    """The network's error as a share of the seasonal naive one's, of each seed, over all origins."""
    found = []
    for seed in range(seeds):
        pairs = [errors(source, until, settings, seed) for until in origins]
        found.append(sum(own for own, _ in pairs) / sum(naive for _, naive in pairs))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--try", dest="tried", action="append", default=[], metavar="NAME=VALUE,VALUE")
    parser.add_argument("--origins", type=int, default=16)
    parser.add_argument("--every", type=int, default=3, help="steps from one origin to the next")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    tried = {name: parse(values) for name, _, values in (text.partition("=") for text in options.tried)}
    values = [value if isinstance(value, list) else [value] for value in tried.values()]
    origins = {source: dates(source, options.origins, options.every) for source in options.sources}
    lines = []
    for chosen in itertools.product(*values):
        settings = dict(zip(tried, chosen, strict=True))
        found = {source: shares(source, settings, origins[source], options.seeds) for source in options.sources}
        means = {source: statistics.fmean(some) for source, some in found.items()}
        spread = max(max(some) - min(some) for some in found.values())
        lines.append((statistics.fmean(means.values()), spread, means, settings))
        print(_line(*lines[-1]), flush=True)
    print("\nbest first")
    for line in sorted(lines, key=lambda it: it[0]):
        print(_line(*line))


def _line(mean: float, spread: float, means: dict[str, float], settings: dict[str, Any]) -> str:
    parts = " ".join(f"{source} {value:.3f}" for source, value in means.items())
    return f"{mean:.3f} ({parts}; seeds within {spread:.3f})  {' '.join(f'{k}={v}' for k, v in settings.items())}"


if __name__ == "__main__":
    main()
