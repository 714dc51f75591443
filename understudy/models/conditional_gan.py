"""Conditional GAN: items of the class that is asked for."""

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Generator, Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import Spec
from understudy.errors import DataError
from understudy.layers.players import PlayerShape, generator, trunk
from understudy.layers.projection import ProjectionDiscriminator
from understudy.models.adversarial import Adversarial, AdversarialOptions
from understudy.models.network import Terms


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ConditionalGANConfig(AdversarialOptions):
    """Options of the conditional GAN."""

    channels: tuple[int, ...] | None = Field(
        (32, 64), min_length=1, description="conv: the discriminator's, mirrored; unset: 32,64,128, fewer if tiny"
    )


class ConditionalGAN(Adversarial):
    """Both players are told an item's class: the discriminator asks not "is it real?" but "is it a real one of these?".

    The generator gets the class beside the noise. The discriminator's logit is w.h(x) + v_y.h(x) + b: of the features
    h(x), what speaks for a real item, and what speaks for one of class y.

    Reference:
        Mirza and Osindero, 2014, Conditional Generative Adversarial Nets, arXiv:1411.1784, equation 2.
        Miyato and Koyama, 2018, cGANs with Projection Discriminator, arXiv:1802.05637, equation 3.

    Differs from the paper:
        the discriminator weighs the class against the features, as in the second paper; in the first it gets the class
        beside the items, whose pixels drown it; convolutions for pictures; samples come from a moving average of the
        generator's weights (`ema`), with the training data's class frequencies where no class is asked for.
    """

    Config = ConditionalGANConfig

    def __init__(self, config: AdversarialOptions, spec: Spec) -> None:
        if len(spec.classes) < 2:
            raise DataError(
                f"a conditional network needs items with classes, the data has {spec.describe()} without; "
                "use --set labels=FILE, a folder for each class, or dcgan"
            )
        super().__init__(config, spec)
        self.register_buffer("class_counts", torch.zeros(len(spec.classes)))
        self.class_counts: Tensor

    def build_generator(self, shape: PlayerShape) -> nn.Module:
        """With room for the class beside the noise."""
        return generator(self.spec, self.config.noise_dim + len(self.spec.classes), shape)

    def build_discriminator(self, shape: PlayerShape) -> nn.Module:
        """The features, their weights, and each class's."""
        config = self.config
        layers, features = trunk(self.spec, config.packing, shape, batch_deviation=config.batch_deviation)
        return ProjectionDiscriminator(layers, features, len(self.spec.classes))

    def classes_of(self, batch: Batch) -> Tensor | None:
        """The items' own."""
        return batch.y

    def discriminator_loss(self, batch: Batch) -> Terms:
        """As ever; and the classes are counted, for samples of no class in particular."""
        if self.training and batch.y is not None and torch.is_grad_enabled():
            self.class_counts += torch.bincount(batch.y, minlength=len(self.class_counts))
        return super().discriminator_loss(batch)

    def with_classes(self, noise: Tensor, classes: Tensor | None) -> Tensor:
        """Noise, and a 1 at the class: (count, noise_dim) -> (count, noise_dim + classes)."""
        assert classes is not None
        return torch.cat([noise, F.one_hot(classes, len(self.spec.classes)).to(noise.dtype)], 1)

    def sample(self, count: int, generator: Generator) -> Tensor:
        """Items of classes as frequent as in training: -> (count, *spec.shape)."""
        frequencies = (self.class_counts + 1e-9).to(generator.device)
        return self.sample_of(torch.multinomial(frequencies, count, replacement=True, generator=generator), generator)

    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        """An item of each of these classes: (count,) -> (count, *spec.shape)."""
        noise = self.draw_noise(len(classes), generator)
        return self.generate(noise, classes.to(noise.device))

    def judge(self, x: Tensor, classes: Tensor | None = None) -> Tensor:
        """How real items of these classes look; of class 0 where none are given: (batch, *spec.shape) -> (packs,)."""
        return super().judge(x, self._or_first(len(x), classes))

    def pass_through(self, x: Tensor) -> Tensor:
        """Both players once."""
        classes = self._or_first(len(x), None)
        return self.logits(self.fakes(len(x), classes), classes)

    def _or_first(self, count: int, classes: Tensor | None) -> Tensor:
        here = next(self.parameters()).device
        return torch.zeros(count, dtype=torch.int64, device=here) if classes is None else classes
