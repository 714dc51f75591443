"""What a fix's table shows, for the terminal and the page alike; reads fix.json as plain values."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from understudy.report.metrics import metric
from understudy.report.numbers import format_number


@dataclass(frozen=True)
class Line:
    """A row: what was changed, what became of the finding, and how good the network was.

    Attributes:
        gone: in how many runs the findings that it is for were gone.
        signal: the number that told, in the sick run and now; where there is none, what was expected.
    """

    HEAD: ClassVar[tuple[str, ...]] = ("change", "options", "finding gone", "signal")

    change: str
    options: str
    gone: str
    signal: str
    score: str
    verdict: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of the columns."""
        return self.change, self.options, self.gone, self.signal, self.score, self.verdict


def lines_of(record: Mapping[str, Any]) -> list[Line]:
    """The rows of fix.json, in its order."""
    findings = {finding["id"]: finding for finding in record["findings"]}
    return [_line(trial, findings, record) for trial in record["trials"]]


def _line(trial: Mapping[str, Any], findings: Mapping[str, Any], record: Mapping[str, Any]) -> Line:
    done = [run for run in trial["runs"] if run["effects"]]
    ids = trial["findings"] or list(findings)
    gone = sum(all(run["effects"][id_]["gone"] for id_ in ids) for run in done)
    options = ", ".join(f"{name}={_plain(value)}" for name, value in trial["options"].items())
    return Line(
        trial["title"],
        options if trial["kind"] == "remedy" else "",
        f"{gone} of {len(done)}" if done else "",
        "; ".join(filter(None, (_signal(findings[id_], done) for id_ in ids))) or trial["expects"],
        _score(trial, record["criterion"]["name"]),
        trial["verdict"] + (", kept" if _kept(trial, record) else ""),
    )


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _kept(trial: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    cured = record["cured"]
    return trial["kind"] == "remedy" and cured is not None and cured["options"] == trial["options"]


def _signal(finding: Mapping[str, Any], done: list[Mapping[str, Any]]) -> str:
    """Before and after: the median over the runs."""
    measured = finding["measured"]
    values = [value for run in done if (value := run["effects"][finding["id"]]["value"]) is not None]
    if measured is None or not values:
        return ""
    return f"{measured['signal']} {format_number(measured['value'])} → {format_number(statistics.median(values))}"


def _score(trial: Mapping[str, Any], name: str) -> str:
    lost = [run["status"] for run in trial["runs"] if run["status"] in ("diverged", "failed")]
    words = [f"{lost.count(status)} {status}" for status in dict.fromkeys(lost)]
    if trial["mean"] is not None:
        shown = metric(name).format(trial["mean"])
        words.insert(0, shown if trial["deviation"] is None else f"{shown} ± {trial['deviation']:.2g}")
    count = sum(run["criterion"] is not None for run in trial["runs"])
    return ", ".join(words) + (f" ({count})" if count else "")


def footnotes(record: Mapping[str, Any]) -> list[str]:
    """How it is to be read, and what came out."""
    if not record["trials"]:
        return []
    criterion = record["criterion"]
    direction = {"low": "lower", "high": "higher"}[criterion["better"]]
    control = next(trial for trial in record["trials"] if trial["kind"] == "control")
    return [
        f"Judged by {criterion['name']} on the validation split, {direction} is better; mean ± deviation (seeds). "
        "A remedy wins where its worst seed is better than the best one of no change and of the control.",
        f"{control['title'][:1].upper()}{control['title'][1:]}: {control['why']}.",
        _outcome(record),
    ]


def _outcome(record: Mapping[str, Any]) -> str:
    cured = record["cured"]
    if cured is None:
        words = {"not cured": "Nothing won: no remedy was better than no change and the control change."}
        return words.get(record["status"], f"{record['status']}: the same command goes on.")
    return f"{cured['title']} won."


def unhelped(record: Mapping[str, Any]) -> list[str]:
    """Findings that no setting cures, with what to do, and remedies that could not be tried, with the reason."""
    lines = []
    for finding in record["findings"]:
        if not finding["curable"]:
            lines.append(f"{finding['id']} is not curable by settings: {finding['title']}. To do:")
        for remedy in finding["untried"]:
            code = f": {remedy['code']}" if remedy["code"] and not finding["curable"] else ""
            lead = "Not tried: " if finding["curable"] else "  "
            lines.append(f"{lead}{remedy['title']} ({remedy['reason']}){code}")
    return lines
