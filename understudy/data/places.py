"""Where the files of a known set may lie: a folder per set under $UNDERSTUDY_DATA, or in the cache."""

import os
from pathlib import Path


def given_folder(name: str) -> Path | None:
    """The set's folder under $UNDERSTUDY_DATA; None where the variable is not set."""
    root = os.environ.get("UNDERSTUDY_DATA")
    return Path(root).expanduser() / name if root else None


def cache_folder(name: str) -> Path:
    """The set's folder in the cache: what is downloaded goes there."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "understudy" / name


def folders(name: str) -> list[Path]:
    """Where to look for a set, best first."""
    given = given_folder(name)
    return [*([given] if given else []), cache_folder(name)]
