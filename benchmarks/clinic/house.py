"""A training of the house with its doctor at the bedside, and perhaps something done to it before the first step."""

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.clinic.outcome import Outcome
from benchmarks.clinic.recipe import Draw, Recipe
from understudy.data.dataset import Dataset
from understudy.data.sources import load
from understudy.doctor.finding import Finding
from understudy.doctor.live import Doctor
from understudy.doctor.pace import Pace
from understudy.errors import Diverged
from understudy.experiment import begin, requested
from understudy.training.loop import Observer, train
from understudy.training.session import Session

Plant = Callable[[Session, Draw], None]
Spoil = Callable[[Dataset, Draw], Dataset]
read = functools.cache(load)


class Validations(Observer):
    """Keeps the best validation loss."""

    def __init__(self) -> None:
        self.best = math.inf

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Of a validation, the loss."""
        if event["event"] == "validation":
            self.best = min(self.best, event["loss"].get("loss", math.inf))


def run(recipe: Recipe, draw: Draw, plant: Plant | None = None, spoil: Spoil | None = None) -> Outcome:
    """Train, watched with every sample taken, so that what is found does not depend on the machine's speed."""
    file = requested(recipe.network, recipe.data, seed=recipe.seed, settings=recipe.settings)
    dataset = read(recipe.data, file.data)
    dataset = spoil(dataset, draw) if spoil else dataset
    session = begin(file, dataset)
    if plant:
        plant(session, draw)
    told: dict[str, tuple[int, str]] = {}

    def say(finding: Finding) -> None:
        told.setdefault(finding.id, (session.progress.step, finding.severity))

    doctor = Doctor(
        session, name=file.network, config=file.to_json(), say=say, pace=Pace(clock=lambda: 0.0), test=dataset.test
    )
    validations, broken = Validations(), None
    try:
        train(session, [doctor, validations])
    except Diverged as error:
        broken = error.step
        doctor.diverged(session, error)
    finally:
        doctor.close()
    score = validations.best if math.isfinite(validations.best) else None
    return Outcome(doctor.verdict(), told, broken, score)
