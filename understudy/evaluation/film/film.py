"""An observer that keeps what a network makes of the same noise, from before the first step to the last."""

import time
from collections.abc import Mapping
from typing import Any

from understudy.data.spec import DomainsSpec, ImageSpec, VectorSpec
from understudy.errors import OptionError
from understudy.evaluation.figures import Figure
from understudy.evaluation.film.domains import Domains
from understudy.evaluation.film.plane import Plane
from understudy.evaluation.film.scene import Scene, Shot
from understudy.evaluation.film.sheet import Sheet
from understudy.models.capabilities import Samples, Transfers
from understudy.training.loop import Observer
from understudy.training.session import Session
from understudy.training.validation import undisturbed

FRAMES = 60
STEPS_BETWEEN = 50
"""Steps of a short run for each frame: with a frame at most as dear as a step, at most 2% of training."""
FREE_SECONDS, SHARE = 1.0, 0.02
"""What a film may take of a run's time, where sampling is slow: a second, and a share of what came before. By this
thread's clock, which stands still while other programs have the processor: else a busy machine would cut frames out."""


class Film(Observer):
    """Keeps a shot of a scene now and then, closer together at the start, where most changes.

    Frame k of n is due when (k / n)^2 of the budget is spent. Training is left as it was: the scene has randomness of
    its own, and the network is seen as validation sees it.

    Args:
        frames: after the one before the first step.
    """

    name = "film"

    def __init__(self, scene: Scene, frames: int) -> None:
        self.scene = scene
        self.shares = [number**2 / frames**2 for number in range(1, frames + 1)]
        self.steps: list[int] = []
        self.shots: list[Shot] = []
        self._due = 0.0
        self._seconds = 0.0

    def on_start(self, session: Session) -> None:
        """A shot before the first step; a run that goes on has it."""
        self._due = self._after(session.done)
        if not self.steps:
            self._shoot(session)

    def on_step(self, session: Session) -> None:
        """A shot if one is due."""
        if session.done >= self._due and self._seconds <= FREE_SECONDS + SHARE * session.progress.seconds:
            self._shoot(session)
            self._due = self._after(session.done)

    def on_end(self, session: Session) -> None:
        """The last shot, where training ended before its budget or a shot was late."""
        if session.over and self.steps[-1:] != [session.progress.step]:
            self._shoot(session)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"steps": list(self.steps), "shots": list(self.shots)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.steps, self.shots = list(state["steps"]), list(state["shots"])

    def figures(self) -> list[Figure]:
        """The film, and a strip of some of its frames; none before there are two."""
        return self.scene.figures(self.steps, self.shots) if len(self.shots) > 1 else []

    def _after(self, done: float) -> float:
        return next((share for share in self.shares if share > done), float("inf"))

    def _shoot(self, session: Session) -> None:
        begun = time.thread_time()
        with undisturbed(session) as network:
            self.shots.append(self.scene.shoot(network))
        self.steps.append(session.progress.step)
        self._seconds += time.thread_time() - begun


def films_of(session: Session) -> list[Film]:
    """The film of a session; none where its network and data make none, or the settings want none.

    Raises:
        OptionError: the settings ask for a film and there is nothing to film.
    """
    asked, scene = session.config.film, _scene(session)
    if asked == 0 or (asked is None and scene is None):
        return []
    if scene is None:
        raise OptionError(
            f"film={asked}: a film shows pictures, or points in the plane, that a network makes, and this one makes "
            "none; leave film out"
        )
    return [Film(scene, asked or _frames(session.total_steps))]


def _frames(steps: int | None) -> int:
    return FRAMES if steps is None else max(1, min(FRAMES, steps // STEPS_BETWEEN))


def _scene(session: Session) -> Scene | None:
    network, spec = session.network, session.network.spec
    if isinstance(network, Transfers) and isinstance(spec, DomainsSpec):
        return Domains(spec, session.validation_items, session.seed)
    if isinstance(network, Samples) and isinstance(spec, ImageSpec):
        return Sheet(session.network, spec, session.seed)
    if isinstance(network, Samples) and isinstance(spec, VectorSpec) and spec.features == 2:
        return Plane(session.network, spec, session.validation_items, session.seed)
    return None
