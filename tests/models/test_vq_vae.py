from typing import Any

import pytest
import torch
from made import PICTURES, SPECS, batch_of, items_of

from understudy import models
from understudy.errors import DataError
from understudy.models.vq_vae import VQVAE

SMALL = {"channels": [4, 6], "latent_dim": 3, "codebook_size": 12}
WAYS: dict[str, dict[str, Any]] = {"conv": {}, "dense": {"architecture": "dense", "hidden": [16], "codes_per_item": 5}}


def build(way: str = "conv", spec: Any = PICTURES, **options: Any) -> VQVAE:
    torch.manual_seed(0)
    network = models.build("vq-vae", {**SMALL, **WAYS[way], **options}, spec)
    assert isinstance(network, VQVAE)
    network.turns()[0].loss(batch_of(spec))  # places the codes
    return network.eval()


@pytest.mark.parametrize(("way", "grid"), [("conv", (2, 2)), ("dense", (5,))])
def test_an_item_is_a_grid_of_words(way: str, grid: tuple[int, ...]) -> None:
    network, x = build(way), items_of(PICTURES, 6)
    tokens = network.tokens(x)
    assert tokens.shape == (6, *grid)
    assert tokens.min() >= 0
    assert tokens.max() < network.codebook_size()
    assert torch.equal(network.decode_tokens(tokens), network.reconstruct(x))
    assert torch.allclose(network.decode(network.encode(x)), network.reconstruct(x), atol=1e-6)


def test_odd_pictures_come_back_in_their_own_size() -> None:
    network = build(spec=SPECS["odd 1x7x5"])
    assert network.reconstruct(items_of(network.spec, 2)).shape == (2, 1, 7, 5)


def test_every_vector_that_is_decoded_is_a_code() -> None:
    network = build()
    z = network.encoder(items_of(PICTURES, 6))
    e, numbers = network.quantise(z)
    rows = e.movedim(1, -1).reshape(-1, 3)
    assert torch.equal(rows, network.codebook.codes[numbers.flatten()])
    assert torch.equal(network.quantise(e)[0], e), "a code is its own nearest"


@pytest.mark.parametrize("commitment", [0.0, 0.25])
def test_the_gradient_passes_the_codebook_as_if_it_were_not_there(commitment: float) -> None:
    """dL/dz is what the decoder says at the code, plus commitment * 2 (z - e) / batch."""
    network, batch = build(commitment=commitment), batch_of(PICTURES, 8)
    network.loss(batch)["loss"].backward()
    ours = {name: parameter.grad.clone() for name, parameter in network.encoder.named_parameters()}
    network.zero_grad()
    z = network.encoder(batch.x)
    e = network.quantise(z)[0].detach().requires_grad_()
    (at_code,) = torch.autograd.grad(network.error(network.decoder(e), batch.x), e)
    z.backward(at_code + commitment * 2 * (z.detach() - e.detach()) / 8)
    for name, parameter in network.encoder.named_parameters():
        torch.testing.assert_close(ours[name], parameter.grad, rtol=1e-4, atol=1e-6)


def test_training_uses_the_whole_codebook() -> None:
    network, data = build().train(), items_of(PICTURES, 256)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for step in range(150):
        batch = batch_of(PICTURES, 64, step % 3)
        optimizer.zero_grad()
        network.turns()[0].loss(batch)["loss"].backward()
        optimizer.step()
    assert len(network.eval().tokens(data).unique()) == 12


def test_rows_get_dense_layers_unless_convolutions_are_asked_for() -> None:
    assert build(spec=SPECS["rows of 40"], hidden=[16]).config.architecture == "dense"
    with pytest.raises(DataError, match="use --set architecture=dense"):
        build(spec=SPECS["rows of 40"], architecture="conv")
    assert build("dense", SPECS["rows of 40"]).encode(items_of(SPECS["rows of 40"], 2)).shape == (2, 15)
