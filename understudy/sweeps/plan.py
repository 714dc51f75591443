"""From a request to every cell of a sweep, resolved before anything is trained."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from understudy.data.batches import in_order
from understudy.data.dataset import Dataset
from understudy.errors import DataError, OptionError, UnknownName
from understudy.experiment import Source, begin, read_data, requested
from understudy.models.network import Network
from understudy.report.metrics import METRICS
from understudy.runs.runfile import RunFile
from understudy.runs.sweep import LOSS, Criterion, short
from understudy.settings import validated
from understudy.sweeps.options import SweepConfig, budget
from understudy.sweeps.spaces import corners, spaces
from understudy.training.config import BUDGETS
from understudy.training.session import Session

Options = dict[str, Any]
TRIED = 64  # items


@dataclass(frozen=True)
class Plan:
    """All that a sweep's cells follow from; plain values, kept in sweep.json.

    Attributes:
        asked: the run file that is varied, as far as it was given.
        settings: options that all cells share, and that win over the run file.
    """

    asked: dict[str, Any]
    settings: Options
    sweep: SweepConfig

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Plan":
        """The plan of a sweep.json."""
        return cls(value["asked"], value["settings"], validated(SweepConfig, value["sweep"], "sweep options"))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"asked": self.asked, "settings": self.settings, "sweep": asdict(self.sweep)}

    @property
    def base(self) -> str:
        """What must not change where a sweep goes on: all but the axes, and for a grid seeds and criterion."""
        kept: dict[str, Any] = {"budget": self.sweep.budget, "unequal": self.sweep.unequal}
        if self.sweep.search:  # its later trials follow from these
            kept |= {"search": self.sweep.search, "seeds": self.sweep.seeds, "by": self.sweep.by}
        return json.dumps([self.asked, self.settings, kept], sort_keys=True)

    def combinations(self) -> Iterator[Options]:
        """Every combination of the values that vary, the last axis fastest; of a search, the ends of its spaces."""
        if self.sweep.search:
            yield from corners(spaces(self.sweep.search))
            return
        for values in itertools.product(*self.sweep.vary.values()):
            yield dict(zip(self.sweep.vary, values, strict=True))

    def file(self, options: Options, seed: int = 0) -> RunFile:
        """The complete run file of a cell.

        Raises:
            RequestError: an option that does not exist, or a value that cannot be used.
        """
        if both := sorted({*self.settings} & {*options}):
            raise OptionError(f"{', '.join(both)} is both set and varied")
        limit = budget(self.sweep.budget) if self.sweep.budget else {}
        own = {key: value for key, value in options.items() if key != "network"}
        settings = {**self.settings, **limit}
        if both := sorted({*settings} & {*own}):
            raise OptionError(f"{', '.join(both)} is the budget and varies; leave out one of them")
        return requested(options.get("network"), None, config=self.asked, seed=seed, settings={**settings, **own})


@dataclass(frozen=True)
class Checked:
    """What the resolved cells have in common.

    Attributes:
        budget: of every cell; empty where they differ.
        note: why nothing is ranked, where nothing is.
    """

    data: str
    fingerprint: str
    budget: dict[str, float]
    criterion: Criterion | None
    note: str


def check(plan: Plan, combinations: list[Options], data: Source | None) -> Checked:
    """Resolve and build every combination, and let none through that could not be trained.

    Args:
        data: arrays, which a run file cannot hold.

    Raises:
        RequestError: a combination cannot be trained, or the budgets are unequal, or the criterion is none.
    """
    files = [plan.file(options) for options in combinations]
    limits = _budgets(files, plan.sweep.unequal)
    read: dict[str, Dataset] = {}
    judged: set[tuple[type[Network], bool]] = set()
    for options, file in zip(combinations, files, strict=True):
        key = json.dumps(file.to_json()["data"], sort_keys=True)
        if key not in read:
            read[key] = read_data(file, data)
        try:
            session = begin(file, read[key])
        except (OptionError, DataError) as error:
            where = ", ".join(f"{name}={short(value)}" for name, value in options.items())
            raise type(error)(f"{where}: {error}" if where else str(error)) from None
        judged.add((type(session.network), _has_loss(session)))
    if len({found.fingerprint for found in read.values()}) > 1:
        raise OptionError("what varies changes the data: scores on different data are no ranking; sweep each apart")
    first = next(iter(read.values()))
    criterion, note = _criterion(plan.sweep.by, judged)
    return Checked(first.name, first.fingerprint, limits[0] if len(limits) == 1 else {}, criterion, note)


def _budgets(files: list[RunFile], unequal: bool) -> list[dict[str, float]]:
    found = [{name: value for name in BUDGETS if (value := getattr(file.training, name)) is not None} for file in files]
    different = [limit for number, limit in enumerate(found) if limit not in found[:number]]
    if len(different) > 1 and not unequal:
        told = ", ".join(f"{name}={short(value)}" for limit in different for name, value in limit.items())
        raise OptionError(
            f"the cells have unequal budgets ({told}): what trains longer looks better for that alone. "
            "Give all of them one --budget, or ask for it with --unequal"
        )
    return different


def _has_loss(session: Session) -> bool:
    """Whether the network's validation terms have a loss, tried on its first items."""
    network = session.network.eval()
    with torch.no_grad():
        return LOSS in network.validate(next(iter(in_order(session.validation_items, TRIED))))


def _criterion(by: str | None, judged: set[tuple[type[Network], bool]]) -> tuple[Criterion | None, str]:
    """What to rank networks of these classes by, each with or without a validation loss; or why not."""
    if by is not None and by != LOSS:
        ranks = {name: line.better for name, line in METRICS.items() if line.better}
        if by not in ranks:
            raise UnknownName("score to rank by:", by, [LOSS, *ranks])
        return Criterion(by, ranks[by]), ""
    reason = ""
    if len({kind for kind, _ in judged}) > 1:
        reason = "the losses of different networks are different quantities"
    elif not all(has_loss for _, has_loss in judged):
        reason = "with several players no one loss tells how good the network is"
    if not reason:
        return Criterion(LOSS, "low"), ""
    if by == LOSS:
        raise OptionError(f"cannot rank by the loss: {reason}; name a score, --by SCORE")
    return None, f"{reason}; to rank them, name a score: --by SCORE"
