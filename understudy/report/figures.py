"""The figures of a run, inlined: small pictures enlarged by whole factors, large ones scaled down."""

import base64
import mimetypes
import struct
from pathlib import Path
from typing import Any

from understudy.errors import RunError
from understudy.report.markup import Html, join, tag
from understudy.report.plots import plot_html
from understudy.report.reading import read_json

ROOM = (980, 640)  # CSS pixels that an enlarged picture may take
MAX_FACTOR = 8
_PNG = b"\x89PNG\r\n\x1a\n"


def figures_html(directory: Path, figures: list[dict[str, Any]], room: tuple[int, int] = ROOM) -> Html:
    """All figures of a run, one after the other."""
    return join(figure_html(directory, figure, room) for figure in figures)


def figure_html(directory: Path, figure: dict[str, Any], room: tuple[int, int] = ROOM) -> Html:
    """One figure with its title and caption."""
    return tag("figure", caption_html(figure), picture_html(directory, figure, room), class_="picture")


def caption_html(figure: dict[str, Any]) -> Html:
    """A figure's title and caption."""
    caption = str(figure.get("caption", ""))
    return tag("figcaption", tag("strong", _title(figure)), " ", tag("span", caption) if caption else None)


def picture_html(directory: Path, figure: dict[str, Any], room: tuple[int, int] = ROOM) -> Html:
    """A figure's picture or plot alone; a file that is gone is named.

    Args:
        directory: the run.
        figure: its line of `figures/index.json`.
        room: CSS pixels that an enlarged picture may take.

    Raises:
        RunError: the file lies outside the run's figures, or cannot be read.
    """
    path = figure_path(directory, figure)
    if not path.is_file():
        return tag("p", f"{path.name} is missing.", class_="quiet")
    if figure.get("kind") == "text":
        return tag("pre", path.read_text(encoding="utf-8"), class_="written")
    if path.suffix == ".json":
        body, width = plot_html(str(figure.get("kind")), read_json(path, dict), _title(figure))
    else:
        body, width = _image(path, _title(figure), room)
    return tag("div", body, class_="fitted", style=f"--width:{width}px")


def figure_path(directory: Path, figure: dict[str, Any]) -> Path:
    """Where a figure's file lies.

    Raises:
        RunError: not directly in the run's figures; a report must not carry other files away.
    """
    name = str(figure.get("file", ""))
    if not name or Path(name).name != name:
        raise RunError(f"{directory / 'figures' / 'index.json'} names {name!r}; give a file in the same folder.")
    return directory / "figures" / name


def data_url(path: Path) -> str:
    """The file's content as an address that needs no file."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def png_size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels, from the header; None if the file is no PNG."""
    with path.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or not head.startswith(_PNG):
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def enlargement(size: tuple[int, int], room: tuple[int, int] = ROOM) -> int:
    """The whole factor by which a picture of this size is shown; at least 1."""
    return max(1, min(room[0] // max(size[0], 1), room[1] // max(size[1], 1), MAX_FACTOR))


def _title(figure: dict[str, Any]) -> str:
    return str(figure.get("title") or Path(str(figure.get("file", ""))).stem)


def _image(path: Path, title: str, room: tuple[int, int]) -> tuple[Html, int]:
    size = png_size(path)
    if size is None:
        return tag("img", src=data_url(path), alt=title), room[0]
    factor = enlargement(size, room)
    image = tag(
        "img",
        src=data_url(path),
        alt=title,
        width=size[0],
        height=size[1],
        class_="pixels" if factor > 1 else None,
        style=f"--native:{size[0]}px;--factor:{factor}" if factor > 1 else None,
    )
    return tag("div", image, class_="frame"), size[0] * factor
