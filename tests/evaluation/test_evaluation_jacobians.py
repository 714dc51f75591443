"""The gradient through time against matrix powers, autograd, and the bounds of theory."""

from typing import Any, get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some
from torch import Tensor

from understudy.evaluation.jacobians import SLOPES, Flow, depth_norms, flow, readings, spectral_norms, written_out
from understudy.layers.bidirectional import Bidirectional
from understudy.layers.cells import Cell
from understudy.layers.recurrent import Recurrent, RecurrentLayer, RecurrentOptions
from understudy.settings import validated

CELLS = get_args(Cell)


def built(seed: int = 0, inputs: int = 3, **options: Any) -> Recurrent:
    torch.manual_seed(seed)
    core = Recurrent(inputs, validated(RecurrentOptions, {"hidden_dim": 5, **options}, "options")).eval()
    for parameter in core.parameters():  # no weight at a special place
        parameter.data += 0.1 * torch.randn_like(parameter)
    return core


def flows(core: Recurrent, x: Tensor, steps: int, places: int) -> list[Flow]:
    return [flow(layer, read, steps, places) for layer, read in readings(core, lambda: core(x)).values()]


def by_autograd(core: Recurrent, x: Tensor, layer: int, start: int, steps: int) -> Tensor:
    """Norm of d state_(start+steps) / d state_start of one layer, through the whole stack as it runs."""
    core = core.double()
    state = core(x[:, : start + 1])[1]

    def after(mine: Tensor) -> Tensor:
        memories = mine.view(len(state), 1, -1)
        whole = tuple(
            torch.cat([memory[:layer], own[None], memory[layer + 1 :]])
            for memory, own in zip(state, memories, strict=True)
        )
        ends = core(x[:, start + 1 : start + 1 + steps], whole)[1]
        return torch.stack([memory[layer, 0] for memory in ends]).flatten()

    jacobian = torch.autograd.functional.jacobian(after, torch.stack([it[layer, 0] for it in state]).flatten().detach())
    return torch.linalg.matrix_norm(jacobian, 2)


