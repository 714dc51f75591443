"""What was found wrong: the cards above the curves, and their pins on the loss."""

import shlex
from pathlib import Path
from typing import Any

from understudy.report.charts import Pin
from understudy.report.evidence import evidence_html
from understudy.report.markup import Html, join, tag
from understudy.report.values import value_html, value_text

SEVERITIES = ("error", "warning", "advice")
_PIN_LENGTH = 34


def ranked(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gravest first, then by step; those that are set aside are left out."""
    return sorted(
        (one for one in findings if "ignored" not in one),
        key=lambda finding: (_rank(finding), finding.get("step") or 0),
    )


def findings_html(findings: list[dict[str, Any]], run: Path) -> Html:
    """One numbered card per finding of a run, and a line for each that is set aside; without any the run is named."""
    cards = [_card(number, finding) for number, finding in enumerate(ranked(findings), 1)]
    command = tag("code", f"understudy doctor {shlex.quote(str(run))}")
    nothing = tag("p", "Nothing was found. What was checked, and what was not: ", command, class_="quiet")
    told = tag("ol", *cards, class_="findings") if cards else nothing
    aside = [finding for finding in findings if "ignored" in finding]
    return join([told, *(tag("p", f"Set aside: {_title(one)}: {one['ignored']}", class_="quiet") for one in aside)])


def pins(findings: list[dict[str, Any]]) -> tuple[Pin, ...]:
    """A pin for every finding that has a step, numbered like its card."""
    return tuple(
        Pin(int(finding["step"]), f"{number} {_short(_title(finding))}", _severity(finding))
        for number, finding in enumerate(ranked(findings), 1)
        if finding.get("step") is not None
    )


def _card(number: int, finding: dict[str, Any]) -> Html:
    severity, step = _severity(finding), finding.get("step")
    where = tag("small", f"step {step:,}") if isinstance(step, int) else None
    head = tag("h3", tag("span", str(number), class_="number"), _title(finding), " ", where)
    parts = [
        _part("Evidence", finding.get("evidence")),
        evidence_html(finding.get("measured"), step),
        _part("Cause", finding.get("cause")),
        _part("Remedies", [_remedy(remedy) for remedy in finding.get("remedies") or []]),
    ]
    return tag("li", tag("span", severity, class_=f"badge {severity}"), head, tag("dl", *parts), class_=severity)


def _part(label: str, value: Any) -> Html | None:
    return tag("div", tag("dt", label), tag("dd", value_html(value))) if value else None


def _remedy(remedy: Any) -> Any:
    """A remedy with its options as they are typed; one of another version as it is."""
    if not isinstance(remedy, dict) or "title" not in remedy:
        return remedy
    options = [f"--set {name}={value_text(value)}" for name, value in (remedy.get("patch") or {}).items()]
    expects = f": {remedy['expects']}" if remedy.get("expects") else ""
    return join([f"{remedy['title']}{expects} ", *(join([tag("code", option), " "]) for option in options)])


def _title(finding: dict[str, Any]) -> str:
    return str(finding.get("title") or finding.get("id") or "finding")


def _severity(finding: dict[str, Any]) -> str:
    severity = str(finding.get("severity"))
    return severity if severity in SEVERITIES else "advice"


def _rank(finding: dict[str, Any]) -> int:
    return SEVERITIES.index(_severity(finding))


def _short(title: str) -> str:
    return title if len(title) <= _PIN_LENGTH else f"{title[: _PIN_LENGTH - 1].rstrip()}…"
