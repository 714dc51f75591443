import pytest
import torch

from understudy.evaluation import variations
from understudy.evaluation.variations import placed, thickened, varied


def cross() -> torch.Tensor:
    """A white line down and one across, grey where they meet; black around: (1, 1, 16, 16)."""
    x = torch.zeros(1, 1, 16, 16)
    x[..., 3:13, 8] = x[..., 8, 3:13] = 1
    return x


def test_lines_are_thickened_up_to_their_neighbours_and_thinned_as_far() -> None:
    x = cross()
    shares = torch.tensor([1.0, 0.5, 0.0, -1.0])
    thick, half, same, thin = thickened(x.expand(4, 1, 16, 16), shares)[:, 0]
    assert torch.equal(same, x[0, 0])
    assert thick[4, 7:10].tolist() == [1, 1, 1]
    assert thick[4, 6] == 0
    assert half[4, 6:11].tolist() == [0, 0.5, 1, 0.5, 0]
    assert thin.max() == 0, "a line of one pixel is gone"


def test_without_chance_a_picture_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variations, "_uniform", lambda x, most: torch.zeros(len(x)))
    assert torch.allclose(varied(cross()), cross(), atol=1e-5)


def test_every_picture_is_varied_in_a_way_of_its_own_and_a_little() -> None:
    torch.manual_seed(0)
    made = placed(cross().expand(200, 1, 16, 16))
    assert made.min() >= 0
    assert made.max() <= 1
    assert len({picture.numpy().tobytes() for picture in made}) == 200
    middle = (made * torch.arange(16.0)).sum((1, 2, 3)) / made.sum((1, 2, 3))
    assert middle.std() > 0.3
    assert (middle - middle.mean()).abs().max() < 2, "pixels"
