"""How many of the thousand modes of stacked MNIST does a network make?"""

import torch
from torch import Tensor

from understudy.data.dataset import Batch, Dataset
from understudy.data.stacked_mnist import stacked
from understudy.evaluation.distances import refuse_not_finite
from understudy.evaluation.generation import chosen, drawn
from understudy.evaluation.judge import accuracy, judge_of
from understudy.evaluation.linear import labels
from understudy.evaluation.modes import divergence
from understudy.models.capabilities import Samples

DRAWN = 26_000
ASKED = 2_000
"""Test items that the judge's accuracy is of."""


def score_stacks(network: Samples, data: Dataset, *, seed: int) -> dict[str, float]:
    """Modes that samples reach, and KL divergence in nats of the modes' shares from the real ones.

    A judge reads each colour's digit; three digits are a mode. A mode is reached if one of 26,000 samples is of it. The
    real shares are the products of the digits' shares in the test items. Beside them stand the test items themselves,
    by their labels, 26,000 too: as even as a perfect network's samples would be. Empty for other data.

    Reference:
        Metz et al., 2017, Unrolled Generative Adversarial Networks, arXiv:1611.02163, section 3.3.1.
        Srivastava et al., 2017, VEEGAN, arXiv:1705.07761, section 4.2.
    """
    if not stacked(data.spec) or data.test.take(torch.tensor([0])).y is None:
        return {}
    judge, made = judge_of(data, seed), []
    for x in drawn(network, DRAWN, data.spec, seed):
        refuse_not_finite(x.flatten(1), "generated items")
        made.append(judge.classify(x).cpu())
    real = torch.from_numpy(labels(data.test))
    expected = mode_shares_of(real)
    counts = {"": torch.bincount(torch.cat(made), minlength=1_000), "real_": torch.bincount(real, minlength=1_000)}
    asked = (Batch(x, y) for x, y in chosen(data.test, min(ASKED, len(data.test)), data.spec, seed))
    found = {"judge_accuracy": accuracy(judge, asked)}
    for prefix, found_in in counts.items():
        found[f"{prefix}modes"] = int((found_in > 0).sum())
        found[f"{prefix}mode_kl"] = divergence(found_in, expected)
    return found


def mode_shares_of(y: Tensor) -> Tensor:
    """Shares of the thousand numbers if their digits come as often as in these, each apart: (count,) -> (1000,)."""
    hundreds, tens, ones = (torch.bincount(y // place % 10, minlength=10).double() / len(y) for place in (100, 10, 1))
    return (hundreds[:, None, None] * tens[:, None] * ones).flatten()
