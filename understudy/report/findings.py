"""What was found wrong: the cards above the curves, and their pins on the loss."""

from typing import Any

from understudy.report.charts import Pin
from understudy.report.markup import Html, tag
from understudy.report.values import value_html

SEVERITIES = ("error", "warning", "advice")
_PIN_LENGTH = 34


def ranked(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gravest first, then by step."""
    return sorted(findings, key=lambda finding: (_rank(finding), finding.get("step") or 0))


def findings_html(findings: list[dict[str, Any]]) -> Html:
    """One numbered card per finding."""
    if not findings:
        return tag("p", "Every loss and weight stayed finite. Nothing else was checked.", class_="quiet")
    cards = (_card(number, finding) for number, finding in enumerate(ranked(findings), 1))
    return tag("ol", *cards, class_="findings")


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
    parts = (_part(label, finding.get(label.lower())) for label in ("Evidence", "Cause", "Remedies"))
    return tag("li", tag("span", severity, class_=f"badge {severity}"), head, tag("dl", *parts), class_=severity)


def _part(label: str, value: Any) -> Html | None:
    return tag("div", tag("dt", label), tag("dd", value_html(value))) if value else None


def _title(finding: dict[str, Any]) -> str:
    return str(finding.get("title") or finding.get("id") or "finding")


def _severity(finding: dict[str, Any]) -> str:
    severity = str(finding.get("severity"))
    return severity if severity in SEVERITIES else "advice"


def _rank(finding: dict[str, Any]) -> int:
    return SEVERITIES.index(_severity(finding))


def _short(title: str) -> str:
    return title if len(title) <= _PIN_LENGTH else f"{title[: _PIN_LENGTH - 1].rstrip()}…"
