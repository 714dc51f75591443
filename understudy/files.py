"""Files that are either whole or not there, and files that grow line by line, each line whole at once."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place, on disk, when the block ends without an error."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _sync(part)
        part.chmod(0o666 & ~_umask())  # mkstemp makes private files
        part.replace(path)
        if os.name != "nt":  # Windows opens no directories
            _sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file at once."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write a whole JSON file at once."""
    write_text(path, json.dumps(value, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """The value in a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


class Lines:
    """Appends JSON objects to a file, each a whole line at once.

    Args:
        offset: bytes to keep of a file that is there; what came after them is written anew.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._file = path.open("ab", buffering=0)
        self._file.truncate(offset)

    def write(self, line: Mapping[str, Any]) -> None:
        """One more line."""
        self._file.write(json.dumps(line).encode() + b"\n")

    @property
    def offset(self) -> int:
        """Bytes written so far, all of them on disk."""
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """No more lines."""
        self._file.close()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects in such a file, if it is there; a last line that is still being written is left out."""
    if path.is_file():
        lines = path.read_bytes().splitlines(keepends=True)
        yield from (json.loads(line) for line in lines if line.endswith(b"\n"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
