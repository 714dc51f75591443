"""Cells in processes of their own, some at a time, which share the processor's threads out."""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from understudy.runs.sweep import Cell
from understudy.training.stopping import stop_on_signals

LOOKED_EVERY = 0.05  # seconds


def in_processes(directory: Path, cells: Sequence[Cell], jobs: int) -> Iterator[Cell]:
    """Settle the cells, and yield each as its process ends; after Ctrl-C no more begin, and those that run save.

    The processes are in sessions of their own, so that a Ctrl-C reaches the sweep alone, which tells them once.
    """
    waiting, running = deque(cells), dict[subprocess.Popen[bytes], Cell]()
    try:
        with stop_on_signals() as stop:
            while (waiting and not stop()) or running:
                while waiting and len(running) < jobs and not stop():
                    cell = waiting.popleft()
                    running[_start(directory, cell, jobs)] = cell
                for process in [it for it in running if it.poll() is not None]:
                    yield running.pop(process)
                if stop():
                    break
                time.sleep(LOOKED_EVERY)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
    yield from running.values()


def _start(directory: Path, cell: Cell, jobs: int) -> subprocess.Popen[bytes]:
    threads = max(1, torch.get_num_threads() // jobs)
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
    words = [sys.executable, "-m", "understudy.sweeps.cell", str(directory), cell.folder]
    return subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
