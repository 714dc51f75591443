"""A run is a directory that anyone can read: the names of its files, and how they are written."""

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from understudy.errors import RunError
from understudy.files import read_json, read_lines, write_json

FORMAT = 1


@dataclass(frozen=True)
class RunDirectory:
    """Paths and small files of one run."""

    path: Path

    @property
    def record(self) -> Path:
        """run.json: what was asked for, on what machine, and how it ended."""
        return self.path / "run.json"

    @property
    def events(self) -> Path:
        """events.jsonl: what happened, line by line."""
        return self.path / "events.jsonl"

    @property
    def checkpoint(self) -> Path:
        """Everything needed to go on training."""
        return self.path / "checkpoint.safetensors"

    @property
    def weights(self) -> Path:
        """The weights to use."""
        return self.path / "model.safetensors"

    @property
    def model(self) -> Path:
        """model.json: the network's name, options and data spec."""
        return self.path / "model.json"

    @property
    def figures(self) -> Path:
        """The report's pictures."""
        return self.path / "figures"

    def read(self) -> dict[str, Any]:
        """run.json.

        Raises:
            RunError: this is no run directory, or its record is damaged or of a later version.
        """
        if not self.record.is_file():
            what = "no such directory" if not self.path.is_dir() else "it has no run.json"
            raise RunError(f"'{self.path}' is not a run: {what}; `understudy runs` lists what there is")
        try:
            record = read_json(self.record)
            version = record["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"cannot read {self.record}: {error!r}") from None
        if version != FORMAT:
            raise RunError(f"{self.record} has format {version}, this version reads {FORMAT}")
        return dict(record)

    def update(self, **changes: Any) -> None:
        """Change fields of run.json."""
        write_json(self.record, {**self.read(), **changes})

    def read_file(self, name: str) -> Any:
        """A JSON file of the run, or None where it is not there.

        Raises:
            RunError: it is damaged.
        """
        path = self.path / name
        try:
            return read_json(path) if path.is_file() else None
        except (OSError, ValueError) as error:
            raise RunError(f"cannot read {path}: {error}") from None

    @property
    def scores(self) -> dict[str, float]:
        """scores.json, empty before the run is scored."""
        return dict(self.read_file("scores.json") or {})

    @property
    def findings(self) -> list[dict[str, Any]]:
        """findings.json without what is set aside; empty where nothing was found."""
        return [finding for finding in self.read_file("findings.json") or [] if "ignored" not in finding]

    @property
    def ignored(self) -> list[dict[str, Any]]:
        """Findings that the run file sets aside, each with the reason under `ignored`."""
        return [finding for finding in self.read_file("findings.json") or [] if "ignored" in finding]

    def read_events(self) -> list[dict[str, Any]]:
        """The events so far; a line that is still being written is left out."""
        return list(read_lines(self.events))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training in this directory.

        Raises:
            RunError: one is doing so.
        """
        lock = FileLock(self.path / ".lock")
        try:
            with lock.acquire(timeout=0):
                yield
        except Timeout:
            raise RunError(f"'{self.path}' is being trained by another process") from None


def create(path: Path, record: Mapping[str, Any], model: Mapping[str, Any]) -> RunDirectory:
    """A new run directory; its record comes last, so that a directory with a record is complete.

    Raises:
        RunError: there is something at this path already.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"'{path}' exists; choose another --out, or go on with `understudy resume {path}`")
    directory = RunDirectory(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_json(directory.model, model)
        write_json(path / "findings.json", [])
        write_json(directory.record, {"format": FORMAT, "name": path.name, **record})
    except OSError as error:
        raise RunError(f"cannot write a run at '{path}': {error}") from None
    return directory


def fresh_path(root: Path, network: str, data: str) -> Path:
    """The next free `network-data-number` under `root`, made at once, so that runs that start together do not meet."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{Path(network).stem}-{Path(data).stem}").strip("-")
    root.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        try:
            (root / f"{stem}-{number}").mkdir()
        except FileExistsError:
            continue
        return root / f"{stem}-{number}"
    raise AssertionError("there is always a next number")


def runs_under(root: Path) -> list[RunDirectory]:
    """All runs in and directly or deeply below `root`, by path.

    Raises:
        RunError: no such directory.
    """
    if not root.is_dir():
        raise RunError(f"no directory '{root}'; train something first, or pass --root")
    return [RunDirectory(record.parent) for record in sorted(root.rglob("run.json"))]
