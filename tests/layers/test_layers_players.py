"""Small parts of generators and discriminators."""

import pytest
import torch
from torch import Tensor, nn

from understudy import models
from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec
from understudy.layers.augmentation import AUGMENTATIONS, cutout, flip, translation
from understudy.layers.batch_deviation import BatchDeviation


def test_a_batch_of_one_picture_has_no_deviation() -> None:
    same = torch.rand(1, 3, 4, 4).expand(8, -1, -1, -1)
    assert BatchDeviation()(same)[:, 3].abs().max() < 1e-3


def test_the_deviation_is_that_of_a_group() -> None:
    x = torch.tensor([[0.0], [5.0], [2.0], [5.0], [0.0], [5.0], [2.0], [5.0]])  # groups: items 0, 2, 4, 6 and the rest
    deviation = BatchDeviation()(x)[:, 1]
    assert torch.allclose(deviation, torch.tensor([1.0, 0.0] * 4), atol=1e-3)


def test_a_batch_that_cannot_be_shared_out_is_one_group() -> None:
    deviation = BatchDeviation()(torch.tensor([[0.0], [4.0], [8.0]]))[:, 1]
    assert torch.allclose(deviation, torch.full((3,), (32 / 3) ** 0.5))


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_gradients_pass_an_augmentation(name: str) -> None:
    torch.manual_seed(0)
    x = torch.rand(6, 3, 8, 8, requires_grad=True)
    out = AUGMENTATIONS[name](x)
    assert out.shape == x.shape
    assert not torch.equal(out, x)
    out.sum().backward()
    assert x.grad is not None
    assert (x.grad != 0).any()


def test_a_flip_mirrors_left_and_right() -> None:
    torch.manual_seed(0)
    x = torch.rand(50, 1, 4, 4)
    out = flip(x)
    mirrored = [torch.equal(out[n], x[n].flip(2)) for n in range(50)]
    assert 10 < sum(mirrored) < 40
    assert all(torch.equal(out[n], x[n]) for n in range(50) if not mirrored[n])


def test_a_translation_moves_a_picture_whole() -> None:
    torch.manual_seed(0)
    x = -torch.ones(40, 1, 16, 16)
    x[:, :, 8, 8] = 1.0
    places = {tuple((picture[0] > 0).nonzero()[0].tolist()) for picture in translation(x)}
    assert {row for row, _ in places} == {column for _, column in places} == set(range(6, 11))


def test_a_cut_is_a_box_of_half_the_sides() -> None:
    torch.manual_seed(0)
    cut = cutout(torch.ones(30, 1, 8, 8)) == 0
    sizes = cut.flatten(1).sum(1)
    assert sizes.max() == 16
    assert (sizes > 0).all()


@pytest.mark.parametrize("name", ["dcgan", "r3gan", "wgan-gp"])
def test_channels_lie_side_by_side_in_every_picture_and_gradient_inside_a_player(name: str) -> None:
    network = models.build(name, {"channels": (4, 6)}, ImageSpec(1, 8, 8))
    seen = []

    def note(tensor: Tensor) -> None:
        seen.append(tensor.ndim != 4 or tensor.is_contiguous(memory_format=torch.channels_last))

    def watch(layer: nn.Module, given: object, output: Tensor) -> None:
        note(output)
        if output.requires_grad:
            output.register_hook(note)

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            layer.register_forward_hook(watch)
    for turn in network.turns():
        turn.loss(Batch(torch.rand(4, 1, 8, 8)))["loss"].backward()
    assert len(seen) > 20
    assert all(seen)
