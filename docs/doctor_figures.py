"""What the documentation derives of the doctor's figures: what it costs, and what its remedies cure."""

import json
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
        "| | step | steps | with `understudy train` | before and after | step | steps | with `us.watch` |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, ours in found["house"].items():
        plain = found["plain"][name]
        rows.append(
            f"| {name} | {_step(ours)} | {ours['steps']:,} | {_ratio(ours)} | {ours['seconds_around']:g} s | "
            f"{_step(plain)} | {plain['steps']:,} | {_ratio(plain)} |"
        )
    medians = ", ".join(f"{KINDS[kind]} {found['median'][kind] - 1:+.1%}" for kind in KINDS)
    threads = found["machine"]["threads"]
    return "\n".join(
        [*rows, "", f"Medians: {medians}. {found['pairs']} interleaved pairs each, {threads} thread; {found['date']}."]
    )


def _step(figures: dict[str, Any]) -> str:
    return f"{figures['step_microseconds'] / 1000:.1f} ms"


def _ratio(figures: dict[str, Any]) -> str:
    low, high = min(figures["ratios"]) - 1, max(figures["ratios"]) - 1
    return f"{figures['ratio'] - 1:+.1%} ({low:+.1%} to {high:+.1%})"


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
    return (
        f"{found['cured']} of {found['of']} cured; cures that a seed of no change or of the control change equals: "
        f"{found['equalled']}. Set `{found['set']}`, {seeds} seeds of every change, {found['date']}."
    )


def _mean(values: list[float]) -> str:
    """Of the seeds, with their ends; a dash where none finished."""
    if not values:
        return "-"
    ends = f" ({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else ""
    return f"{sum(values) / len(values):.3g}{ends}"
