"""The verdict in words, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from understudy.doctor.finding import Finding
from understudy.doctor.verdict import Verdict
from understudy.doctor.watch.lines import Line

WIDTH = 110


def verdict_text(verdict: Verdict, lines: Mapping[str, Line], rounds: int) -> str:
    """What was found, the gravest first, each with its evidence and the line to change; and what was not checked.

    Args:
        lines: of the findings, by their id.
    """
    count = len(verdict.findings)
    aside = f", {len(verdict.ignored)} set aside" if verdict.ignored else ""
    head = f"understudy: {count or 'no'} finding{'s' * (count != 1)} in {rounds:,} steps{aside}"
    parts = [head, *(_finding(finding, lines.get(finding.id)) for finding in verdict.findings)]
    parts += [_wrapped("set aside", f"{finding.title} [{finding.id}]: {why}") for finding, why in verdict.ignored]
    parts.append(f"  looked at and clear: {len(verdict.clear)} rules")
    if verdict.unchecked:
        names = "; ".join(f"{rule.id} ({rule.reason})" for rule in verdict.unchecked)
        parts.append(_wrapped("not checked", names))
    if verdict.disabled:
        parts.append(_wrapped("broke", "; ".join(f"{name}: {why}" for name, why in verdict.disabled.items())))
    return "\n".join(parts)


def _finding(finding: Finding, line: Line | None) -> str:
    where = f" · {finding.place}" if finding.place and finding.place != str(line) else ""
    rows = [f"  {finding.severity}: {finding.title}{where}"]
    if line is not None:
        rows.append(f"    {line}  {line.text}")
    rows.append(_wrapped("evidence", finding.evidence))
    rows.append(_wrapped("cause", finding.cause))
    for remedy in finding.remedies[:2]:
        rows.append(_wrapped("change", remedy.title))
        if remedy.code:
            rows.append(f"              {remedy.code}")
    return "\n".join(rows)


def _wrapped(label: str, text: str) -> str:
    head = f"    {label}: "
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent=" " * 6, break_on_hyphens=False)
