"""Files from the network: verified before anyone can see them."""

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO

from understudy.errors import DataError

_TIMEOUT = 30  # seconds without an answer
_CHUNK = 1 << 20


def fetch(file: str, mirrors: Sequence[str], md5: str, folder: Path) -> Path:
    """Download one file; it appears in `folder` complete and verified, or not at all.

    Args:
        file: its name, appended to each mirror's address.
        mirrors: addresses that end in "/", tried in turn.
        md5: the checksum that its makers publish, in hexadecimal.
        folder: made where it does not exist.

    Raises:
        DataError: no mirror answered with the right content; the message has each one's reason.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reasons = []
    for mirror in mirrors:
        try:
            return _fetch_from(mirror + file, md5, folder / file)
        except (OSError, HTTPException, DataError) as error:  # URLError is an OSError
            reasons.append(f"{mirror}{file}: {error}")
    raise DataError("; ".join(reasons))


def _fetch_from(url: str, md5: str, target: Path) -> Path:
    handle, part = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            found = _copy(url, file)
        if found != md5:
            raise DataError(f"checksum is {found} and should be {md5}")
        Path(part).chmod(0o644)  # mkstemp makes it private
        Path(part).replace(target)
    finally:
        Path(part).unlink(missing_ok=True)
    return target


def _copy(url: str, file: BinaryIO) -> str:
    """Writes what `url` sends, and returns its checksum."""
    digest = hashlib.md5(usedforsecurity=False)  # against accidents; the makers publish no other
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
        while chunk := answer.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
