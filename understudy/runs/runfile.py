"""A run file: what was asked for, complete enough to ask for it again."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from understudy import models
from understudy.data.options import DataOptions
from understudy.doctor.known import of_run_file
from understudy.errors import OptionError, UnknownName
from understudy.settings import as_dict, validated
from understudy.training.config import BUDGETS, TrainingConfig

SECTIONS = ("data", "model", "training")
KEYS = ("network", "seed", *SECTIONS, "doctor")


@dataclass(frozen=True)
class RunFile:
    """A request to train.

    Attributes:
        network: a name of the table, or `path.py:Class`.
        source: a data set's name or path; None for arrays, which a run file cannot hold.
        model: the network's options.
        ignored: findings of the doctor to set aside, each with the reason.
    """

    network: str
    source: str | None
    seed: int
    data: DataOptions
    model: Mapping[str, Any]
    training: TrainingConfig
    ignored: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain values, for run.json."""
        return {
            "network": self.network,
            "seed": self.seed,
            "data": {"source": self.source, **as_dict(self.data)},
            "model": dict(self.model),
            "training": as_dict(self.training),
            **({"doctor": {"ignore": dict(self.ignored)}} if self.ignored else {}),
        }


def read_run_file(path: Path) -> dict[str, Any]:
    """A TOML run file as plain values.

    Raises:
        OptionError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OptionError(f"no run file '{path}'") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"cannot read run file '{path}': {error}") from None


def resolve(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> RunFile:
    """A complete run file from a partial one and settings such as `--set` gives, which win.

    The network's own recipe fills what neither gives.

    Args:
        asked: `network`, `seed` and the tables `data` (with `source`), `model`, `training` and `doctor` (with
            `ignore`, a table of findings and reasons).
        settings: options by name, or by `table.name`.

    Raises:
        UnknownName: a network, table or option that does not exist.
        OptionError: a value that cannot be used.
    """
    for key in asked:
        if key not in KEYS:
            hint = "A file with [sweep] is for `understudy sweep --config`." if key == "sweep" else ""
            raise UnknownName("key in the run file:", key, KEYS, hint)
    if "network" not in asked:
        raise OptionError("no network was named; see `understudy models`")
    name = _text(asked["network"], "network")
    line = models.entry(name)
    tables = {section: dict(table(asked, section)) for section in SECTIONS}
    source = tables["data"].pop("source", None)
    placed: dict[tuple[str, str], Any] = {}
    for key, value in settings.items():
        spot = place(key, line.load().Config)
        if spot in placed:
            raise OptionError(f"{spot[1]} was given twice, as {placed[spot]!r} and {value!r}")
        placed[spot] = value
    if any(option in BUDGETS for _, option in placed):
        # A budget among the settings replaces the file's, whichever that is.
        tables["training"] = {key: value for key, value in tables["training"].items() if key not in BUDGETS}
    for (section, option), value in placed.items():
        tables[section][option] = value
    return RunFile(
        network=name,
        source=None if source is None else _text(source, "data.source"),
        seed=_seed(asked.get("seed", 0)),
        data=validated(DataOptions, tables["data"], "data options"),
        model=as_dict(models.configure(name, tables["model"])),
        training=validated(TrainingConfig, _with_recipe(tables["training"], line), "training options"),
        ignored=of_run_file(table(asked, "doctor")),
    )


def place(key: str, config: type) -> tuple[str, str]:
    """The table that an option is in.

    Raises:
        UnknownName: no table has such an option.
    """
    tables = {"data": DataOptions, "model": config, "training": TrainingConfig}
    names = {section: [field.name for field in dataclasses.fields(kind)] for section, kind in tables.items()}
    section, dot, option = key.partition(".")
    if dot and section in names and option in names[section]:
        return section, option
    for section in ("model", "training", "data"):
        if key in names[section]:
            return section, key
    raise UnknownName("option", key, [name for table in names.values() for name in table])


def _with_recipe(given: Mapping[str, Any], line: models.Entry) -> dict[str, Any]:
    recipe = {**line.load().recipe, **line.training}
    if any(budget in given for budget in BUDGETS):
        recipe = {key: value for key, value in recipe.items() if key not in BUDGETS}
    return {**recipe, **given}


def table(asked: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of a run file, empty where it has none.

    Raises:
        OptionError: there is something else under that name.
    """
    value = asked.get(name, {})
    if not isinstance(value, Mapping):
        raise OptionError(f"[{name}] in a run file is a table of options, got {value!r}")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise OptionError(f"{name} is a name or path, got {value!r}")
    return value


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise OptionError(f"seed is a whole number from 0 to {2**31 - 1}, got {value!r}")
    return value
