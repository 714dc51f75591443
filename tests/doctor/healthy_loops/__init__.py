"""Training loops with nothing wrong with them, whose ways are easily taken for mistakes."""

from healthy_loops import generative, optimizers, sequences, tasks
from healthy_loops.parts import LOOPS

__all__ = ["LOOPS", "generative", "optimizers", "sequences", "tasks"]
