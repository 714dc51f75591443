import torch

from understudy.layers.placing import Placing


def square(low: int, high: int) -> torch.Tensor:
    """White on black, 16x16."""
    x = torch.full((1, 1, 16, 16), -1.0)
    x[..., low:high, low:high] = 1
    return x


def test_at_first_nothing_is_moved() -> None:
    x = torch.rand(3, 2, 9, 7) * 2 - 1
    assert torch.allclose(Placing()(x), x, atol=1e-5)


def test_one_map_for_all_pictures_and_black_around_them() -> None:
    placing = Placing()
    with torch.no_grad():
        placing.change.copy_(torch.tensor([[1.0, 0, 0], [0, 1.0, 0]]) / placing.rate)
        assert torch.allclose(
            placing(torch.cat([square(0, 16), square(4, 12)])), torch.cat([square(4, 12), square(6, 10)])
        )
        placing.change.copy_(torch.tensor([[0, 0, 2 * 3 / 16], [0, 0, 0]]) / placing.rate)
        moved = placing(square(4, 12))
    assert torch.allclose(moved, square(4, 12).roll(-3, dims=3), atol=1e-5)


def test_where_things_lie_is_learnt() -> None:
    placing = Placing()
    mover = torch.optim.Adam(placing.parameters(), 0.004)
    before = (placing(square(1, 15)) - square(3, 13)).abs().mean()
    for _ in range(40):
        mover.zero_grad()
        (placing(square(1, 15)) - square(3, 13)).square().mean().backward()
        mover.step()
    assert (placing(square(1, 15)) - square(3, 13)).abs().mean() < before / 4
    assert torch.allclose(placing.map.detach(), 1.4 * torch.eye(2, 3), atol=0.05)
