from typing import Any

import numpy as np
import pytest
import torch
from made import PICTURES, POINTS, SPECS, Toy, dataset_of, items_of
from sklearn.decomposition import PCA
from torch import Generator, Tensor, nn

from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation import exhibit
from understudy.evaluation.codes import codes_of
from understudy.evaluation.latent import interpolate, interpolation, latent_space, manifold, traverse
from understudy.evaluation.pictures import denoised, reconstructions, samples, some

ROWS = SPECS["rows of 40"]


class Linear(nn.Module):
    """Codes are the first `code` numbers; decoding puts them back before zeros."""

    def __init__(self, spec: Spec, code: int = 2) -> None:
        super().__init__()
        self.spec, self.code = spec, code
        self.weight = nn.Parameter(torch.zeros(1))
        self.decoded: list[Tensor] = []

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, : self.code]

    def decode(self, codes: Tensor) -> Tensor:
        self.decoded.append(codes)
        return torch.nn.functional.pad(codes, (0, self.spec.size - self.code)).unflatten(1, self.spec.shape)

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def sample(self, count: int, generator: Generator) -> Tensor:
        return self.decode(torch.rand(count, self.code, generator=generator))

    def corrupt(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        return x * 0.5


# The latent space


def test_two_numbers_are_drawn_as_they_are() -> None:
    data = dataset_of(ROWS)
    figure = latent_space(Linear(ROWS), data, seed=0)[0]
    expected = items_of(ROWS, 16, 2)[:, :2]
    assert np.allclose([row[:2] for row in figure.plot["points"]], expected, atol=1e-4)


def test_more_numbers_are_drawn_along_their_principal_components() -> None:
    data = dataset_of(ROWS, test=50)
    figure = latent_space(Linear(ROWS, 3), data, seed=0)[0]
    fitted = PCA(2).fit(items_of(ROWS, 50, 2)[:, :3].numpy())
    expected = fitted.transform(items_of(ROWS, 50, 2)[:, :3].numpy())
    found = np.array([row[:2] for row in figure.plot["points"]])
    assert np.allclose(np.abs(found), np.abs(expected), atol=1e-3)  # a component's sign is anyone's
    assert f"({100 * fitted.explained_variance_ratio_.sum():.0f}% of their variance)" in figure.caption


def test_one_number_makes_no_plane() -> None:
    assert latent_space(Linear(ROWS, 1), dataset_of(ROWS), seed=0) == []


@pytest.mark.parametrize("limit", [1, 7, 500, 2000])
def test_codes_are_of_the_first_test_items(limit: int) -> None:
    codes, labels = codes_of(Linear(ROWS).encode, dataset_of(ROWS, test=1200).test, ROWS, limit)
    assert torch.equal(codes, items_of(ROWS, 1200, 2)[:limit, :2])
    assert labels is None


def test_a_traversal_changes_one_number_at_a_time_the_widest_first() -> None:
    data, start = dataset_of(ROWS, test=40), items_of(ROWS, 1, 9)[0]
    decoded, widest = traverse(Linear(ROWS, 5), data, start, 3, 7)
    spread = items_of(ROWS, 40, 2)[:, :5].std(0, correction=0)
    assert widest == spread.argsort(descending=True)[:3].tolist()
    for row, position in zip(decoded[:, :5].split(7), widest, strict=True):
        others = [number for number in range(5) if number != position]
        assert torch.equal(row[:, others], start[others].expand(7, 4))
        assert torch.allclose(row[:, position].diff(), spread[position].expand(6))  # six deviations in six steps


def test_an_interpolation_is_a_straight_line_from_one_copy_to_the_other() -> None:
    network = Linear(ROWS, 5)
    first, last = items_of(ROWS, 3, 0), items_of(ROWS, 3, 1)
    lines = interpolate(network, first, last, 5).unflatten(0, (3, 5))
    assert torch.allclose(lines[:, 0], network.reconstruct(first))
    assert torch.allclose(lines[:, -1], network.reconstruct(last))
    assert torch.allclose(lines.diff(dim=1), lines.diff(dim=1)[:, :1].expand(3, 4, 40), atol=1e-5)


def test_the_plane_of_the_code_grows_rightwards_and_upwards() -> None:
    network = Linear(PICTURES)
    manifold(network, dataset_of(PICTURES), seed=0)
    places = network.decoded[-1].unflatten(0, (18, 18))  # (rows, columns, 2)
    assert (places[:, :, 0].diff(dim=1) > 0).all()
    assert (places[:, :, 1].diff(dim=0) < 0).all()
    codes = items_of(PICTURES, 16, 2).flatten(1)[:, :2]
    assert torch.allclose(places.mean((0, 1)), codes.mean(0), atol=1e-4)
    assert manifold(Linear(PICTURES, 3), dataset_of(PICTURES), seed=0) == []


# Pictures


def cells(image: np.ndarray[Any, Any], spec: Spec) -> list[list[np.ndarray[Any, Any]]]:
    _, height, width = spec.shape
    return [
        [image[top : top + height, left : left + width] for left in range(0, image.shape[1], width + 1)]
        for top in range(0, image.shape[0], height + 1)
    ]


def pixels(x: Tensor) -> np.ndarray[Any, Any]:
    return (x[0].clamp(0, 1) * 255).round().byte().numpy()


def test_copies_stand_below_their_items_and_noisy_ones_between() -> None:
    data, network = dataset_of(PICTURES, test=5), Linear(PICTURES, 20)
    x = some(data.test, 16, 3).x
    assert len(x) == 5
    rows = cells(reconstructions(network, data, seed=3)[0].image, PICTURES)
    expected = [x, network.reconstruct(x)]
    assert [[np.array_equal(cell, pixels(item)) for cell, item in zip(*pair, strict=True)]
            for pair in zip(rows, expected, strict=True)] == [[True] * 5] * 2  # fmt: skip
    middle = cells(denoised(network, data, seed=3)[0].image, PICTURES)[1]
    assert all(np.array_equal(cell, pixels(0.5 * item)) for cell, item in zip(middle, x, strict=True))


def test_points_of_the_plane_are_drawn_in_the_users_units() -> None:
    data = dataset_of(POINTS)
    points = samples(Linear(POINTS), data, seed=0)[0].plot
    assert points["classes"] == ["test items", "samples"]
    drawn = np.array([row[:2] for row in points["points"] if row[2] == 1])
    assert len(drawn) == 1000
    assert drawn.min(0) == pytest.approx([0.5, -1.0], abs=0.05)  # uniform codes, scaled by 2 and 3, shifted
    assert drawn.max(0) == pytest.approx([2.5, 2.0], abs=0.05)


def test_rows_of_many_values_have_no_picture() -> None:
    assert reconstructions(Linear(ROWS), dataset_of(ROWS), seed=0) == []


def test_some_items_are_chosen_by_the_seed_alone() -> None:
    items = dataset_of(ROWS).test
    assert torch.equal(some(items, 5, 1).x, some(items, 5, 1).x)
    assert not torch.equal(some(items, 5, 1).x, some(items, 5, 2).x)


@pytest.mark.parametrize("spec", [PICTURES, POINTS, ROWS, ImageSpec(3, 2, 1)])
@pytest.mark.parametrize("test", [1, 2, 3])
@pytest.mark.parametrize("code", [1, 2])
def test_few_items_make_fewer_figures_never_an_error_or_a_nan(spec: Spec, test: int, code: int) -> None:
    network = Linear(spec, code)
    figures = exhibit(network, dataset_of(spec, test=test))
    assert len({figure.name for figure in figures}) == len(figures)
    assert all(torch.isfinite(codes).all() for codes in network.decoded)
    assert len(interpolation(network, dataset_of(spec, test=test), seed=0)) == (
        1 if isinstance(spec, ImageSpec) and test > 1 else 0
    )


def test_only_what_a_network_can_do_is_shown() -> None:
    data: Dataset = dataset_of(POINTS)
    assert [figure.name for figure in exhibit(Toy(), data)] == ["reconstructions"]
    names = {figure.name for figure in exhibit(Linear(PICTURES), dataset_of(PICTURES))}
    assert names == {
        "reconstructions", "denoised", "samples", "latent", "manifold", "traversal", "interpolation", "shifts",
        "strangest", "look-alikes",
    }  # fmt: skip
