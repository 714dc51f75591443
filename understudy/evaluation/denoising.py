"""How many decibels nearer to the clean item is the denoised one than the noisy one?"""

import math

import torch

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.evaluation.principal import fit_principal
from understudy.evaluation.reconstruction import code_size, linear_copy
from understudy.models.capabilities import Denoises, Encodes


class Denoiser(Encodes, Denoises):
    """A network that has codes and takes noise away."""


def score_denoising(network: Denoiser, data: Dataset, *, seed: int) -> dict[str, float]:
    """Squared errors of noisy and denoised test items, and the gain, 10 log10(noisy / denoised), in dB.

    The baseline is PCA with as many components as the code has numbers: cutting off the small components is the
    classic linear denoiser. Doing nothing gains 0 dB.
    """
    principal = fit_principal(data.train, data.spec.size, code_size(network, data), seed)
    noisy = denoised = linear = 0.0
    for number, batch in enumerate(in_order(data.test, at_once(data.spec))):
        x = batch.x
        # Each batch has a generator of its own: the noise on an item does not depend on the network.
        generator = torch.Generator(x.device).manual_seed(seed * 1_000_003 + number)
        corrupted = network.corrupt(x, generator)
        noisy += (corrupted - x).square().sum().item()
        denoised += (network.reconstruct(corrupted) - x).square().sum().item()
        linear += (linear_copy(principal, corrupted, data.spec) - x).square().sum().item()
    values = len(data.test) * data.spec.size
    return {
        "noise_mse": noisy / values,
        "denoised_mse": denoised / values,
        "denoising_gain_db": gain(noisy, denoised),
        "pca_denoised_mse": linear / values,
        "pca_denoising_gain_db": gain(noisy, linear),
    }


def gain(before: float, after: float) -> float:
    """Decibels by which an error fell."""
    return 10 * math.log10(before / after) if before and after else 0.0
