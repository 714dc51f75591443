"""What happens in a user's loop, told to the senses: backward passes, steps, calls, and where a round ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from understudy.doctor.pace import PLAIN, Pace
from understudy.doctor.structure.graph import survey
from understudy.doctor.watch.backward import Backwards
from understudy.doctor.watch.calls import Calls
from understudy.doctor.watch.lines import their_line
from understudy.doctor.watch.scene import Scene
from understudy.doctor.watch.senses.criteria import TAKES
from understudy.doctor.watch.senses.sense import Backward, Call, Pass, Question, Sense

LOOKED_AT = 5
"""Rounds at the beginning that every sense looks at."""
FURTHEST = 256
"""Rounds between two later looks, at most; they begin with 8 and double."""
ANYWAY = 33
"""Rounds up to which looks are made whatever they cost."""
EVERYBODY = ("begins", "look_begins", "ends")
"""Moments of which every sense hears."""
LONGEST = 64
"""Steps after which a round is over although an optimizer has not moved, and backward passes after which it is not
looked at any longer although none has."""


def looked_at(round_: int) -> bool:
    """Whether a round is looked at: the first ones, then two in a row ever more seldom.

    Example:
        >>> [number for number in range(1, 70) if looked_at(number)]
        [1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65]
    """
    if round_ <= LOOKED_AT:
        return True
    return any(one % FURTHEST == 0 or (one >= 8 and one & (one - 1) == 0) for one in (round_, round_ - 1))


class Loop:
    """Stands between torch and the senses.

    Attributes:
        broken: senses that raised, and what.
        looking, sampling: whether this round is looked at by all senses, or sampled by probes.
        pace: keeps account of what is done in rounds that are looked at or sampled.
        sampled_next: whether the next round is to be sampled.
        steps: of all optimizers.
        backwards: calls of backward.
    """

    def __init__(self, scene: Scene, senses: Sequence[Sense], pace: Pace, *, hears_calls: bool = True) -> None:
        self.scene, self.notes, self.pace = scene, scene.notes, pace
        self.senses = list(senses)
        self.broken: dict[str, str] = {}
        self.steps = self.backwards = 0
        self.looking, self.sampling, self._busy = False, False, False
        self.sampled_next: Callable[[], bool] = lambda: False
        self._entered = False
        self._stepped: dict[str, int] = {}
        self._handles: list[RemovableHandle] = []
        self._layer_handles: list[RemovableHandle] = []
        self._calls = Calls(self._before_call, self._after_call)
        self._backwards = Backwards(self._before_backward, self._after_backward)
        self._hears_calls, self._losses_alone = hears_calls, False
        self._event: Backward | None = None
        self._audience: dict[str, list[Sense]] = {}
        self._since_step = 0

    def begin(self) -> None:
        """From now on."""
        for player, optimizer in self.scene.optimizers.items():
            self._handles.append(optimizer.register_step_pre_hook(self._before_step(player)))
            self._handles.append(optimizer.register_step_post_hook(self._after_step(player)))
        for name, module in self.scene.modules.items():
            self._handles.append(module.register_forward_pre_hook(self._enter_hook(name), with_kwargs=True))
        self._tell("begins")
        self._backwards.begin()
        self._look(True, self.sampled_next())
        self._round_begins()

    def end(self) -> None:
        """No more."""
        self._look(False, False)
        self._backwards.end()
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._tell("ends")

    def listen(self) -> None:
        """Hear all calls until the next step, whether or not the round is looked at."""
        self._losses_alone = False
        self._listen()

    def _listen(self) -> None:
        if self._hears_calls:
            self._calls.listen()

    def rehearse(self, player: str, loss: Tensor) -> None:
        """As if a loss were differentiated and a step made."""
        self._before_backward((loss,))
        self._tell("before_step", player)
        self._tell("after_step", player)

    # -- what is heard

    def _before_backward(self, roots: Sequence[Tensor]) -> None:
        self.backwards += 1
        self._since_step += 1
        if self._since_step > LONGEST and self.looking:  # the steps are not those of an optimizer that we know
            self._look(False, False)
        self._event = self._described(roots)
        if self._event is not None:
            self._tell("before_backward", self._event)

    def _after_backward(self, roots: Sequence[Tensor]) -> None:
        if self._event is not None:
            self._tell("after_backward", self._event)
        self._event = None

    def _described(self, roots: Sequence[Tensor]) -> Backward | None:
        try:
            if not self.looking:
                return Backward(roots, None, None)
            return Backward(roots, their_line(), survey(*roots, mark=self.notes.round, by=id(self)))
        except Exception as error:  # the user's loop goes on whatever happens to us; the verdict says that it did
            self._give_up("Graphs", error)
            return None

    def _before_step(self, player: str) -> Callable[..., None]:
        """The optimizer's own calls, a dozen for each parameter, say nothing; those of a closure are the loop's."""

        def hook(optimizer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
            self._tell("before_step", player)
            if len(args) < 2 and not kwargs:
                self._calls.stop()

        return hook

    def _after_step(self, player: str) -> Callable[..., None]:
        def hook(*_: Any) -> None:
            self.pace.step_ends()  # of the last optimizer, it is the round's
            self.steps += 1
            self._since_step = 0
            self._tell("after_step", player)
            if self.looking or self.sampling:
                self._listen()
            else:
                self._calls.stop()
            self._stepped[player] = self._stepped.get(player, 0) + 1
            if len(self._stepped) == len(self.scene.optimizers) or sum(self._stepped.values()) >= LONGEST:
                self._next_round()

        return hook

    def _next_round(self) -> None:
        self._tell("round_ends")
        self._stepped.clear()
        self.notes.round += 1
        self._look(self._look_due(), self.sampled_next())
        self._round_begins()

    def _round_begins(self) -> None:
        self._entered = False
        self.pace.next_step("look" if self.looking else "sample" if self.sampling else PLAIN)

    def _look_due(self) -> bool:
        """Of two rounds in a row the second is looked at if the first was."""
        round_ = self.notes.round
        return looked_at(round_) and (round_ <= ANYWAY or self.looking or self.pace.affordable("look", times=2))

    def _enter_hook(self, name: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any, kwargs: Any) -> None:
            if self._busy or torch.compiler.is_compiling():
                return
            if not self._entered and module.training and torch.is_grad_enabled():
                self._entered = True
                self.pace.step_begins()  # what came before may be an evaluation
            self._tell("enters", Question(name, module, args, kwargs))

        return hook

    def _before_call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        if not self._busy and (function in TAKES or not self._losses_alone):
            self._heard("before_call", function, args, kwargs, None)

    def _after_call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        if not self._busy and (function in TAKES or not self._losses_alone):
            self._heard("after_call", function, args, kwargs, result)

    def _heard(self, moment: str, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> None:
        name = getattr(function, "__name__", "")
        if name == "__get__":
            name = getattr(getattr(function, "__self__", None), "__name__", name)
        self._tell(moment, Call(name, function, args, kwargs, result, their_line()))

    # -- when it is looked at

    def _look(self, on: bool, sampled: bool) -> None:
        """From here on the round is looked at, or sampled, or neither."""
        if on and not self.looking:
            self._tell("look_begins")
        self._calls.stop()
        self._losses_alone = not on  # there may be hundreds of others
        if on or sampled:
            self._listen()
        if on != self.looking or sampled != self.sampling:
            self._take_hooks_off()
            if on or sampled:
                self._put_hooks_on(each_layer=on)
            self._audience = {}
        self.looking, self.sampling = on, sampled

    def _put_hooks_on(self, each_layer: bool) -> None:
        for name, module in self.scene.modules.items():
            self._layer_handles.append(module.register_forward_hook(self._answer_hook(name)))
        for place, layer in self.scene.parts() if each_layer else ():
            if any(True for _ in layer.parameters(recurse=False)):
                self._layer_handles.append(layer.register_forward_hook(self._pass_hook(place)))

    def _take_hooks_off(self) -> None:
        for handle in self._layer_handles:
            handle.remove()
        self._layer_handles.clear()

    def _answer_hook(self, name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not self._busy and not torch.compiler.is_compiling():
                self._tell("answers", name, output)

        return hook

    def _pass_hook(self, place: str) -> Callable[..., None]:
        def hook(layer: nn.Module, inputs: Any, output: Any) -> None:
            if not self._busy and not torch.compiler.is_compiling():
                self._tell("passed", Pass(place, layer, inputs, output, their_line()))

        return hook

    def _tell(self, moment: str, *what: Any) -> None:
        """Tell the senses that listen; what they do themselves is not told to them."""
        audience = self._audience.get(moment)
        if audience is None:
            audience = self._audience[moment] = self._listening(moment)
        if not audience:
            return
        busy, self._busy = self._busy, True
        try:
            if self.looking or self.sampling:
                with self.pace.working():
                    self._tell_all(audience, moment, what)
            else:
                self._tell_all(audience, moment, what)
        finally:
            self._busy = busy

    def _listening(self, moment: str) -> list[Sense]:
        """In a round of this kind, those who care for such a moment."""
        caring = [one for one in self.senses if getattr(type(one), moment) is not getattr(Sense, moment)]
        if self.looking or moment in EVERYBODY:
            return caring
        return [one for one in caring if one.always or (self.sampling and one.sampled)]

    def _tell_all(self, audience: list[Sense], moment: str, what: tuple[Any, ...]) -> None:
        for sense in audience:
            try:
                getattr(sense, moment)(*what)
            except Exception as error:  # never the user's; the verdict says that it broke
                self._give_up(type(sense).__name__, error)
                self.senses.remove(sense)
                self._audience = {}

    def _give_up(self, name: str, error: Exception) -> None:
        self.broken[name] = f"{type(error).__name__}: {' '.join(str(error).split())}"
