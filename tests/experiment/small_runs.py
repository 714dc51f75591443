"""Runs of a few steps, some of which are stopped."""

import signal
from typing import Any

import understudy as us
from understudy.training.loop import Observer
from understudy.training.session import Session

SMALL: dict[str, Any] = {"steps": 6, "batch": 16, "hidden": [8], "latent_dim": 2, "log_every": 2}


def train(data: Any, network: str = "vae", **options: Any) -> us.Run:
    small = SMALL if network == "vae" else {"steps": 6}
    return us.train(network, data, quiet=True, **{**small, **options})


def timeless(run: us.Run) -> list[dict[str, Any]]:
    return [{key: value for key, value in event.items() if key != "time"} for event in run.events]


class StopsAt(Observer):
    """Presses Ctrl-C, or breaks, at a step."""

    def __init__(self, step: int, error: BaseException | None = None) -> None:
        self.step, self.error = step, error

    def on_step(self, session: Session) -> None:
        if session.progress.step == self.step:
            if self.error is not None:
                raise self.error
            signal.raise_signal(signal.SIGINT)
