"""What groups of runs have in common and what not: their curves, their settings, their data."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from understudy.report.charts import ORDER, Chart, Line
from understudy.report.curves import is_share, term_title
from understudy.report.history import Curves, History, Point
from understudy.report.reading import RunFiles
from understudy.report.values import flatten


def compared_charts(labels: Sequence[str], groups: Sequence[Sequence[History]]) -> Iterator[Chart]:
    """One chart per loss term and split; the optimised terms first, validation before training."""
    histories = [history for group in groups for history in group]
    main = dict.fromkeys(term for history in histories for term in history.main_terms)
    every = dict.fromkeys([*main, *(term for history in histories for term in history.terms)])
    for term in every:
        splits = [(split, _split_lines(term, split, labels, groups)) for split in ("validation", "training")]
        drawn = [(split, lines) for split, lines in splits if lines]
        for split, lines in drawn:
            yield Chart(f"{term_title(term)}, {split}", lines, wide=len(drawn) == 1, share=is_share(term))


def _split_lines(term: str, split: str, labels: Sequence[str], groups: Sequence[Sequence[History]]) -> tuple[Line, ...]:
    curves = [[getattr(history, split) for history in group] for group in groups]
    rows = zip(labels, curves, range(len(labels)), strict=True)
    return tuple(line for row in rows for line in _group_lines(term, *row))


def _group_lines(term: str, label: str, seeds: Sequence[Curves], group: int) -> Iterator[Line]:
    """Thin lines for the seeds and a thick one for their mean; a run alone is thick."""
    colour = ORDER[group % len(ORDER)]
    curves = [curve[term] for curve in seeds if term in curve]
    middle = curves[0] if len(curves) == 1 else mean_curve(curves)
    if len(curves) > 1:
        for index, curve in enumerate(curves, 1):
            yield Line(f"{label} {index}", curve, colour, "seed", group)
    if middle:
        yield Line(label, middle, colour, "mean", group)


def mean_curve(curves: Sequence[list[Point]]) -> list[Point]:
    """The mean at the steps that all curves have."""
    by_step: dict[int, list[Point]] = defaultdict(list)
    for curve in curves:
        for point in curve:
            by_step[point.step].append(point)
    shared = ((step, points) for step, points in sorted(by_step.items()) if len(points) == len(curves))
    return [Point(step, _mean(p.time for p in points), _mean(p.value for p in points)) for step, points in shared]


def differing_settings(configs: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Dotted name -> value per group, for the settings that are not alike; the seed is meant to differ."""
    flat = [flatten(config) for config in configs]
    names = dict.fromkeys(name for config in flat for name in config if name != "seed")
    rows = {name: [config.get(name, "–") for config in flat] for name in names}
    return {name: values for name, values in rows.items() if any(value != values[0] for value in values)}


def one_data_set(runs: Sequence[RunFiles]) -> bool:
    """Whether all runs saw data with the same fingerprint."""
    return len({(run.run.get("data") or {}).get("fingerprint") for run in runs}) <= 1


def _mean(values: Iterator[float]) -> float:
    numbers = list(values)
    return math.fsum(numbers) / len(numbers) if all(map(math.isfinite, numbers)) else math.nan
