"""Findings that somebody knows of, and why they do not count: from a run file, or a file of their own."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy.doctor import rules
from understudy.errors import OptionError, UnknownName

_MADE_BY = (
    "make one with `understudy doctor RUN --json > known.json`, or write a .toml with [ignore], lines id = 'reason'"
)


def reasons_of(ignored: Any, where: str) -> dict[str, str]:
    """A table of findings to set aside, checked: by id, or `id@place` for one place, each with its reason.

    Args:
        where: what to call the table in an error.

    Raises:
        UnknownName: there is no such finding.
        OptionError: it is no table, or a reason is missing.
    """
    if not isinstance(ignored, Mapping):
        raise OptionError(f"{where} is a table of findings and reasons, got {ignored!r}")
    for key, reason in ignored.items():
        rules.one(key.partition("@")[0])
        if not isinstance(reason, str) or not reason.strip():
            raise OptionError(f'{where}: {key} has no reason; write {key} = "why it does not matter"')
    return {key: reason.strip() for key, reason in ignored.items()}


def of_run_file(doctor: Mapping[str, Any]) -> dict[str, str]:
    """What the table `[doctor.ignore]` of a run file sets aside.

    Raises:
        UnknownName: the table `[doctor]` has something else, or there is no such finding.
        OptionError: a reason is missing.
    """
    for key in doctor:
        if key != "ignore":
            raise UnknownName("key in [doctor]:", key, ("ignore",))
    return reasons_of(doctor.get("ignore", {}), "[doctor.ignore]")


def of_baseline(path: Path) -> dict[str, str]:
    """What a file sets aside: the JSON of an earlier verdict, or a TOML file with a table `[ignore]`.

    Raises:
        UnknownName: it names a finding that does not exist.
        OptionError: it cannot be read, or a reason is missing.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            ignored = tomllib.loads(text)["ignore"]
        else:
            verdict = json.loads(text)
            known = {_place(finding): f"known: {path}" for finding in verdict["findings"]}
            ignored = {**verdict.get("ignored", {}), **known}
    except (OSError, ValueError) as error:
        raise OptionError(f"cannot read baseline {path}: {error}; {_MADE_BY}") from None
    except (KeyError, TypeError):
        raise OptionError(f"{path} is neither a verdict of the doctor nor a table [ignore]; {_MADE_BY}") from None
    return reasons_of(ignored, str(path))


def _place(finding: Mapping[str, Any]) -> str:
    return f"{finding['id']}@{finding['place']}" if finding["place"] else finding["id"]
