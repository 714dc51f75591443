"""When to look: so seldom that looking costs next to nothing, and by a clock that tests can set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from understudy.doctor.recent import Recent

SHARE = 0.028
"""Of the time that training takes without the doctor; 3% are the aim."""
OF_SAMPLES = 0.7
"""Of that share: what is left is for looks at held-out items and for the rules."""
GRACE = 0.2
"""Seconds that any run may cost: one that is over in a few seconds is looked at too."""
EVERY = 64
"""Steps between two samples; one takes up to as long as a step, hooks at every step cost up to 46%."""
EARLY = 32
"""Steps up to which each power of two is sampled, whatever it costs."""
LOOKS = 4
"""Samples from one look at held-out items to the next."""
KEPT = 64
"""Samples of each doubling of the steps: what is kept of a run grows with its logarithm."""
PLAIN = ""
"""The kind of step that the doctor has no part in."""


class Pace:
    """Decides which steps are sampled, and keeps account of the time.

    A sampled step costs what is done in blocks of `working`, and what it takes outside of them beyond a plain step:
    hooks keep tensors alive, and calls that are listened to are slower. Medians of the latest are what counts, so that
    one odd step changes next to nothing; and work that is held up once does not count in full.

    On a GPU the clock sees what the host takes, that is to launch; work that the device then has beyond that is seen
    where the host waits for it within a step.

    Attributes:
        share, grace: of the time that training takes without the doctor; and seconds that are granted in any case.
        spent: seconds that the doctor took.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, share: float = SHARE, grace: float = GRACE
    ) -> None:
        self.clock, self.share, self.grace = clock, share, grace
        self.spent = 0.0
        self._began = clock()
        self._depth = 0
        self._costs: dict[str, Recent] = {}
        self._plain = Recent()
        self._longer: dict[str, Recent] = {}
        self._named = 0.0
        self._kind = PLAIN
        self._before = 0.0, 0.0
        self._from = 0.0
        self._until: float | None = None

    def start(self) -> None:
        """Training begins now."""
        self._began, self.spent, self._until = self.clock(), 0.0, None

    @contextmanager
    def working(self, kind: str = "") -> Iterator[None]:
        """The doctor's own time; within another block of its own it counts once.

        Args:
            kind: of work that is done in one piece; other work belongs to the step.
        """
        began, self._depth = self.clock(), self._depth + 1
        try:
            yield
        finally:
            self._depth -= 1
            took = self.clock() - began
            if self._depth == 0:
                self.spent += took
            if kind:
                self._named += self._charge(kind, took)

    def next_step(self, kind: str = PLAIN) -> None:
        """A step begins: a plain one, or one that the doctor has a part in. The one before goes on the account."""
        if self._until is not None:
            took = self._until - self._from
            if self._kind == PLAIN:
                self._plain.note(took)
            else:
                self._account(self._kind, took)
        self._kind, self._before, self._until = kind, (self.spent, self._named), None
        self.step_begins()

    def step_begins(self) -> None:
        """What came since `next_step` is not part of the step, such as a validation."""
        self._from = self.clock() - self.spent

    def step_ends(self) -> None:
        """Nor is what comes from here until the next one."""
        self._until = self.clock() - self.spent

    def _account(self, kind: str, took: float) -> None:
        """What a step cost: the doctor's work in it, and what it took longer than a plain one beside that."""
        spent, named = self._before
        self._charge(kind, (self.spent - spent) - (self._named - named))
        if self._plain:
            self._longer.setdefault(kind, Recent()).note(took - self._plain.median)
            self.spent += max(0.0, self._longer[kind].median)

    def _charge(self, kind: str, took: float) -> float:
        """Remember what such work costs, and take off the account what is odd: there it was held up.

        Returns:
            what stays.
        """
        costs = self._costs.setdefault(kind, Recent())
        costs.note(took)
        odd = costs.odd()
        self.spent -= odd
        return took - odd

    def _usual(self, kind: str) -> float:
        """What it costs, as far as is known."""
        work, longer = self._costs.get(kind), self._longer.get(kind)
        return (work.median if work else 0.0) + (max(0.0, longer.median) if longer else 0.0)

    def affordable(self, kind: str, part: float = 1.0, times: int = 1) -> bool:
        """Whether the share, or a part of it, is kept if the work is done again and costs what it usually does."""
        trained = self.clock() - self._began - self.spent
        return self.spent + times * self._usual(kind) <= max(self.grace, part * self.share * trained)

    def due(self, step: int) -> bool:
        """Whether to sample this step: early ones always, later ones on a grid that widens, if it is affordable."""
        if step <= EARLY:
            return step & (step - 1) == 0
        return step % interval(step) == 0 and self.affordable("sample", OF_SAMPLES)

    def look_due(self, step: int) -> bool:
        """Whether to look at held-out items after this step: once, whatever it costs; later, if it is affordable, at
        a doubling and with each 4th sample."""
        due = step & (step - 1) == 0 if step < LOOKS * EVERY else step % (LOOKS * interval(step)) == 0
        return step == EVERY or (step > EVERY and due and self.affordable("validation"))


def interval(step: int) -> int:
    """Steps between two samples so far into the run: a power of two.

    Example:
        >>> interval(100), interval(5000), interval(100_000)
        (64, 64, 1024)
    """
    return max(EVERY, 1 << max(0, (step // KEPT).bit_length() - 1))
