"""Progress for people: a live line in a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from understudy.training.loop import Observer
from understudy.training.session import Session

SECONDS_BETWEEN_LINES = 10.0
REFRESHES_PER_SECOND = 4


class Display(Observer):
    """Shows epoch, step, losses, rate and the time that is left."""

    def __init__(self) -> None:
        self.console = Console(file=sys.stderr, highlight=False)
        self._losses = ""
        self._validation = ""
        self._first: tuple[int, float, float] = (0, 0.0, 0.0)
        self._shown_at = 0.0
        self._live: Live | None = None

    def on_start(self, session: Session) -> None:
        """Remember where this sitting starts: the rate is of this sitting."""
        self._first = (session.progress.items, session.progress.seconds, session.done)
        self._shown_at = time.monotonic()
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=REFRESHES_PER_SECOND, transient=True)
            self._live.start()

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Note the newest losses."""
        terms = event.get("loss", {})
        if event["event"] == "steps":
            self._losses = f" | {told(terms)}" if terms else ""
        elif event["event"] == "validation" and "loss" in terms:
            self._validation = f" | validation {terms['loss']:.4g}"

    def on_step(self, session: Session) -> None:
        """Show, if it is time to."""
        now = time.monotonic()
        if now - self._shown_at < (1 / REFRESHES_PER_SECOND if self._live else SECONDS_BETWEEN_LINES):
            return
        self._shown_at = now
        line = self.line(session)
        if self._live:
            self._live.update(Text(line, overflow="ellipsis", no_wrap=True))
        else:
            self.console.print(line, soft_wrap=True)

    def on_end(self, session: Session) -> None:
        """Leave one line that stays."""
        self.close()
        self.console.print(self.line(session), soft_wrap=True)

    def say(self, line: str) -> None:
        """Something that stays, above the live line."""
        self.console.print(line, soft_wrap=True, markup=False)

    def close(self) -> None:
        """Give the terminal back."""
        if self._live:
            self._live.stop()
            self._live = None

    def line(self, session: Session) -> str:
        """The state of training in one line."""
        at, (items, seconds, done) = session.progress, self._first
        elapsed = max(at.seconds - seconds, 1e-9)
        total = f"/{session.total_steps}" if session.total_steps else ""
        gained = session.done - done
        left = f", {clock(elapsed / gained * (1 - session.done))} left" if gained > 0 and not session.over else ""
        epochs = f"/{session.config.epochs}" if session.config.epochs else ""
        return (  # what a narrow terminal cuts off matters least
            f"epoch {at.epoch}{epochs} step {at.step}{total}, {clock(at.seconds)}{left}"
            f"{self._losses}{self._validation} | {(at.items - items) / elapsed:,.0f} items/s"
        )


def told(terms: Mapping[str, float]) -> str:
    """Terms in one line: 'loss 3 kl 1'; of several players, 'loss: critic 1, maker 2 | critic real 3 fake 4'."""
    players: dict[str, dict[str, str]] = {}
    for name, value in terms.items():
        player, _, term = name.rpartition("/")
        players.setdefault(player, {})[term] = f"{value:.4g}"
    if len(players) == 1:
        return _row("", *players.values())
    losses = ", ".join(f"{player} {own.pop('loss')}" for player, own in players.items() if "loss" in own)
    return " | ".join([f"loss: {losses}", *(_row(player, own) for player, own in players.items() if own)])


def _row(player: str, terms: Mapping[str, str]) -> str:
    return " ".join([player, *(f"{term} {value}" for term, value in terms.items())]).strip()


def clock(seconds: float) -> str:
    """Seconds as 1:05 or 2:03:04."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
