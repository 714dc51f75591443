"""The table of probes: one file and one line each."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.doctor.probes.probe import Probe

TABLE: tuple[str, ...] = (
    "splits:Splits",
    "symmetry:Symmetry",
    "rehearsal:Rehearsal",
    "by_hand:BackwardPasses",
    "dependence:Dependence",
    "first_loss:FirstLoss",
    "gradients:Gradients",
    "updates:Updates",
    "activations:Activations",
    "step_effect:StepEffect",
    "constant:Constant",
    "fit:Fit",
    "codes:Codes",
    "codebook:CodebookUse",
    "generated:Generated",
    "memory:Memory",
)
"""`module:Class`, each in this package."""


def load() -> list[Probe]:
    """A fresh probe of each kind."""
    made: list[Probe] = []
    for line in TABLE:
        module, _, name = line.partition(":")
        made.append(getattr(importlib.import_module(f"understudy.doctor.probes.{module}"), name)())
    return made
