"""Classes reach both players, and samples of no class in particular have the data's frequencies."""

import dataclasses

import pytest
import torch
from made import PICTURES, POINTS, batch_of
from test_adversarial import adversarial
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.errors import DataError
from understudy.models.conditional_gan import ConditionalGAN

CLASSED = dataclasses.replace(POINTS, classes=("a", "b", "c"))


def conditional(**options: object) -> ConditionalGAN:
    network = adversarial("conditional-gan", CLASSED, **options)
    assert isinstance(network, ConditionalGAN)
    return network.eval()


def test_the_class_changes_what_is_made_and_how_it_is_judged() -> None:
    network = conditional()
    noise, x = network.draw_noise(1), torch.randn(1, 2)
    made = {tuple(network.generate(noise, torch.tensor([number]))[0].tolist()) for number in range(3)}
    judged = {network.judge(x, torch.tensor([number])).item() for number in range(3)}
    assert len(made) == len(judged) == 3


def test_samples_have_the_training_classes_frequencies() -> None:
    network = conditional().train()
    network.discriminator_loss(Batch(torch.randn(4, 2), torch.tensor([0, 2, 2, 2])))
    asked: list[int] = []
    original = network.sample_of
    network.sample_of = lambda classes, generator: asked.extend(classes.tolist()) or original(classes, generator)
    network.eval().sample(2000, torch.Generator().manual_seed(0))
    assert asked.count(1) == 0
    assert asked.count(2) / len(asked) == pytest.approx(0.75, abs=0.03)


def test_a_pack_has_the_mean_of_its_classes() -> None:
    network = conditional(packing=2)
    x = torch.randn(2, 2)
    classes = torch.tensor([0, 2])
    features = network.discriminator.trunk(network.packed(x))
    vectors = network.discriminator.classes.weight[classes].mean(0)
    expected = network.discriminator.head(features)[0, 0] + features[0] @ vectors
    assert network.judge(x, classes).item() == pytest.approx(expected.item(), rel=1e-5)


def test_items_without_classes_are_refused() -> None:
    with pytest.raises(DataError, match="items with classes"):
        adversarial("conditional-gan", dataclasses.replace(PICTURES, classes=()))


def test_validation_is_by_class() -> None:
    """Real items and fakes are judged as members of the same classes, each item's own."""

    class SaysTheClass(torch.nn.Module):
        def forward(self, x: Tensor, classes: Tensor) -> Tensor:
            return classes.float()

    network, batch = conditional(), batch_of(CLASSED)
    network.discriminator = SaysTheClass()
    terms = network.validate(batch)
    mean = batch.y.float().mean().item()
    assert mean > 0
    assert terms["discriminator/real"].item() == terms["discriminator/fake"].item() == pytest.approx(mean)
    assert terms["discriminator/told_apart"].item() == 0.5


def test_spectral_norm_holds_the_classes_too() -> None:
    network = conditional(spectral_norm=True).train()
    for _ in range(50):
        network.logits(torch.randn(4, 2), torch.tensor([0, 1, 2, 0]))
    vectors = network.discriminator.classes.weight
    assert torch.linalg.matrix_norm(vectors, 2).item() == pytest.approx(1, rel=0.02)
