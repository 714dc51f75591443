"""A long list of files in little memory: one string of bytes and one number per file, not one object each."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np


class Paths:
    """Paths below one folder; about 40 bytes per file where a list of `Path` takes 300."""

    def __init__(self, root: Path, relative: Iterable[str]) -> None:
        self._root = os.fsencode(root / "_")[:-1]  # ends in a separator
        self._text = bytearray()
        ends = []
        for path in relative:
            self._text += os.fsencode(path)
            ends.append(len(self._text))
        self._ends = np.array([0, *ends], np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def relative(self, position: int) -> bytes:
        """The path below the folder."""
        return bytes(self._text[self._ends[position] : self._ends[position + 1]])

    def __getitem__(self, position: int) -> str:
        return os.fsdecode(self._root + self.relative(position))
