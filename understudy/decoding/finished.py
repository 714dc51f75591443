"""Finished hypotheses, kept apart from those that go on: they take no place in the beam."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Finished:
    """The best finished hypotheses of each search, best first; empty places have the score -inf.

    Shapes: all (searches, kept).

    Attributes:
        scores: what they are ranked by.
        log_probabilities: of the tokens and the end.
        steps: the step that they ended in.
        rows: their row in the batch of that step.
    """

    scores: Tensor
    log_probabilities: Tensor
    steps: Tensor
    rows: Tensor

    @classmethod
    def none(cls, searches: int, kept: int, like: Tensor) -> "Finished":
        """Nothing has finished yet."""
        empty = like.new_full((searches, kept), -torch.inf, dtype=torch.float64)
        nowhere = torch.zeros_like(empty, dtype=torch.int64)
        return cls(empty, empty, nowhere, nowhere)

    @property
    def worst(self) -> Tensor:
        """The score to beat, -inf while there is room: (searches, 1)."""
        return self.scores[:, -1:]

    def add(self, scores: Tensor, log_probabilities: Tensor, step: int, rows: Tensor) -> None:
        """Hypotheses that end in this step, (searches, count) each; a score of -inf is none."""
        steps = torch.full_like(rows, step)
        self.scores, order = torch.cat([self.scores, scores], 1).topk(self.scores.shape[1])
        self.log_probabilities = torch.cat([self.log_probabilities, log_probabilities], 1).gather(1, order)
        self.steps = torch.cat([self.steps, steps], 1).gather(1, order)
        self.rows = torch.cat([self.rows, rows], 1).gather(1, order)

    def at(self, searches: Tensor) -> "Finished":
        """Those of these searches."""
        return Finished(
            self.scores[searches], self.log_probabilities[searches], self.steps[searches], self.rows[searches]
        )

    def entries(self, rows: int) -> list[list[tuple[int, int, float, float]]]:
        """For each row, of all that its searches found: step, row in the batch, score and log-probability."""
        scores = self.scores.view(rows, -1)
        columns = [it.view(rows, -1).tolist() for it in (self.steps, self.rows, scores, self.log_probabilities)]
        return [
            [entry for entry in zip(*row, strict=True) if entry[2] > -math.inf] for row in zip(*columns, strict=True)
        ]
