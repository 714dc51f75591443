"""The head of a report: the name, where the run stands, and the facts that matter."""

from datetime import datetime
from typing import Any

from understudy.report.markup import Html, tag
from understudy.report.numbers import format_duration, format_number
from understudy.report.reading import RunFiles


def overview_html(run: RunFiles) -> Html:
    """Title, status, summary, the reason if it did not finish, and the facts."""
    reason = run.run.get("reason")
    return tag(
        "header",
        tag("h1", run.name, " ", status_badge(run.status)),
        tag("p", str(run.run["summary"]), class_="summary") if run.run.get("summary") else None,
        tag("p", str(reason), class_=f"reason {run.status}") if reason else None,
        tag("dl", *(_fact(label, value, detail) for label, value, detail in facts(run) if value), class_="facts"),
    )


def status_badge(status: str) -> Html:
    """The status as a coloured word."""
    return tag("span", status, class_=f"badge {status}")


def facts(run: RunFiles) -> list[tuple[str, str, str]]:
    """(label, value, detail) of what the run is and what it took."""
    data, config, cures = (run.run.get(name) or {} for name in ("data", "config", "cures"))
    return [
        ("Cures", str(cures.get("run", "")), str(cures.get("remedy", ""))),
        ("Network", str(run.run.get("network", "")), _counted(run.run.get("parameters"), "parameters")),
        ("Data", str(data.get("name", "")), described(data)),
        ("Items", *_sizes(data.get("sizes") or {})),
        ("Training", _counted(run.run.get("step"), "steps"), _counted(run.run.get("epoch"), "epochs")),
        ("Training time", format_duration(run.seconds), ""),
        ("Machine", str(run.run.get("device", "")), _machine(run.run)),
        ("Seed", str(config.get("seed", "")), ""),
        ("Started", *_moment(run.run.get("started"))),
    ]


def described(data: dict[str, Any]) -> str:
    """What one item is, in words; of a run that does not say so, its kind."""
    spec = data.get("spec") or {}
    words, classes = str(data.get("items") or spec.get("kind", "")), spec.get("classes") or []
    return f"{words}, {len(classes)} classes" if classes else words


def _fact(label: str, value: str, detail: str) -> Html:
    return tag("div", tag("dt", label), tag("dd", value, tag("small", detail) if detail else None))


def _counted(count: Any, noun: str) -> str:
    if not isinstance(count, int | float):
        return ""
    return f"{format_number(count)} {noun.removesuffix('s') if count == 1 else noun}"


def _sizes(sizes: dict[str, Any]) -> tuple[str, str]:
    parts = [f"{format_number(count)} {split}" for split, count in sizes.items()]
    return (parts[0], ", ".join(parts[1:])) if parts else ("", "")


def _machine(run: dict[str, Any]) -> str:
    return ", ".join(
        part for part in (_counted(run.get("threads"), "threads"), str(run.get("precision") or "")) if part
    )


def _moment(started: Any) -> tuple[str, str]:
    if not started:
        return "", ""
    moment = datetime.fromisoformat(str(started))
    return f"{moment.day} {moment:%B %Y}", f"{moment:%H:%M} {moment.tzname() or ''}".strip()
