"""Understudy: train, judge, compare and use generative and sequence networks.

import understudy as us

run = us.train("vae", data="digits", epochs=5)
run.scores, run.sample(16), run.report()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.comparison import compare
    from understudy.cures.fix import fix
    from understudy.cures.result import Fix
    from understudy.doctor.watch.watching import watch
    from understudy.experiment import evaluate, resume, train
    from understudy.run import Run
    from understudy.run import Run as load  # noqa: N813
    from understudy.scratch.gradient_check.check import check_gradients
    from understudy.sweeps.result import Sweep
    from understudy.sweeps.sweep import resume_sweep, sweep

__all__ = [
    "Fix",
    "Run",
    "Sweep",
    "check_gradients",
    "compare",
    "evaluate",
    "fix",
    "load",
    "resume",
    "resume_sweep",
    "sweep",
    "train",
    "watch",
]

_PLACES = {
    "Fix": "understudy.cures.result:Fix",
    "Run": "understudy.run:Run",
    "Sweep": "understudy.sweeps.result:Sweep",
    "check_gradients": "understudy.scratch.gradient_check.check:check_gradients",
    "compare": "understudy.comparison:compare",
    "evaluate": "understudy.experiment:evaluate",
    "fix": "understudy.cures.fix:fix",
    "load": "understudy.run:Run",
    "resume": "understudy.experiment:resume",
    "resume_sweep": "understudy.sweeps.sweep:resume_sweep",
    "sweep": "understudy.sweeps.sweep:sweep",
    "train": "understudy.experiment:train",
    "watch": "understudy.doctor.watch.watching:watch",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `import understudy` alone imports no torch."""
    if name not in _PLACES:
        raise AttributeError(f"module 'understudy' has no attribute '{name}'")
    module, _, attribute = _PLACES[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
