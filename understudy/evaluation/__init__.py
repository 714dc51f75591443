"""Scores and pictures of a trained network, by what it can do. One line each: a capability, and who judges it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.errors import OptionError

if TYPE_CHECKING:
    from torch import nn

    from understudy.data.dataset import Dataset
    from understudy.evaluation.figures import Figure

Scores = dict[str, float]


@dataclass(frozen=True)
class Judge:
    """A module of this package that scores (or draws) every network that has all of these capabilities.

    Attributes:
        takes: the options of `evaluate` that it heeds.
    """

    module: str
    function: str
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()

    def load(self) -> Callable[..., Any]:
        """The function; imports what it needs."""
        module = importlib.import_module(f"understudy.evaluation.{self.module}")
        function: Callable[..., Any] = getattr(module, self.function)
        return function


SCORES: tuple[Judge, ...] = (
    Judge("reconstruction", "score_reconstruction", ("reconstruct", "encode")),
    Judge("denoising", "score_denoising", ("denoise",)),
    Judge("likelihood", "score_likelihood", ("likelihood",), takes=("samples",)),
    Judge("posterior", "score_posterior", ("posterior",)),
    Judge("codes", "score_codes", ("encode",)),
    Judge("probe", "score_probe", ("encode",)),
    Judge("steadiness", "score_steadiness", ("encode",)),
    Judge("sparsity", "score_sparsity", ("sparse",)),
    Judge("codebook", "score_codebook", ("quantise",)),
    Judge("classes", "score_classification", ("classify",)),
    Judge("linear", "score_linear", ("weigh classes",)),
    Judge("classes", "score_asked_classes", ("sample by class",)),
    Judge("generation", "score_pictures", ("sample",), takes=("features",)),
    Judge("stacked", "score_stacks", ("sample",)),
    Judge("vectors", "score_rows", ("sample",)),
    Judge("copies", "score_copies", ("sample",)),
    Judge("training_on_samples", "score_training", ("sample",), takes=("train_on_generated",)),
    Judge("anomaly", "score_anomaly", ("reconstruct", "encode")),
    Judge("language", "score_language", ("write",)),
    Judge("translation", "score_translation", ("translate",)),
    Judge("captioning", "score_captions", ("caption",)),
    Judge("forecasting", "score_forecast", ("forecast",)),
    Judge("transfer", "score_transfer", ("transfer",)),
    Judge("answers", "score_answers", ("answer",)),
)

EXHIBITS: tuple[Judge, ...] = (
    Judge("language", "written", ("write",)),
    Judge("beams", "beam_widths", ("translate",)),
    Judge("beams", "attention_maps", ("translate",)),
    Judge("beams", "search_tree", ("translate",)),
    Judge("beams", "best_and_worst", ("translate",)),
    Judge("captioning", "attention_pictures", ("caption",)),
    Judge("captioning", "caption_tree", ("caption",)),
    Judge("captioning", "wrong_captions", ("caption",)),
    Judge("confusion", "confusion", ("weigh classes",)),
    Judge("occlusion", "verdicts", ("weigh classes",)),
    Judge("forecasting", "forecasts", ("forecast",)),
    Judge("transfer", "transferred", ("transfer",)),
    Judge("answers", "answered", ("answer",)),
    Judge("pictures", "reconstructions", ("reconstruct",)),
    Judge("pictures", "denoised", ("denoise",)),
    Judge("pictures", "samples", ("sample",)),
    Judge("classes", "class_samples", ("sample by class",)),
    Judge("noise", "between_noises", ("generate",)),
    Judge("copies", "look_alikes", ("sample",)),
    Judge("classes", "asked_and_made", ("sample by class",)),
    Judge("shares", "class_shares", ("sample",)),
    Judge("shares", "mode_shares", ("sample",)),
    Judge("sparsity", "filters", ("filters",)),
    Judge("codebook", "codebook", ("quantise",)),
    Judge("latent", "latent_space", ("encode",)),
    Judge("posterior", "divergences", ("posterior",)),
    Judge("latent", "manifold", ("encode", "decode")),
    Judge("latent", "traversal", ("encode", "decode")),
    Judge("latent", "interpolation", ("encode", "decode")),
    Judge("steadiness", "shifts", ("encode", "decode")),
    Judge("anomaly", "strangest", ("reconstruct", "encode")),
)


def able(network: nn.Module, judges: tuple[Judge, ...]) -> list[Judge]:
    """The judges whose capabilities this network has."""
    from understudy.models.capabilities import CAPABILITIES

    return [judge for judge in judges if all(isinstance(network, CAPABILITIES[need]) for need in judge.needs)]


def evaluate(network: nn.Module, data: Dataset, seed: int = 0, **options: Any) -> Scores:
    """Every score that applies, on the test split, baselines included. The network is left in evaluation mode.

    Args:
        options: `samples`, the importance samples per item of a likelihood; `features`, a class whose features
            pictures are compared by as well; `train_on_generated`, to train classifiers on samples.

    Raises:
        OptionError: no score of this network heeds an option.
    """
    for name in options:
        if not any(name in judge.takes for judge in able(network, SCORES)):
            raise OptionError(f"no score of this network takes {name}")
    scores: Scores = {}
    for found in _judgements(network, data, seed, SCORES, options):
        scores |= found
    return scores


def exhibit(network: nn.Module, data: Dataset, seed: int = 0) -> list[Figure]:
    """Every figure that applies, drawn from the test split."""
    return [figure for found in _judgements(network, data, seed, EXHIBITS, {}) for figure in found]


def _judgements(
    network: nn.Module, data: Dataset, seed: int, judges: tuple[Judge, ...], options: Mapping[str, Any]
) -> list[Any]:
    import torch

    network.eval()
    here = data.to(next(network.parameters()).device)
    with torch.no_grad():
        return [
            judge.load()(network, here, seed=seed, **{name: options[name] for name in judge.takes if name in options})
            for judge in able(network, judges)
        ]
