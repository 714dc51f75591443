import pytest
import torch
from made import POINTS, dataset_of
from torch import Tensor

from understudy.evaluation.posterior import divergences, score_posterior


class Posterior:
    """Four numbers: one tells much, one a little, one nothing though it is narrow, one is the prior."""

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        still = torch.zeros(len(x))
        mean = torch.stack([3 * x[:, 0], 0.3 * x[:, 1], still, still], 1)
        return mean, torch.tensor([-2.0, -0.1, -1.0, 0.0]).expand(len(x), 4)


def test_active_units_are_those_whose_mean_moves_with_the_item() -> None:
    data = dataset_of(POINTS, test=200)
    scores = score_posterior(Posterior(), data, seed=0)
    assert scores["active_units"] == 2
    x = data.test.take(torch.arange(200)).x
    mean, log_variance = Posterior().posterior(x)
    expected = (0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)).sum(1).mean().item()
    assert scores["kl"] == pytest.approx(expected, rel=1e-5)


def test_the_plot_has_each_number_largest_first_and_tells_which_are_given_up() -> None:
    (figure,) = divergences(Posterior(), dataset_of(POINTS, test=200), seed=0)
    points = figure.plot["points"]
    assert [row[0] for row in points] == [1, 2, 3, 4]
    assert [row[1] for row in points] == sorted([row[1] for row in points], reverse=True)
    classes = figure.plot["classes"]
    assert [classes[row[2]] for row in points].count("given up") == 2
    assert "2 of 4 are active" in figure.caption
