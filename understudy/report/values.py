"""Plain JSON values as HTML."""

import json
from typing import Any

from understudy.report.markup import Html, join, tag


def value_html(value: Any) -> Html:
    """Any JSON value: a list as a list, an object on one line, an option or command as code."""
    if isinstance(value, list):
        return tag("ul", *(tag("li", value_html(item)) for item in value))
    if isinstance(value, dict):
        return join([tag("span", _pair(key, item), class_="pair") for key, item in flatten(value).items()])
    if isinstance(value, str) and value.startswith(("--", "understudy ")):
        return tag("code", value)
    return join([value_text(value)])


def _pair(key: str, value: Any) -> Html:
    return join([f"{key.replace('_', ' ')}: " if "." not in key else f"{key} = ", value_text(value)])


def value_text(value: Any) -> str:
    """A value on one line: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def flatten(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted names: {'model': {'depth': 2}} gives {'model.depth': 2}."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        nested = isinstance(value, dict) and value
        flat |= flatten(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return flat
