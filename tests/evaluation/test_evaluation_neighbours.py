import pytest
import torch
from made import PICTURES, POINTS, items_of
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from understudy.data.memory import ArrayItems
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation.neighbours import nearest


@pytest.mark.parametrize("spec", [PICTURES, POINTS, ImageSpec(3, 9, 5)])
@pytest.mark.parametrize("k", [1, 3])
def test_the_nearest_are_those_of_scikit_learn(spec: Spec, k: int) -> None:
    asked, known = items_of(spec, 30, 1), items_of(spec, 1200, 2)  # more than one batch of known ones
    found = nearest(asked, ArrayItems(known), spec, k)
    distances, positions = NearestNeighbors(n_neighbors=k).fit(known.flatten(1)).kneighbors(asked.flatten(1))
    assert found.distances.numpy() == pytest.approx(distances, abs=1e-5)
    assert (found.positions.numpy() == positions).all()


def test_a_copy_is_at_distance_0_however_large_its_values() -> None:
    known = 1000 + items_of(POINTS, 700, 0)
    chosen = torch.tensor([3, 699, 42])
    found = nearest(known[chosen], ArrayItems(known), POINTS)
    assert found.distances.flatten().tolist() == [0, 0, 0]
    assert torch.equal(found.positions[:, 0], chosen)


def test_items_are_compared_as_they_are_viewed() -> None:
    def first_number(x: Tensor) -> Tensor:
        return x[:, :1]

    known = torch.tensor([[0.0, 9.0], [5.0, 0.0]])
    asked = torch.tensor([[0.5, 0.0]])
    assert nearest(asked, ArrayItems(known), POINTS).positions.item() == 1
    found = nearest(asked, ArrayItems(known), POINTS, view=first_number)
    assert found.positions.item() == 0 and found.distances.item() == pytest.approx(0.5)


def test_there_are_no_more_neighbours_than_items() -> None:
    found = nearest(items_of(POINTS, 4), ArrayItems(items_of(POINTS, 2, 1)), POINTS, k=5)
    assert found.positions.shape == (4, 2)
