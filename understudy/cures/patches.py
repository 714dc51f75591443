"""A remedy's patch as options of one run."""

import re
from collections.abc import Mapping
from typing import Any

from understudy import models
from understudy.errors import OptionError
from understudy.runs.runfile import RunFile, place
from understudy.training.config import BUDGETS

LEARNT_ALONE = ("sequence_length", "differencing", "logarithm", "scaling", "window")
"""Options of the data that change how it is learnt, and leave what is judged on, and its units, as they are."""
_FACTOR = re.compile(r"([*/])\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)")


def options_of(patch: Mapping[str, Any], file: RunFile) -> dict[str, Any]:
    """The options that a patch sets; a factor such as `/10` is taken of the run's own value.

    Raises:
        UnknownName: the network has no such option.
        OptionError: the run has these values already, or the patch is of the budget, or of what is judged on.
    """
    config = models.entry(file.network).load().Config
    own = file.to_json()
    found, new = {}, False
    for key, value in patch.items():
        section, option = place(key, config)
        if option in BUDGETS:
            raise OptionError("it needs a longer budget, which is the same for all; give --budget")
        if section == "data" and option not in LEARNT_ALONE:
            raise OptionError(f"{option} changes what is judged on, so that nothing can be compared")
        now = own[section][option]
        found[option] = _scaled(option, now, value)
        new = new or found[option] != now
    if not new:
        raise OptionError("the run has it already: " + ", ".join(f"{key}={value}" for key, value in found.items()))
    return found


def _scaled(option: str, now: Any, value: Any) -> Any:
    match = _FACTOR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise OptionError(f"{option} is {'unset' if now is None else now}, so that {value} says nothing")
    scaled = now * float(match[2]) if match[1] == "*" else now / float(match[2])
    return max(1, round(scaled)) if isinstance(now, int) else float(f"{scaled:.6g}")
