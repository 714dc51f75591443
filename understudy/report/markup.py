"""HTML from small pieces. Text is escaped unless it is `Html`, so nothing has to remember to escape."""

import html
import json
from collections.abc import Iterable

_VOID = frozenset({"br", "img", "meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: object) -> Html:
    """One element.

    Args:
        name: the element's name.
        children: text (escaped) or `Html` (kept); None is left out.
        attributes: `class_` gives `class`, `stroke_width` gives `stroke-width`; None and False leave one out, True
            gives it no value.
    """
    opening = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opening if name in _VOID else f"{opening}{join(children)}</{name}>")


def join(parts: Iterable[str | None]) -> Html:
    """Pieces one after the other, escaped where they are plain text."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts if part is not None))


def json_script(value: object, **attributes: object) -> Html:
    """Data for the page's script; no string in it can close the element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return tag("script", Html(text), type="application/json", **attributes)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
