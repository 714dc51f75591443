"""What the documentation derives of the doctor's figures: what it costs, and what its remedies cure."""

import json
import statistics
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"
CURES, COST = RESULTS / "clinic" / "cures.json", RESULTS / "peers" / "doctor_overhead.json"
NONE = "Not measured yet."
KINDS = {"house": "`understudy train`", "plain": "`us.watch`"}


def cost_table() -> str:
    """Step time with the doctor over that without, a row for each kind of network."""
    if not COST.is_file():
        return NONE
    found = json.loads(COST.read_text())
    rows = [
        "| | | a step | steps | by the clock | processor time | before and after |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, median in found["median"].items():
        for name, it in found[kind].items():
            rows.append(
                f"| {KINDS[kind]} | {name} | {it['step_microseconds'] / 1000:.1f} ms | {it['steps']:,} | "
                f"{_more(it['ratios'])} | {_more(it['processors'])} | {it['seconds_around']:g} s |"
            )
        rows.append(
            f"| {KINDS[kind]} | **median** | | | {_more([median['ratio']])} | {_more([median['processor']])} | |"
        )
    threads = found["machine"]["threads"]
    return "\n".join([*rows, "", f"{found['pairs']} interleaved pairs each, {threads} thread; {found['date']}."])


def _more(ratios: list[float]) -> str:
    """The median of ratios as what is more than 1, and the ends."""
    ends = f" ({min(ratios) - 1:+.1%} to {max(ratios) - 1:+.1%})" if len(ratios) > 1 else ""
    return f"{statistics.median(ratios) - 1:+.1%}{ends}"


def cures_table() -> str:
    """Each curable fault: the scores with the mistake, with the remedy that was kept, and of the healthy control."""
    if not CURES.is_file():
        return NONE
    found = json.loads(CURES.read_text())
    rows = [
        "| fault | score | with it | control change | cured | healthy | remedy kept |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found["rows"]:
        if "score" not in row:
            rows.append(f"| {row['fault']} | | | | **no** | | nothing was found that a run can try |")
            continue
        cells = [_mean(row[key]) for key in ("sick", "control_change", "remedied", "healthy")]
        cells[2] = f"**{cells[2]}**" if row["cured"] else f"{cells[2] or '-'}, **no**"
        options = " ".join(f"`{key}={value}`" for key, value in (row["options"] or {}).items())
        rows.append(f"| {row['fault']} | `{row['score']}` | {' | '.join(cells)} | {options or 'none won'} |")
    return "\n".join([*rows, "", _told(found)])


def _told(found: dict[str, Any]) -> str:
    seeds = found["rows"][0]["seeds"]
    left = f" Not tried for lack of time: {', '.join(found['left'])}." if found["left"] else ""
    return (
        f"{found['cured']} of {found['of']} cured; cures that a seed of no change or of the control change equals: "
        f"{found['equalled']}. Set `{found['set']}`, {seeds} seeds of every change, {found['date']}.{left}"
    )


def _mean(values: list[float]) -> str:
    """Of the seeds, with their ends; a dash where none finished."""
    if not values:
        return "-"
    ends = f" ({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else ""
    return f"{sum(values) / len(values):.3g}{ends}"
