"""Hears every call of a torch function, while it is asked to listen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch._C import _len_torch_function_stack
from torch.overrides import TorchFunctionMode, _pop_mode, _push_mode

Hear = Callable[[Any, Sequence[Any], Mapping[str, Any], Any], None]


class Calls(TorchFunctionMode):
    """A function mode that changes nothing.

    It may be put on and taken off at any time: the user's own modes, between whose beginning and end that may be,
    stay in their order.

    Args:
        before: called with the function and its arguments, and None.
        after: the same with the result.
    """

    def __init__(self, before: Hear, after: Hear) -> None:
        super().__init__()
        self.before, self.after = before, after
        self.on = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function, and tell before and after."""
        given = kwargs or {}
        self.before(func, args, given, None)
        result = func(*args, **given)
        self.after(func, args, given, result)
        return result

    def listen(self) -> None:
        """Go beneath the user's modes, each of which ends by taking off the uppermost one.

        A default device is the exception: it ends by looking for itself at the bottom.
        """
        if self.on:
            return
        above = _unstack()
        default = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
        if above and above[-1] is default:
            _push_mode(above.pop())
        _push_mode(self)
        for mode in reversed(above):
            _push_mode(mode)
        self.on = True

    def stop(self) -> None:
        """Take it off, wherever it is."""
        if not self.on:
            return
        for mode in reversed(_unstack()):
            if mode is not self:
                _push_mode(mode)
        self.on = False


def _unstack() -> list[Any]:
    """All modes, the uppermost first, taken off."""
    return [_pop_mode() for _ in range(_len_torch_function_stack())]
