"""DCGAN's rules for its layers, on pictures of any size."""

import pytest
import torch
from made import SPECS
from test_adversarial import adversarial
from torch import nn

from understudy.data.spec import ImageSpec


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 64), (1, 7, 5), (3, 33, 20)])
def test_pictures_of_any_size_are_made_and_judged(shape: tuple[int, int, int]) -> None:
    network = adversarial("dcgan", ImageSpec(*shape))
    assert network.generate(network.draw_noise(2)).shape == (2, *shape)
    assert network.judge(torch.rand(2, *shape)).shape == (2,)


def test_batch_normalisation_stays_away_from_pictures() -> None:
    network = adversarial("dcgan", SPECS["grey 1x28x28"])
    kinds = [type(layer) for layer in network.discriminator]
    assert kinds.index(nn.BatchNorm2d) > kinds.index(nn.LeakyReLU)
    assert [type(layer) for layer in network.generator][-1] is nn.ConvTranspose2d
    assert nn.BatchNorm2d in [type(layer) for layer in network.generator]


def test_weights_begin_small() -> None:
    network = adversarial("dcgan", SPECS["grey 1x28x28"], channels=(32, 64))
    for layer in (*network.generator, *network.discriminator[:-1]):
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.1)
