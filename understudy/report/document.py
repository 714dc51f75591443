"""The page around a report: one file that loads nothing, written in one move."""

from functools import cache
from importlib.resources import files

from understudy.report.markup import Html, tag

# The browser itself then refuses whatever a page might try to load.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def document(title: str, *body: str | None) -> str:
    """A whole HTML page with style and script inlined."""
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", asset("uplot/uPlot.min.css"), asset("report.css")),
    )
    page = tag("html", tag("head", *head), tag("body", tag("main", *body), *_scripts()), lang="en")
    return f"<!doctype html>\n{page}\n"


def section(title: str, *content: str | None) -> Html:
    """A titled part of the page."""
    return tag("section", tag("h2", title), *content)


def toolbar() -> Html:
    """The switches for all charts; hidden until the page's script shows them."""
    return tag(
        "div",
        _switch("x", "Horizontal axis", ("step", "Steps"), ("time", "Time")),
        _switch("y", "Vertical axis", ("linear", "Linear"), ("log", "Log")),
        tag("span", "Drag to zoom, double-click to reset.", class_="quiet"),
        class_="toolbar",
        hidden=True,
    )


def _scripts() -> tuple[Html, Html]:
    notice = f"/*\n{asset('uplot/LICENSE')}*/\n"
    return (
        tag("script", Html(notice + asset("uplot/uPlot.iife.min.js"))),
        tag("script", asset("report.js")),
    )


def _switch(name: str, label: str, *choices: tuple[str, str]) -> Html:
    buttons = (
        tag("button", text, type="button", data_axis=name, data_value=value, aria_pressed="true" if first else "false")
        for first, (value, text) in zip((True, False), choices, strict=True)
    )
    return tag("span", *buttons, class_="switch", role="group", aria_label=label)


@cache
def asset(name: str) -> Html:
    """A file of the page's, as it is."""
    return Html(files("understudy.report").joinpath("assets", *name.split("/")).read_text("utf-8"))
