import math

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from understudy import models
from understudy.data.spec import ImageSpec
from understudy.layers.conv import conv_decoder, conv_encoder
from understudy.layers.summary import multiply_adds, summarise

SHAPES = {
    "conv": (nn.Conv2d(3, 16, 5, stride=2, padding=2), (3, 13, 9)),
    "conv in groups": (nn.Conv2d(4, 8, 3, groups=2), (4, 7, 7)),
    "conv of a line": (nn.Conv1d(3, 5, 4), (3, 20)),
    "transposed": (nn.ConvTranspose2d(4, 3, 5, stride=2, padding=2, output_padding=1), (4, 6, 5)),
    "linear": (nn.Linear(7, 3), (7,)),
    "linear over time": (nn.Linear(7, 3, bias=False), (10, 7)),
    "encoder": (conv_encoder((3, 17, 12), (4, 6), 3, "gelu", 5, layer_norm=True), (3, 17, 12)),
    "decoder": (conv_decoder((3, 17, 12), (4, 6), 3, "gelu", 5, layer_norm=True), (5,)),
}


def test_the_published_figures_of_a_convolutional_encoder() -> None:
    """5x5 convolutions of 16 channels on 128x128 RGB, and a head of 10 numbers without bias."""
    options = {"channels": [16, 16, 16], "kernel_size": 5, "latent_dim": 10, "head_bias": False, "layer_norm": False}
    network = models.build("conv-autoencoder", options, ImageSpec(3, 128, 128))
    layers = summarise(network, (3, 128, 128))
    encoder = [layer for layer in layers if layer.name.startswith("encoder.") and layer.parameters]
    assert [layer.parameters for layer in encoder] == [1_216, 6_416, 6_416, 40_960]
    assert sum(layer.parameters for layer in encoder[:3]) == 14_048
    assert sum(layer.parameters for layer in encoder) == 55_008
    assert [layer.output for layer in encoder] == [(16, 64, 64), (16, 32, 32), (16, 16, 16), (10,)]


def test_multiply_adds_counted_by_hand() -> None:
    # outputs times the weights behind each
    assert multiply_adds(nn.Conv2d(3, 16, 5, stride=2, padding=2), (3, 128, 128)) == 16 * 64 * 64 * 3 * 25
    # inputs times the weights before each
    transposed = nn.ConvTranspose2d(16, 3, 5, stride=2, padding=2, output_padding=1)
    assert multiply_adds(transposed, (16, 64, 64)) == 16 * 64 * 64 * 3 * 25
    assert multiply_adds(nn.Linear(7, 3), (10, 7)) == 10 * 7 * 3
    assert multiply_adds(nn.Sequential(nn.Linear(4, 5), nn.GELU(), nn.Linear(5, 2)), (4,)) == 20 + 10


@pytest.mark.parametrize("name", SHAPES)
def test_multiply_adds_are_half_of_torchs_own_count_of_operations(name: str) -> None:
    module, shape = SHAPES[name]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *shape))
    assert 2 * multiply_adds(module, shape) == counter.get_total_flops() > 0


@pytest.mark.parametrize("name", SHAPES)
def test_parameters_and_shapes_are_the_modules(name: str) -> None:
    module, shape = SHAPES[name]
    layers = summarise(module, shape)
    assert sum(layer.parameters for layer in layers) == sum(weight.numel() for weight in module.parameters())
    assert layers[-1].output == tuple(module(torch.zeros(1, *shape)).shape[1:])


def test_layers_come_in_the_order_of_the_items_way_with_their_names() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.first = nn.Linear(3, 2), nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(torch.relu(self.first(x)))

    layers = summarise(Backwards(), (4,))
    assert [(layer.name, layer.kind) for layer in layers] == [("first", "Linear"), ("last", "Linear")]


def test_nothing_is_computed_and_the_module_is_left_as_it_was() -> None:
    shape = (3, 4096, 4096)
    module = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), nn.Dropout())  # 4 GiB, were it computed
    before = {name: value.clone() for name, value in module.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    assert multiply_adds(module, shape) == 64 * 27 * math.prod(shape[1:])
    assert torch.equal(torch.rand(1), expected)
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(not layer._forward_hooks for layer in module)


def test_a_layer_that_is_called_step_after_step_is_one_line_with_all_its_work() -> None:
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(self.layer(self.layer(x)))

    (line,) = summarise(Steps(), (4,))
    assert (line.parameters, line.multiply_adds) == (20, 3 * 16)


def test_a_weight_that_two_layers_share_is_counted_once() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)
            self.two.weight = self.one.weight

        def forward(self, x: Tensor) -> Tensor:
            return self.two(self.one(x))

    assert [line.parameters for line in summarise(Tied(), (4,))] == [20, 4]


@pytest.mark.parametrize("layer", [nn.LSTM(3, 5, batch_first=True), nn.GRU(3, 5, batch_first=True)])
def test_recurrent_layers_are_not_walked_through(layer: nn.RNNBase) -> None:
    class Reads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.output = layer, nn.Linear(5, 2)

        def forward(self, x: Tensor) -> Tensor:
            start = x.new_zeros(1, len(x), 5)
            y, _ = self.layer(x, (start, start) if isinstance(self.layer, nn.LSTM) else start)
            return self.output(y[:, -1])

    gates = layer.weight_ih_l0.shape[0]
    lines = summarise(Reads(), (100_000_000, 3))  # hours, were they
    assert [line.output for line in lines] == [(100_000_000, 5), (2,)]
    assert lines[0].multiply_adds == 100_000_000 * gates * (3 + 5)
    assert "forward" not in vars(layer)
