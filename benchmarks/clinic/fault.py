"""A fault: one mistake, its healthy control, and what is to be found."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from benchmarks.clinic import house
from benchmarks.clinic.house import Plant, Spoil
from benchmarks.clinic.outcome import Outcome, replayed
from benchmarks.clinic.recipe import Draw, Recipe
from benchmarks.clinic.settings import Make
from understudy.doctor import rules
from understudy.doctor.finding import Severity

Kind = Literal["structural", "numeric", "dynamic", "generative", "data"]
Patch = Callable[[Draw], Mapping[str, Any]]


class Case(Protocol):
    """Something that can be run with its mistake and without."""

    def run(self, draw: Draw, sick: bool) -> Outcome:
        """What the doctor says; the draw decides the settings, the same for both."""
        ...

    def settings(self, draw: Draw, sick: bool) -> Mapping[str, Any]:
        """Those settings, as plain values."""
        ...


@dataclass(frozen=True)
class House:
    """A run file of the house.

    Attributes:
        make: the run file's settings, at random.
        well: what both have beside them, so that the mistake can tell.
        sick: the mistake, as options of the run file.
        plant: the mistake, done to the session before the first step.
        spoil: the mistake, done to the data.
    """

    make: Make
    well: Patch = lambda draw: {}
    sick: Patch = lambda draw: {}
    plant: Plant | None = None
    spoil: Spoil | None = None

    def recipe(self, draw: Draw, sick: bool) -> Recipe:
        """For `us.train`; a plant or spoil is not in it."""
        made = self.make(draw)
        made = made.but(**self.well(draw))
        patch = self.sick(draw)
        return made.but(**patch) if sick else made

    def run(self, draw: Draw, sick: bool) -> Outcome:
        """Train it."""
        recipe = self.recipe(draw, sick)
        return house.run(recipe, draw, self.plant if sick else None, self.spoil if sick else None)

    def settings(self, draw: Draw, sick: bool) -> Mapping[str, Any]:
        """Of the run file."""
        recipe = self.recipe(draw, sick)
        return {"network": recipe.network, "data": recipe.data, "seed": recipe.seed, **recipe.settings}


@dataclass(frozen=True)
class Loop:
    """A loop in plain PyTorch, of `benchmarks/clinic/loops`.

    Attributes:
        mistake: by the name that the loop has for it.
        well: settings that both have.
    """

    loop: str
    mistake: str = ""
    well: Mapping[str, Any] = field(default_factory=dict)

    def run(self, draw: Draw, sick: bool) -> Outcome:
        """Run it; a mistake may end in an exception, which the verdict outlives."""
        module = importlib.import_module(f"benchmarks.clinic.loops.{self.loop}")
        settings = {**module.draw(draw), **self.well}
        try:
            doctor = module.run(settings, self.mistake if sick else "")
        except RuntimeError as error:
            if not sick:
                raise
            doctor = _doctor_of(error)
        return replayed(doctor.signals, doctor.facts, doctor.json()["disabled"])

    def settings(self, draw: Draw, sick: bool) -> Mapping[str, Any]:
        """Of the loop."""
        module = importlib.import_module(f"benchmarks.clinic.loops.{self.loop}")
        return {"loop": self.loop, **module.draw(draw), **self.well, "mistake": self.mistake if sick else ""}


def _doctor_of(error: BaseException) -> Any:
    """The one that watched when it was raised."""
    at = error.__traceback__
    while at is not None:
        if "doctor" in at.tb_frame.f_locals:
            return at.tb_frame.f_locals["doctor"]
        at = at.tb_next
    raise error


@dataclass(frozen=True)
class Fault:
    """One line of the table.

    Attributes:
        says: the mistake, in a few words.
        found: ids of findings that name it; the first is meant, the others are as good.
        kind: `structural` and `numeric` ones are to be found within 50 steps.
        curable: whether a remedy that is an option of the run file can undo it, so that `understudy fix` may.
    """

    name: str
    says: str
    found: tuple[str, ...]
    kind: Kind
    case: Case
    curable: bool = False

    @property
    def severity(self) -> Severity:
        """That of the finding that is meant."""
        return rules.one(self.found[0]).severity

    def draw(self, set_: str, number: int) -> Draw:
        """The chance of one instance, which its control shares."""
        return Draw(set_, self.name, number)
