"""Scores and pictures of a trained network, by what it can do. One line each: a capability, and who judges it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from understudy.data.dataset import Dataset
    from understudy.evaluation.figures import Figure

Scores = dict[str, float]


@dataclass(frozen=True)
class Judge:
    """A module of this package that scores (or draws) every network that has all of these capabilities."""

    module: str
    function: str
    needs: tuple[str, ...]

    def load(self) -> Callable[..., Any]:
        """The function; imports what it needs."""
        module = importlib.import_module(f"understudy.evaluation.{self.module}")
        function: Callable[..., Any] = getattr(module, self.function)
        return function


SCORES: tuple[Judge, ...] = (
    Judge("reconstruction", "score_reconstruction", ("reconstruct", "encode")),
    Judge("denoising", "score_denoising", ("denoise", "encode")),
    Judge("likelihood", "score_likelihood", ("likelihood",)),
)

EXHIBITS: tuple[Judge, ...] = (
    Judge("pictures", "reconstructions", ("reconstruct",)),
    Judge("pictures", "denoised", ("denoise",)),
    Judge("pictures", "samples", ("sample",)),
    Judge("latent", "latent_space", ("encode",)),
    Judge("latent", "manifold", ("encode", "decode")),
    Judge("latent", "traversal", ("encode", "decode")),
    Judge("latent", "interpolation", ("encode", "decode")),
)


def able(network: nn.Module, judges: tuple[Judge, ...]) -> list[Judge]:
    """The judges whose capabilities this network has."""
    from understudy.models.capabilities import CAPABILITIES

    return [judge for judge in judges if all(isinstance(network, CAPABILITIES[need]) for need in judge.needs)]


def evaluate(network: nn.Module, data: Dataset, seed: int = 0) -> Scores:
    """Every score that applies, on the test split, baselines included. The network is left in evaluation mode."""
    scores: Scores = {}
    for found in _judgements(network, data, seed, SCORES):
        scores |= found
    return scores


def exhibit(network: nn.Module, data: Dataset, seed: int = 0) -> list[Figure]:
    """Every figure that applies, drawn from the test split."""
    return [figure for found in _judgements(network, data, seed, EXHIBITS) for figure in found]


def _judgements(network: nn.Module, data: Dataset, seed: int, judges: tuple[Judge, ...]) -> list[Any]:
    import torch

    network.eval()
    here = data.to(next(network.parameters()).device)
    with torch.no_grad():
        return [judge.load()(network, here, seed=seed) for judge in able(network, judges)]
