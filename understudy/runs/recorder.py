"""Observers that write a run's files while it trains."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from understudy.files import Lines
from understudy.runs.directory import RunDirectory
from understudy.training.checkpoint import load_tree, save_tree, save_weights
from understudy.training.loop import Observer, check_weights
from understudy.training.session import Session


class Recorder(Lines, Observer):
    """Writes events.jsonl."""

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Write a line."""
        self.write(event)


class Growing(Protocol):
    """A file that grows line by line."""

    @property
    def offset(self) -> int:
        """Bytes written so far, all of them on disk."""
        ...


class Kept(Protocol):
    """What a checkpoint keeps beside the session: an observer whose memory must outlive the process."""

    def state_dict(self) -> Mapping[str, Any]:
        """A tree of tensors and JSON values."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        ...


NOTHING: Mapping[str, Kept] = {}


class Checkpointer(Observer):
    """Saves a checkpoint, and the weights as they would be used, every so many seconds and at the end.

    Args:
        growing: files that grow while training goes on, by name; `resume` cuts them back to their length.
        kept: what is kept beside the session, by name; these hear of a step before the checkpointer does.
    """

    def __init__(
        self,
        directory: RunDirectory,
        growing: Mapping[str, Growing],
        seconds: float,
        kept: Mapping[str, Kept] = NOTHING,
    ) -> None:
        self.directory, self.growing, self.seconds, self.kept = directory, growing, seconds, kept
        self._saved_at = time.monotonic()

    def on_step(self, session: Session) -> None:
        """Save when it is time."""
        if time.monotonic() - self._saved_at >= self.seconds:
            self.save(session)

    def on_end(self, session: Session) -> None:
        """Save."""
        self.save(session)

    def save(self, session: Session) -> None:
        """Write both files. A loss or weight that is not finite raises before anything is overwritten."""
        session.window.settle()
        check_weights(session)
        lengths = {name: file.offset for name, file in self.growing.items()}
        kept = {name: keeper.state_dict() for name, keeper in self.kept.items()}
        save_tree(self.directory.checkpoint, {"session": session.state_dict(), "kept": kept, **lengths})
        save_weights(self.directory.weights, session.weights())
        self._saved_at = time.monotonic()


def restore(directory: RunDirectory, session: Session, kept: Mapping[str, Kept] = NOTHING) -> dict[str, int]:
    """Bring a session, and what is kept beside it, to the last checkpoint, if there is one.

    Returns:
        The growing files' lengths at that time.
    """
    if not directory.checkpoint.is_file():
        return {}
    tree = load_tree(directory.checkpoint)
    session.load_state_dict(tree.pop("session"))
    saved = tree.pop("kept", {})  # an older checkpoint has none
    for name in kept.keys() & saved.keys():
        kept[name].load_state_dict(saved[name])
    return {name: int(length) for name, length in tree.items()}
