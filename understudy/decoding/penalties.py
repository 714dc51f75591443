"""How hypotheses of unlike lengths are compared."""

import torch
from torch import Tensor

from understudy.decoding.beam_options import BeamOptions

UNSEEN = 1e-10
"""What a place counts as that had no attention at all: its logarithm is a penalty, not the end of every comparison."""


def length_penalty(lengths: Tensor, options: BeamOptions) -> Tensor:
    """What a log-probability is divided by; never falls with the length. The end counts as a token.

    Reference:
        Wu et al., 2016, arXiv:1609.08144, eq. 14: lp(Y) = (5 + |Y|)^alpha / (5 + 1)^alpha.
    """
    exact = lengths.double()
    base = (5 + exact) / 6 if options.length_penalty == "gnmt" else exact
    return base**options.alpha


def coverage_penalty(coverage: Tensor, places: Tensor, beta: float) -> Tensor:
    """At most 0, and 0 where each place of the source has had attention of 1 in all.

    Args:
        coverage: attention that each place has had, over all steps: (..., most places).
        places: how many of them are the source's, the rest padding: (...).

    Reference:
        Wu et al., 2016, arXiv:1609.08144, eq. 14: cp(X; Y) = beta * sum_i log(min(sum_j p_ij, 1)).
    """
    real = torch.arange(coverage.shape[-1], device=coverage.device) < places[..., None]
    return beta * coverage.clamp(UNSEEN, 1).log().masked_fill(~real, 0).sum(-1)
