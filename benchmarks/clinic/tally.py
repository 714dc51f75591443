"""From rows to figures: recall, precision, false alarms, and how soon."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.clinic.cells import Row
from benchmarks.clinic.fault import Fault
from benchmarks.clinic.faults import TABLE
from benchmarks.clinic.interval import clopper_pearson
from understudy.doctor import rules
from understudy.doctor.finding import SEVERITIES

GRAVE = ("error", "warning")
SOON = ("structural", "numeric")
"""Kinds of faults that are to be found within 50 steps."""


def of(row: Row) -> tuple[str, str]:
    """Its role, and its fault or kind."""
    _, role, name, _ = row["cell"].split("/")
    return role, name


def share(hits: int, count: int) -> dict[str, Any]:
    """With its interval."""
    low, high = clopper_pearson(hits, count) if count else (0.0, 1.0)
    return {"hits": hits, "of": count, "share": hits / count if count else None, "low": low, "high": high}


def caught(row: Row, fault: Fault) -> bool:
    """Whether the verdict has a finding that names the fault."""
    return any(id_ in fault.found for id_ in row.get("findings", ()))


def first(row: Row, fault: Fault) -> bool:
    """Whether it is the first of the verdict."""
    return bool(row.get("findings")) and row["findings"][0] in fault.found


def delay(row: Row, fault: Fault) -> int | None:
    """Steps from the first bad one to the finding."""
    told = [row["told"][id_][0] for id_ in fault.found if id_ in row.get("told", {})]
    return max(0, min(told) - (row["broken"] or 0)) if told else None


def alarms(row: Row) -> dict[str, str]:
    """All that was ever told of a healthy run, and its gravest severity."""
    found: dict[str, str] = {}
    said = [*row.get("severities", {}).items(), *((id_, when[1]) for id_, when in row.get("told", {}).items())]
    for id_, severity in said:
        found[id_] = min(found.get(id_, severity), severity, key=SEVERITIES.index)  # type: ignore[arg-type]
    return found


def tally(rows: Iterable[Row]) -> dict[str, Any]:
    """All figures of a set."""
    by_role: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_role[of(row)[0]].append(row)
    sick, well = by_role["sick"], by_role["control"] + by_role["healthy"]
    return {
        "faults": _by_fault(sick),
        "recall": {level: _recall(sick, level) for level in SEVERITIES},
        "right_cause_first": share(sum(first(row, TABLE[of(row)[1]]) for row in sick), len(sick)),
        "precision": _precision(sick, well),
        "false_alarms": {"healthy": _alarms(by_role["healthy"]), "controls": _alarms(by_role["control"])},
        "rules": {id_: _rule(id_, sick, by_role["healthy"]) for id_ in rules.TABLE},
        "delay": _delay(sick),
        "misses": {row["cell"]: row.get("findings") for row in sick if not caught(row, TABLE[of(row)[1]])},
        "alarms": {row["cell"]: alarms(row) for row in well if alarms(row)},
        "raised": {row["cell"]: row["error"] for row in sick + well if "error" in row},
        "disabled": dict(Counter(probe for row in sick + well for probe in row.get("disabled", {}))),
        "seconds": round(sum(row["seconds"] for row in sick + well)),
    }


def _recall(sick: list[Row], level: str) -> dict[str, Any]:
    mine = [row for row in sick if TABLE[of(row)[1]].severity == level]
    return share(sum(caught(row, TABLE[of(row)[1]]) for row in mine), len(mine))


def _by_fault(sick: list[Row]) -> dict[str, Any]:
    """By fault: how often caught and first, and what was found in all."""
    found: dict[str, Any] = {}
    for name, fault in TABLE.items():
        mine = [row for row in sick if of(row)[1] == name]
        if not mine:
            continue
        delays = [steps for row in mine if (steps := delay(row, fault)) is not None]
        found[name] = {
            "says": fault.says,
            "severity": fault.severity,
            "meant": fault.found,
            "instances": len(mine),
            "caught": sum(caught(row, fault) for row in mine),
            "first": sum(first(row, fault) for row in mine),
            "found": dict(Counter(id_ for row in mine for id_ in row.get("findings", ()))),
            "delay": statistics.median(delays) if delays else None,
        }
    return found


def _precision(sick: list[Row], well: list[Row]) -> dict[str, Any]:
    """Of all errors and warnings that were found, those that name the fault that was planted."""
    right = wrong = 0
    for row in sick:
        for id_, severity in row.get("severities", {}).items():
            if severity in GRAVE:
                right, wrong = (right + 1, wrong) if id_ in TABLE[of(row)[1]].found else (right, wrong + 1)
    wrong += sum(severity in GRAVE for row in well for severity in row.get("severities", {}).values())
    return share(right, right + wrong)


def _alarms(rows: list[Row]) -> dict[str, Any]:
    """Runs of which something was ever told, and by which rule."""
    said = [alarms(row) for row in rows]
    grave = [any(severity in GRAVE for severity in one.values()) for one in said]
    return {
        "errors_and_warnings": share(sum(grave), len(rows)),
        "errors": share(sum("error" in one.values() for one in said), len(rows)),
        "warnings": share(sum("warning" in one.values() for one in said), len(rows)),
        "advice": share(sum("advice" in one.values() for one in said), len(rows)),
        "by_rule": dict(Counter(id_ for one in said for id_ in one)),
    }


def _rule(id_: str, sick: list[Row], healthy: list[Row]) -> Mapping[str, Any]:
    """Of the faults that it is meant to name, how many it did, and on how many healthy runs it was told."""
    mine = [row for row in sick if TABLE[of(row)[1]].found[0] == id_]
    return {
        "recall": share(sum(caught(row, TABLE[of(row)[1]]) for row in mine), len(mine)),
        "false_alarms": share(sum(id_ in alarms(row) for row in healthy), len(healthy)),
    }


def _delay(sick: list[Row]) -> dict[str, Any]:
    """Of structural and numeric faults that were caught, from the first bad step to the finding."""
    faults = [(row, TABLE[of(row)[1]]) for row in sick]
    found = [delay(row, fault) for row, fault in faults if fault.kind in SOON and caught(row, fault)]
    steps = sorted(one for one in found if one is not None)
    if not steps:
        return {"count": 0}
    return {"count": len(steps), "median": statistics.median(steps), "most": steps[-1],
            "within_50": sum(one <= 50 for one in steps)}  # fmt: skip