@pytest.mark.parametrize("options", [{}, {"layer_norm": True}, {"num_layers": 3, "residual": True, "hidden_dim": 3}])
@pytest.mark.parametrize("cell", CELLS)
def test_it_is_autograds(cell: str, options: dict[str, Any]) -> None:
    core, x = built(cell=cell, **options), torch.randn(1, 9, 3)
    for number, found in enumerate(flows(core, x, 5, 3)):
        assert found.norms.shape == (3, 6)
        assert found.norms[:, 0].tolist() == [1.0] * 3
        for place, start in enumerate((1, 2, 3)):
            for steps in (1, 2, 5):
                expected = by_autograd(core, x.double(), number, start, steps)
                torch.testing.assert_close(found.norms[place, steps], expected, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("hidden", [6, 70])
def test_of_a_linear_network_it_is_the_matrix_power(hidden: int) -> None:
    core = built(cell="relu-rnn", hidden_dim=hidden)
    for parameter in core.parameters():  # all is positive: no unit is ever struck to 0
        parameter.data.abs_()
    layer = core.layers[0].inner
    layer.weight_hh_l0.data /= torch.linalg.matrix_norm(layer.weight_hh_l0.data, 2)
    found = flow(core.layers[0], torch.rand(1, 30, 3), 20, 2)
    for k in range(21):
        power = torch.linalg.matrix_power(layer.weight_hh_l0.detach().double(), k)
        torch.testing.assert_close(found.norms[:, k], torch.linalg.matrix_norm(power, 2).expand(2), rtol=1e-5, atol=0)


def test_an_irnn_begins_by_keeping_everything() -> None:
    torch.manual_seed(0)
    layer = RecurrentLayer(3, RecurrentOptions(cell="irnn", hidden_dim=8))
    layer.inner.weight_ih_l0.data.abs_()
    found = flow(layer, torch.rand(1, 60, 3), 50, 4)
    torch.testing.assert_close(found.norms, torch.ones(4, 51, dtype=torch.float64))
    assert found.limit is not None
    torch.testing.assert_close(found.limit, torch.ones(51, dtype=torch.float64))


@given(
    cell=some.sampled_from(sorted(SLOPES)),
    seed=some.integers(0, 10_000),
    hidden=some.integers(1, 8),
    stretch=some.floats(0.1, 4.0),
)
def test_it_is_never_above_the_bounds(cell: str, seed: int, hidden: int, stretch: float) -> None:
    core = built(seed, cell=cell, hidden_dim=hidden)
    core.layers[0].inner.weight_hh_l0.data *= stretch
    found = flow(core.layers[0], 3 * torch.randn(1, 14, 3), 10, 3)
    assert found.met is not None
    assert found.limit is not None
    room = 1 + 1e-9
    assert (found.norms <= found.met * room).all()
    assert (found.met <= found.limit * room).all()


def test_the_bound_of_a_sigmoid_is_a_quarter_of_the_matrix_norm_at_each_step() -> None:
    core = built(cell="sigmoid-rnn")
    norm = torch.linalg.matrix_norm(core.layers[0].inner.weight_hh_l0.detach().double(), 2)
    found = flow(core.layers[0], torch.randn(1, 9, 3), 4, 1)
    assert found.limit is not None
    torch.testing.assert_close(found.limit, torch.stack([(0.25 * norm) ** k for k in range(5)]))


def hand_made(cell: str) -> RecurrentLayer:
    """Two units whose gates neither input nor state moves."""
    layer = RecurrentLayer(1, RecurrentOptions(cell=cell, hidden_dim=2))  # type: ignore[arg-type]
    for parameter in layer.parameters():
        parameter.data.zero_()
    layer.inner.bias_ih_l0.data[2:4] = torch.tensor([2.0, 1.0])  # the gate on the state
    return layer


def test_the_cells_path_is_the_product_of_its_forget_gates() -> None:
    layer, steps = hand_made("lstm"), 6
    found, gate = flow(layer, torch.randn(1, 9, 1), steps, 1), torch.tensor(2.0, dtype=torch.float64).sigmoid()
    assert found.kept is not None
    torch.testing.assert_close(found.kept[0], gate ** torch.arange(steps + 1), rtol=1e-6, atol=0)

    def memory(c: Tensor) -> Tensor:
        cell = written_out(layer)
        memories: tuple[Tensor, ...] = (torch.zeros_like(c), c)
        for _ in range(steps):
            memories = cell.advance(cell.drive(torch.zeros(1, 1, dtype=torch.float64)), memories)
        return memories[1]

    jacobian = torch.autograd.functional.jacobian(memory, torch.ones(1, 2, dtype=torch.float64))[0, :, 0]
    gates = torch.tensor([2.0, 1.0], dtype=torch.float64).sigmoid()
    torch.testing.assert_close(jacobian, torch.diag(gates**steps))
    torch.testing.assert_close(torch.linalg.matrix_norm(jacobian, 2), found.kept[0, -1], rtol=1e-6, atol=0)


def test_a_gru_without_recurrent_weights_keeps_what_its_update_gates_keep() -> None:
    found = flow(hand_made("gru"), torch.randn(1, 9, 1), 6, 2)
    assert found.kept is not None
    torch.testing.assert_close(found.norms, found.kept, rtol=1e-6, atol=0)
    torch.testing.assert_close(found.kept[0, 1].item(), torch.tensor(2.0).sigmoid().item())


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e150])
def test_power_iteration_finds_the_largest_singular_value(scale: float) -> None:
    generator = torch.Generator().manual_seed(0)
    matrices = torch.randn(3, 80, 80, dtype=torch.float64, generator=generator)
    norms, directions = spectral_norms(matrices * scale, torch.full((3, 80), 80**-0.5, dtype=torch.float64))
    expected = torch.linalg.matrix_norm(matrices, 2)
    torch.testing.assert_close(norms / scale, expected, rtol=1e-3, atol=0)
    torch.testing.assert_close((matrices @ directions[..., None]).norm(dim=1)[:, 0], expected, rtol=1e-3, atol=0)
    second = torch.eye(80, dtype=torch.float64)[1:2]  # a guess that sees nothing of the largest
    assert spectral_norms(torch.diag(torch.arange(80.0, 0, -1).double())[None], second)[0].item() > 79.5
    assert spectral_norms(torch.zeros(1, 80, 80), torch.ones(1, 80))[0].tolist() == [0.0]


def test_layers_are_named_and_read_as_they_do_in_the_network() -> None:
    core, x = built(num_layers=2, cell="gru", dropout=0.5).train(), torch.randn(1, 4, 3)
    read = readings(core, lambda: core(x))
    assert list(read) == ["layers.0", "layers.1"]
    torch.testing.assert_close(read["layers.1"][1], core.layers[0](x, (torch.zeros(1, 5),))[0])
    assert core.training
    torch.manual_seed(0)
    both = Bidirectional(3, RecurrentOptions(cell="gru", hidden_dim=4))
    read = readings(both, lambda: both(x, torch.tensor([4])))
    assert list(read) == ["forwards.0", "backwards.0"]
    torch.testing.assert_close(read["backwards.0"][1], x.flip(1))


def test_through_depth_it_is_the_product_of_the_layers_slopes_and_a_residual_adds_the_identity() -> None:
    core, x = built(cell="rnn", num_layers=3, inputs=5), torch.randn(1, 4, 5)
    plain = depth_norms(core.double(), x.double())
    residual = built(cell="rnn", num_layers=3, inputs=5, residual=True).double()
    found, unit = depth_norms(residual, x.double()), torch.eye(5, dtype=torch.float64)
    for network, norms, kept in ((core, plain, 0 * unit), (residual, found, unit)):
        product, read = unit, x.double()
        for number, layer in enumerate(network.layers):
            h = layer(read, (torch.zeros(1, 5),))[0]
            slope = (1 - h[0, -1] ** 2)[:, None] * layer.inner.weight_ih_l0
            product = (slope + kept) @ product
            torch.testing.assert_close(norms[number], torch.linalg.matrix_norm(product, 2))
            read = h + read * kept[0, 0]
