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
    parts.append(f"  looked at and clear: {len(verdict.clear)} rules; print(...) what watch gave for all of them")
    parts += [_wrapped("not checked", f"{', '.join(ids)}: {reason}") for reason, ids in verdict.unread().items()]
    if verdict.disabled:
        parts.append(_wrapped("broke", "; ".join(f"{name}: {why}" for name, why in verdict.disabled.items())))
    return "\n".join(parts)


def table_text(verdict: Verdict) -> str:
    """A line for every rule: what it says, and the number that tells or why there is none."""
    rows: list[tuple[str, str, int | None, str]] = []
    rows += [(finding.severity, finding.id, finding.step, _number(finding)) for finding in verdict.findings]
    rows += [("set aside", finding.id, finding.step, why) for finding, why in verdict.ignored]
    rows += [("follows", finding.id, finding.step, f"from {by}") for finding, by in verdict.hidden]
    rows += [("clear", id_, None, "") for id_ in verdict.clear]
    rows += [("not checked", rule.id, None, rule.reason) for rule in verdict.unchecked]
    rows += [("no matter", rule.id, None, rule.reason) for rule in verdict.inapplicable]
    head = f"  {'says':12} {'rule':24} {'since step':>10}  why"
    return "\n".join([head, *(f"  {a:12} {b:24} {'' if c is None else c:>10}  {d}".rstrip() for a, b, c, d in rows)])


def _number(finding: Finding) -> str:
    """The measured number beside the healthy band."""
    found = finding.measured
    if found is None:
        return finding.place
    ends = [("from", found.low), ("to", found.high)]
    band = " ".join(f"{word} {end:g}" for word, end in ends if end is not None)
    return f"{found.signal} {found.value:.4g}{f' (healthy: {band})' if band else ''} {finding.place}".rstrip()


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
