"""What a check found, to be read by people and programs."""

from dataclasses import dataclass

SHOWN = 3  # likely mistakes that are printed for a slot; more only confuse


@dataclass(frozen=True)
class Entry:
    """One wrong entry of a gradient."""

    index: tuple[int, ...]
    given: float
    expected: float


@dataclass(frozen=True)
class Mistake:
    """A mistake that would explain what is given.

    Attributes:
        name: the mistake.
        cause: how it comes about.
        right: the line of algebra that would be right.
        misfit: distance between what it explains and what there is, relative; 0 is exact.
        part: what of the input it was seen on.
    """

    name: str
    cause: str
    right: str
    misfit: float
    part: str = ""

    @property
    def kind(self) -> str:
        """The name without its detail."""
        return self.name.partition(" (")[0]


@dataclass(frozen=True)
class SlotCheck:
    """An input or parameter.

    Attributes:
        name: its name.
        ok: whether its gradient is right.
        error: the largest relative error; infinite for a wrong shape or none at all.
        compared: how many entries were compared; those at a kink are not.
        entries: how many it has.
        wrong: the first wrong entries.
        note: what is wrong beside numbers: the shape, or what `backward` raised.
        mistakes: what it looks like, the likeliest first; empty if nothing fits.
    """

    name: str
    ok: bool
    error: float
    compared: int
    entries: int
    wrong: tuple[Entry, ...] = ()
    note: str = ""
    mistakes: tuple[Mistake, ...] = ()

    def __str__(self) -> str:
        verdict = "right" if self.ok else "WRONG"
        error = f"largest relative error {self.error:.1e}, {self.compared} of {self.entries} entries compared"
        lines = [f"{self.name}: {verdict}; {self.note or error}"]
        for entry in self.wrong:
            at = f"[{', '.join(map(str, entry.index))}]" if entry.index else ""
            lines.append(f"  d{self.name}{at}  given {entry.given:.6g}  expected {entry.expected:.6g}")
        for mistake in self.mistakes[:SHOWN]:
            lines.append(f"  looks like: {mistake.name}{mistake.part}")
        return "\n".join(lines)


@dataclass(frozen=True)
class GradientCheck:
    """The whole.

    Attributes:
        name: what was checked.
        slots: each input and parameter that has a gradient.
        unchecked: inputs whose gradient the backward pass does not give.
        mistake: the likeliest mistake of all; None if all is right, or nothing fits.
    """

    name: str
    slots: tuple[SlotCheck, ...]
    unchecked: tuple[str, ...] = ()
    mistake: Mistake | None = None

    @property
    def ok(self) -> bool:
        """Whether every gradient is right."""
        return all(slot.ok for slot in self.slots)

    def __str__(self) -> str:
        lines = [f"{self.name}: {'the backward pass is right' if self.ok else 'the backward pass is WRONG'}"]
        lines += map(str, self.slots)
        lines += [f"{name}: not checked; backward gives no gradient for it" for name in self.unchecked]
        if self.mistake:
            lines += ["", f"likely mistake: {self.mistake.name}{self.mistake.part}", f"  {self.mistake.cause}"]
            lines += [f"  right: {self.mistake.right}"]
            alone = [slot.name for slot in self.slots if not slot.ok and not slot.mistakes]
            if alone:
                lines.append(
                    f"Not explained alone: {', '.join(alone)}; a mistake nearer the output spoils what is behind."
                )
        elif not self.ok:
            lines += [
                "",
                "No mistake that we know explains it. Compare the derivation line by line, from the output back.",
            ]
        return "\n".join(lines)
