import copy

import pytest
import torch
from made import PICTURES, SPECS, items_of
from torch import nn

from understudy import models
from understudy.layers.summary import summarise
from understudy.layers.tied import tie

TIED = {"tied": True, "hidden": [24], "latent_dim": 12, "activation": "relu", "layer_norm": False}


@pytest.mark.parametrize("architecture", ["dense", "conv"])
@pytest.mark.parametrize("spec_name", ["grey 1x8x8", "odd 1x7x5", "colour 3x32x32"])
def test_each_tied_layer_is_the_adjoint_of_the_encoders(architecture: str, spec_name: str) -> None:
    """<A x, y> = <x, A' y> for every pair of layers, biases aside."""
    torch.manual_seed(0)
    network = models.build("autoencoder", {**TIED, "architecture": architecture, "channels": [4, 6]}, SPECS[spec_name])
    network.double().requires_grad_(False)
    forwards = [layer for layer in network.encoder if isinstance(layer, nn.Linear | nn.Conv2d)]
    backwards = [layer for layer in network.decoder if "Tied" in type(layer).__name__][::-1]
    assert len(forwards) == len(backwards) > 1
    for layer in (*forwards, *backwards):
        layer.bias.zero_()
    x = items_of(network.spec, 3).double()
    for towards, back in zip(forwards, backwards, strict=True):
        x = x.flatten(1) if isinstance(towards, nn.Linear) else x
        y = towards(x)
        other = torch.randn_like(y)
        assert torch.sum(y * other).item() == pytest.approx(torch.sum(x * back(other)).item(), rel=1e-10)
        x = y


def test_a_tied_decoder_has_biases_alone_and_follows_the_encoder() -> None:
    network = models.build("autoencoder", TIED, PICTURES)
    names = [name for name, _ in network.named_parameters() if name.startswith("decoder")]
    assert names
    assert all(name.endswith("bias") for name in names)
    assert set(network.state_dict()) == {name for name, _ in network.named_parameters()}
    codes = torch.randn(2, 12)
    before = network.decode(codes)
    twin = copy.deepcopy(network)
    with torch.no_grad():
        network.encoder[-1].weight.mul_(2)
    assert not torch.allclose(network.decode(codes), before)
    assert torch.equal(twin.decode(codes), before), "a copy is tied to its own encoder"


def test_the_summary_counts_a_tied_weight_once_and_its_work_twice() -> None:
    tied, free = (models.build("autoencoder", {**TIED, "tied": ties}, PICTURES) for ties in (True, False))
    layers, others = (summarise(network, PICTURES.shape) for network in (tied, free))
    assert sum(layer.multiply_adds for layer in layers) == sum(layer.multiply_adds for layer in others)
    weights = 64 * 24 + 24 * 12
    assert sum(layer.parameters for layer in others) - sum(layer.parameters for layer in layers) == weights


def test_what_does_not_mirror_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        tie(nn.Sequential(nn.Linear(4, 2)), nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4)))
