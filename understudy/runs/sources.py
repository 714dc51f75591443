"""The data that a run is used with: its own, or other data brought to its spec."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from understudy.data.conform import load_for
from understudy.data.dataset import Dataset
from understudy.data.spec import spec_from_json
from understudy.errors import OptionError, RunError
from understudy.runs.runfile import resolve


def data_of(record: Mapping[str, Any], source: str | None, *, whole: bool = False) -> Dataset:
    """The run's own data, or other data brought to its spec, all of it held out unless it names splits of its own.

    Args:
        record: the run's `run.json`.

    Raises:
        DataError: the data does not fit the network.
        OptionError: the run was trained on arrays and no other data was named.
        RunError: the run's own data has changed.
    """
    file, spec = resolve(record["config"], {}), spec_from_json(record["data"]["spec"])
    if source is not None and not _same(source, file.source):
        return load_for(source, spec, replace(file.data, labels=None), whole=True)
    if file.source is None:
        raise OptionError("this run was trained on arrays; pass --data")
    data = load_for(file.source, spec, file.data, whole=whole)
    if not whole and data.fingerprint != record["data"]["fingerprint"]:
        raise RunError(f"the data '{data.name}' has changed since the run began: what was held out is no longer known")
    return data


def _same(source: str, other: str | None) -> bool:
    """Whether two sources are one: the run's own data keeps its split, however it is called."""
    return other is not None and (source == other or Path(source).resolve() == Path(other).resolve())
