"""How to get the same run again: the command, every setting, the versions."""

from typing import Any

from understudy.report.markup import Html, join, tag
from understudy.report.reading import RunFiles
from understudy.report.values import flatten, value_text


def settings_html(run: RunFiles) -> Html:
    """The command to copy, one table per group of settings, and the versions."""
    command = run.run.get("command")
    return join(
        [
            command_html(str(command)) if command else None,
            tag("div", *(_table(name, group) for name, group in _groups(run)), class_="settings"),
        ]
    )


def command_html(command: str) -> Html:
    """A command line with a button that copies it."""
    button = tag("button", "Copy", type="button", class_="copy", hidden=True)
    return tag("div", tag("code", command), button, class_="command")


def _groups(run: RunFiles) -> list[tuple[str, dict[str, Any]]]:
    config = run.run.get("config") or {}
    alone = {key: value for key, value in config.items() if not isinstance(value, dict)}
    nested = [(key, flatten(value)) for key, value in config.items() if isinstance(value, dict)]
    data = run.run.get("data") or {}
    source = {"fingerprint": data["fingerprint"]} if data.get("fingerprint") else {}
    groups = [("run", alone | source), *nested, ("versions", run.run.get("versions") or {})]
    return [(name, group) for name, group in groups if group]


def _table(name: str, group: dict[str, Any]) -> Html:
    rows = (tag("tr", tag("th", key, scope="row"), tag("td", value_text(value))) for key, value in group.items())
    return tag("table", tag("caption", name.capitalize()), tag("tbody", *rows))
