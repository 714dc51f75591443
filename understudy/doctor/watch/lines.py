"""Which line of the user's own code is at work."""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch


def _folder(package: str) -> str:
    found = find_spec(package)
    return str(Path(found.origin).parent) if found is not None and found.origin else ""


NOT_THEIRS = (
    str(Path(torch.__file__).parent),
    str(Path(__file__).parent.parent.parent),
    *(folder for folder in map(_folder, ("lightning_fabric", "accelerate")) if folder),
)
"""Folders whose code is not the user's."""


@dataclass(frozen=True)
class Line:
    """A line of a file."""

    file: str
    number: int

    @property
    def text(self) -> str:
        """What stands there; empty where the file cannot be read."""
        return linecache.getline(self.file, self.number).strip()

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.number}"


def their_line() -> Line | None:
    """The innermost line at work that is not torch's or ours."""
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(NOT_THEIRS):
            return Line(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return None
