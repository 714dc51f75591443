"""Gradients through time and through depth, of every cell as it begins: the picture and table of gradient_flow.md.

    python docs/gradient_flow.py --hidden 64 --seed 0

Writes docs/pictures/gradient-flow.png; needs Chromium, to photograph what the report would show.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import torch

from understudy.evaluation.gradient_flow import THRESHOLDS, beside, horizon, middle
from understudy.evaluation.jacobians import Flow, depth_norms, flow
from understudy.layers.recurrent import Recurrent, RecurrentLayer, RecurrentOptions
from understudy.report.document import document
from understudy.report.lines import lines_html
from understudy.report.markup import join, tag

PICTURE = Path(__file__).parent / "pictures" / "gradient-flow.png"
STEPS, PLACES, DEPTH = 100, 16, 16
FLOOR = 1e-12
BEGINNINGS: dict[str, dict[str, Any]] = {
    "sigmoid RNN": {"cell": "sigmoid-rnn"},
    "tanh RNN, Xavier": {"cell": "rnn", "initialisation": "xavier"},
    "tanh RNN, orthogonal": {"cell": "rnn"},
    "ReLU RNN, orthogonal": {"cell": "relu-rnn"},
    "IRNN (ReLU, identity)": {"cell": "irnn"},
    "GRU, orthogonal": {"cell": "gru"},
    "LSTM, orthogonal, forget bias 1": {"cell": "lstm"},
    "tanh RNN with layer norm": {"cell": "rnn", "layer_norm": True},
}
STACKS: dict[str, dict[str, Any]] = {
    f"{title}{', residual' if residual else ''}": {"cell": cell, "residual": residual}
    for cell, title in (("sigmoid-rnn", "sigmoid RNN"), ("rnn", "tanh RNN"), ("lstm", "LSTM"))
    for residual in (False, True)
}


def through_time(hidden: int, seed: int) -> dict[str, Flow]:
    """Each cell's flow while it reads noise of unit size."""
    found = {}
    for name, options in BEGINNINGS.items():
        torch.manual_seed(seed)
        layer = RecurrentLayer(hidden, RecurrentOptions(hidden_dim=hidden, **options))
        found[name] = flow(layer, torch.randn(1, 2 * STEPS, hidden), STEPS, PLACES)
    return found


def through_depth(hidden: int, seed: int) -> dict[str, list[float]]:
    """Norms after 1, 2, ... layers of each stack."""
    found = {}
    for name, options in STACKS.items():
        torch.manual_seed(seed)
        core = Recurrent(hidden, RecurrentOptions(hidden_dim=hidden, num_layers=DEPTH, **options))
        found[name] = depth_norms(core, torch.randn(1, 20, hidden)).tolist()
    return found


def plot(x_label: str, series: list[dict[str, Any]]) -> dict[str, Any]:
    return {"x_label": x_label, "y_label": "norm of the gradient", "log_x": False, "log_y": True, "series": series}


def line(name: str, values: list[float], style: str = "line", first: int = 0) -> dict[str, Any]:
    drawn = [value if value > FLOOR else None for value in values]
    return {"name": name, "x": list(range(first, first + len(values))), "y": drawn, "style": style}


def time_plot(flows: dict[str, Flow]) -> dict[str, Any]:
    """Every cell's median, and the bound of the sigmoid's."""
    series = [line(name, middle(its.norms).tolist()) for name, its in flows.items()]
    first = next(iter(flows))
    return plot(
        "k, steps back", [*series, line(f"{first}: (|U| / 4)^k", beside(flows[first])["bound"].tolist(), "dashed")]
    )


def depth_plot(stacks: dict[str, list[float]]) -> dict[str, Any]:
    """Plain stacks, and dashed those whose layers add their input to their output."""
    series = [line(name, its, "dashed" if "residual" in name else "line", 1) for name, its in stacks.items()]
    return plot("layers", series)


def print_table(columns: list[str], rows: dict[str, list[float | int | None]]) -> None:
    """A table in Markdown; None is a horizon that lies beyond what was followed."""
    print("|".join(["", *columns, ""]), "|".join(["", *["---"] * len(columns), ""]), sep="\n")
    for name, values in rows.items():
        told = [f"> {STEPS}" if value is None else f"{value:.2g}" for value in values]
        print("|".join(["", name, *told, ""]))
    print()


def photograph(plots: dict[str, dict[str, Any]]) -> None:
    """The plots, one below the other, as the report draws them."""
    body = join(tag("figure", tag("figcaption", title), lines_html(data, title)) for title, data in plots.items())
    with tempfile.TemporaryDirectory() as place:
        page = Path(place) / "page.html"
        page.write_text(str(document("Gradient flow", body)), encoding="utf-8")
        size = ["--window-size=1020,1000", "--force-device-scale-factor=1.5", "--hide-scrollbars"]
        where = [f"--screenshot={PICTURE}", f"file://{page}"]
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", *size, *where],
            check=True,
            stderr=subprocess.DEVNULL,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    flows, stacks = through_time(options.hidden, options.seed), through_depth(options.hidden, options.seed)
    print_table(
        ["cell as it begins", "k = 1", "k = 10", "k = 100", *(f"below {name} after" for name in THRESHOLDS)],
        {
            name: [
                *(middle(its.norms)[k].item() for k in (1, 10, 100)),
                *(horizon(its.norms, threshold) for threshold in THRESHOLDS.values()),
            ]
            for name, its in flows.items()
        },
    )
    layers = (1, 4, 8, 16)
    print_table(
        ["stack", *(f"{count} deep" for count in layers)],
        {name: [values[count - 1] for count in layers] for name, values in stacks.items()},
    )
    photograph(
        {
            "Through time: norm of d state(m + k) / d state(m)": time_plot(flows),
            "Through depth: norm of d output / d input of one step": depth_plot(stacks),
        }
    )


if __name__ == "__main__":
    main()
