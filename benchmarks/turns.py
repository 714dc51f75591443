"""Processes that run in turn, a fraction of a second each, so that whatever slows the machine slows all of them."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

FORK = multiprocessing.get_context("fork")


class Turns:
    """One process's part.

    Args:
        steps: of a turn.

    Attributes:
        waited: seconds that others ran.
    """

    def __init__(self, connection: Connection, steps: int) -> None:
        self.connection, self.steps = connection, steps
        self.waited, self._made = 0.0, 0

    def clock(self) -> float:
        """Seconds; it stands still while others run."""
        return time.perf_counter() - self.waited

    def wait(self) -> None:
        """Let the others run."""
        began = time.perf_counter()
        self.connection.send(None)
        self.connection.recv()
        self.waited += time.perf_counter() - began

    def step(self) -> None:
        """After each step: perhaps it is the others' turn."""
        self._made += 1
        if self._made % self.steps == 0:
            self.wait()


def in_turn(works: Sequence[Callable[[Turns], Any]], steps: int) -> list[Any]:
    """What each of them returns, done in a process of its own; each calls `wait` once when it is ready.

    Args:
        steps: of a turn.
    """
    connections, processes = [], []
    for work in works:
        here, there = FORK.Pipe()
        process = FORK.Process(target=_work, args=(work, there, steps), daemon=True)
        process.start()
        there.close()
        connections.append(here)
        processes.append(process)
    for connection in connections:
        connection.recv()
    found: dict[int, Any] = {}
    while len(found) < len(works):
        for number, connection in enumerate(connections):
            if number not in found:
                connection.send(None)
                said = connection.recv()
                if said is not None:
                    found[number] = said
    for process in processes:
        process.join()
    return [found[number] for number in range(len(works))]


def _work(work: Callable[[Turns], Any], connection: Connection, steps: int) -> None:
    connection.send(work(Turns(connection, steps)))
