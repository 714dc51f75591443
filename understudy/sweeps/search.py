"""Trials that Optuna proposes: each is a row, judged on validation data, before the next is thought of.

A search has no state but its trials. To go on, it asks the seeded sampler once more from the beginning and tells it
what the run directories say, which brings it to where it was.

Reference:
    Bergstra et al., 2011, Algorithms for Hyper-Parameter Optimization (the sampler, TPE).
    Akiba et al., 2019, Optuna: A Next-generation Hyperparameter Optimization Framework, arXiv:1907.10902.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from understudy.errors import OptionError, RunError
from understudy.runs.sweep import Criterion, Row
from understudy.sweeps.plan import Options
from understudy.sweeps.spaces import Space

SEED = 0

Settle = Callable[[Sequence[Options]], list[Row]]


def optuna() -> Any:
    """The package.

    Raises:
        OptionError: it is not there.
    """
    try:
        import optuna as found
    except ImportError:
        raise OptionError("a search needs the package optuna; pip install 'understudy[sweeps]', or vary") from None
    found.logging.set_verbosity(found.logging.WARNING)
    return found


def search(
    spaces: Mapping[str, Space], trials: int, criterion: Criterion, before: Sequence[Options], settle: Settle
) -> bool:
    """Propose and settle trials until there are so many, or one is left that could be gone on with.

    Args:
        before: trials of earlier sittings, in their order.
        settle: trains what is not trained of the combinations so far, and returns their rows.

    Returns:
        Whether there are so many.

    Raises:
        RunError: the sampler proposes other trials than it did before.
    """
    library = optuna()
    direction = {"low": "minimize", "high": "maximize"}[criterion.better]
    study = library.create_study(direction=direction, sampler=library.samplers.TPESampler(seed=SEED))
    combinations: list[Options] = []
    for _ in range(trials):
        trial = study.ask()
        options = {name: space.propose(trial, name) for name, space in spaces.items()}
        if options not in combinations:  # of a few choices, some come again
            combinations.append(options)
            number = len(combinations) - 1
            if number < len(before) and options != before[number]:
                raise RunError(
                    f"trial {number + 1} was {before[number]}, and this version of Optuna proposes {options}; "
                    "choose another --out"
                )
        row = next(row for row in settle(combinations) if row.options == options)
        if not row.settled:
            return False
        if row.whole and row.criterion is not None:
            study.tell(trial, row.criterion.mean)
        else:  # a trial that diverged counts as worse than all that did not
            study.tell(trial, state=library.trial.TrialState.PRUNED)
    return True
