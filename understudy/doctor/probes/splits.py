"""Do the splits share items, can they be told apart, and has one classes that the training part lacks?"""

from __future__ import annotations

from collections.abc import Iterable

from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading
from understudy.doctor.structure.splits import missing_classes, overlap, prints, told_apart
from understudy.doctor.subject import Part, Subject

ALL, SOME = 20_000, 1_000
"""Items of a split that are compared one by one, and that a classifier looks at."""
FEWEST = 40


class Splits(Probe):
    """By the held-out part: `overlap`, the share of its items that are in the training part, `overlap_items`, how many
    of those looked at, `repeated`, the share of training items that are there twice; `split_difference`, how well a
    linear classifier tells it from the training part, with `split_difference_error`; and `missing_classes`, how many it
    has that training has not.
    """

    yields = ("overlap", "split_difference", "missing_classes")

    def applies(self, subject: Subject) -> bool:
        """Where items were shared out by chance."""
        return "training" in subject.parts

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        """Each held-out part beside the training part."""
        training = subject.parts["training"](ALL)
        known = prints(training.items)
        for name, part in subject.parts.items():
            if name != "training":
                yield from _compared(name, training, known, part(ALL))


def _compared(name: str, training: Part, known: list[bytes], held_out: Part) -> Iterable[Reading]:
    shared, repeated = overlap(known, prints(held_out.items))
    yield Reading("overlap", shared, name)
    yield Reading("overlap_items", shared * len(held_out.items), name)
    yield Reading("repeated", repeated, name)
    if training.classes is not None and held_out.classes is not None:
        yield Reading("missing_classes", len(missing_classes(training.classes, held_out.classes)), name)
    few = [part.items[:: -(-len(part.items) // SOME)] for part in (training, held_out)]
    if min(map(len, few)) >= FEWEST:
        area, error = told_apart(*few)
        yield Reading("split_difference", area, name)
        yield Reading("split_difference_error", error, name)
