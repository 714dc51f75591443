"""`us.watch`: the doctor beside any PyTorch loop, in two lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any

import torch

from understudy.doctor.facts import Facts
from understudy.doctor.families import NAMES
from understudy.doctor.finding import Finding
from understudy.doctor.known import reasons_of
from understudy.doctor.pace import Pace
from understudy.doctor.signals import Signals
from understudy.doctor.subject import Part
from understudy.doctor.verdict import Verdict, examine
from understudy.doctor.watch.blame import blamed
from understudy.doctor.watch.lines import Line
from understudy.doctor.watch.loop import Loop
from understudy.doctor.watch.parts import Items, pairs_of, parts_of
from understudy.doctor.watch.scene import Modules, Optimizers, Scene, set_scene
from understudy.doctor.watch.senses import Asked, all_senses
from understudy.doctor.watch.senses.criteria import heard
from understudy.doctor.watch.shown import table_text, verdict_text
from understudy.errors import OptionError, UnknownName

SHARE, GRACE = 0.015, 0.15
"""As `Pace` has them. What is heard of every round, 0.03 to 0.1 ms, is not on its account: 1% of customary ones."""


class Watch:
    """A context in which a loop is watched; afterwards it has the verdict.

    Attributes:
        verdict: what was found, what is clear and what was not checked; None before the end.
    """

    def __init__(
        self,
        scene: Scene,
        families: Iterable[str],
        parts: Mapping[str, Callable[[int], Part]],
        asked: Asked,
        ignored: Mapping[str, str],
        quiet: bool,
    ) -> None:
        self.scene, self.quiet = scene, quiet
        self._ignored = ignored
        self.verdict: Verdict | None = None
        self.lines: dict[str, Line] = {}
        self._families = frozenset(families)
        pace = Pace(share=SHARE, grace=GRACE)
        self._loop = Loop(scene, [], pace, hears_calls=not any(map(_compiled, scene.modules.values())))
        self._senses = all_senses(scene, self._loop.listen, parts, asked, pace)
        self._loop.senses += self._senses.all
        self._loop.sampled_next = lambda: self._senses.probing.sampling

    def __enter__(self) -> Watch:
        self._loop.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """The verdict; the user's own exceptions pass, with the verdict printed before them."""
        self._loop.end()
        self.scene.notes.take("raised", kind is not None)
        self.verdict = self._judged()
        if not self.quiet and _first_process():
            print(self._text(), file=sys.stderr)

    def __str__(self) -> str:
        """The verdict so far, and a line for every rule."""
        return f"{self._text()}\n\n{table_text(self.verdict or self._judged())}"

    def _text(self) -> str:
        return verdict_text(self.verdict or self._judged(), self.lines, self.scene.notes.round - 1)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, one for each cause, the gravest first."""
        return (self.verdict or self._judged()).findings

    def json(self) -> dict[str, Any]:
        """The verdict as plain JSON values; a finding has its `line`, as file and number, where it is known."""
        verdict = self.verdict or self._judged()
        value = verdict.to_json()
        for finding in value["findings"]:
            line = self.lines.get(finding["id"])
            finding["line"] = None if line is None else {"file": line.file, "number": line.number, "text": line.text}
        return value

    def _judged(self) -> Verdict:
        verdict = examine(self.signals, self.facts, disabled=self._broken()).without(self._ignored)
        for finding in verdict.findings:
            if (line := blamed(finding, self.scene)) is not None:
                self.lines[finding.id] = line
        return verdict

    def _broken(self) -> dict[str, str]:
        return self._loop.broken | self._senses.probing.examiner.disabled

    @property
    def signals(self) -> Signals:
        """All that was read so far."""
        return self.scene.notes.signals()

    @property
    def facts(self) -> Facts:
        """What is known of the network."""
        return Facts(
            families=self._families | self._senses.targets.families,
            classes=self._senses.targets.classes,
            parameters=sum(weight.numel() for weight in self.scene.parameters().values()),
            players=tuple(self.scene.optimizers) if len(self.scene.optimizers) > 1 else (),
        )


def watch(
    modules: Modules,
    optimizers: Optimizers,
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    family: str | Iterable[str] = (),
    data: tuple[Items, Items] | None = None,
    ignore: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Watch:
    """Watch a training loop, and say at its end what is wrong with it, with the line to change.

    Results are the same to the bit with and without. What breaks in the doctor is reported, and never harms the loop.

    Args:
        modules: the network, or several: a list, or a dict with their names.
        optimizers: the optimizer, or several.
        loss: what is minimised, a function of the answer and the target. With `data` it is asked of held-out items
            beside the loop, so that the loop need not look at any; without, it must be one that torch has, and says
            which of several is meant.
        family: what the network is, for rules that speak of one kind alone: `gan`, `vae`, `autoencoder`, `recurrent`,
            `classifier`, `writer`, `forecaster`, `rbm`; one or several. A Boltzmann machine of bits is asked for the
            `free_energy(v)` of the items of `data`.
        data: training items and held-out ones, to be compared before the loop: tensors, arrays, pairs of items and
            classes, datasets, or loaders of datasets.
        ignore: findings to set aside, each with the reason: they are shown with it, and do not count.
        quiet: do not print the verdict.

    Raises:
        OptionError: something passed is no module, no optimizer, or no data that can be looked at; a reason is missing.
        UnknownName: there is no such family, or no such finding.

    Example:
        >>> with us.watch(model, optimizer) as doctor:  # doctest: +SKIP
        ...     for x, y in loader:
        ...         ...
        >>> doctor.findings  # doctest: +SKIP
    """
    families = {family} if isinstance(family, str) and family else set(family)
    for name in families - set(NAMES):
        raise UnknownName("family", name, NAMES)
    if data is not None and not (isinstance(data, tuple | list) and len(data) == 2):
        raise OptionError(f"data is a pair, training items and held-out ones; got {type(data).__name__}")
    parts = {} if data is None else parts_of(*data)
    ignored = reasons_of(ignore or {}, "ignore")
    scene = set_scene(modules, optimizers, sys._getframe(1))
    return Watch(scene, families, parts, _asked(scene, loss, data), ignored, quiet)


def _asked(scene: Scene, loss: Any, data: tuple[Items, Items] | None) -> Asked:
    if loss is None:
        return Asked()
    if not callable(loss):
        raise OptionError(f"loss is a function of an answer and a target, got {type(loss).__name__}")
    if data is None and heard(loss) is None:
        raise OptionError("loss is none of torch's, which cannot be heard; pass data=((x, y), (x, y)) to ask it of")
    if data is not None and len(scene.modules) > 1:
        raise OptionError(f"loss takes one network's answer, and there are {len(scene.modules)}; leave it out")
    return Asked(loss, None if data is None else pairs_of(*data))


def _compiled(module: torch.nn.Module) -> bool:
    """Whether torch.compile stands before it: hearing calls would make it compile again."""
    return hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None


def _first_process() -> bool:
    distributed = torch.distributed
    return not (distributed.is_available() and distributed.is_initialized()) or distributed.get_rank() == 0
