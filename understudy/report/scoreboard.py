"""The table of scores: one row per metric, the network and its baselines side by side."""

from collections.abc import Mapping

from understudy.report.markup import Html, join, tag
from understudy.report.metrics import BASELINES, METRICS, best, metric, split_name
from understudy.report.notes import notes

COST = ("train_seconds", "steps")  # what the run took stands among its facts


def scores_html(scores: Mapping[str, float]) -> Html:
    """The table; the best value of a row is marked where a direction is better."""
    head = tag("tr", *(tag("th", name, scope="col") for name in ("Score", "Network", "Beside it")))
    body = (tag("tr", label_cell(name), *_cells(name, row)) for name, row in score_rows(scores).items())
    table = tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_="scores single"), class_="frame")
    return join([table, *(tag("p", note, class_="quiet") for note in notes(scores))])


def score_rows(scores: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Metric -> baseline -> value ('' is the network), in the order of the metrics' table."""
    rows: dict[str, dict[str, float]] = {}
    for name in sorted(scores, key=metric_order):
        if name not in COST:
            base, baseline = split_name(name, METRICS.keys() | scores.keys())
            rows.setdefault(base, {})[baseline] = scores[name]
    return rows


def metric_order(name: str) -> tuple[int, str, str]:
    """Sort key: known metrics as in the table, then the others by name; a baseline's score behind the network's."""
    base, baseline = split_name(name)
    known = list(METRICS)
    return (known.index(base) if base in METRICS else len(known)), baseline, name


def label_cell(name: str, prefix: str = "") -> Html:
    """A row's head: the label, and below it the unit and direction."""
    line = metric(name)
    note = tag("small", line.note) if line.note else None
    return tag("th", f"{prefix}{line.label}", note, scope="row", title=name)


def _cells(name: str, row: dict[str, float]) -> list[Html]:
    winners = best(name, row)
    beside = [
        tag("span", f"{BASELINES[key]} ", _value(name, value, key in winners), class_="beside")
        for key, value in row.items()
        if key
    ]
    own = _value(name, row[""], "" in winners) if "" in row else "–"
    return [tag("td", own), tag("td", *beside) if beside else tag("td", "–", class_="none")]


def _value(name: str, value: float, wins: bool) -> Html:
    return tag("b", metric(name).format(value), class_="best" if wins else None, title="best" if wins else None)
