"""What every generative adversarial network shares: two players, their turns, and what the discriminator sees."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Generator, Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from understudy.data.dataset import Batch
from understudy.data.spec import ImageSpec, Spec
from understudy.errors import DataError
from understudy.layers.adversarial_losses import ADVERSARIAL_LOSSES, AdversarialLossName
from understudy.layers.augmentation import AUGMENTATIONS, AugmentationName
from understudy.layers.conv import halvings
from understudy.layers.gradient_penalty import between, gradient_norms
from understudy.layers.players import Architecture, Norm, PlayerShape, generator, trunk
from understudy.models.network import Network, Terms, Turn

BEYOND = 0.1
"""Slope of an unsquashed generator's output beyond black and white. Where tanh ended in black, its slope ended too."""
CHANNELS = (32, 64, 128)
"""Three halvings: after two, no place has seen more than ten pixels of the picture's 28."""
KIND = 4.0
"""What stands in the noise at the kind of item to make. With 32 kinds on MNIST, 3.5 was not heeded by a DCGAN in 2,000
steps, and 4.5 cost it 0.1 of recall."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class AdversarialOptions:
    """Options of every generative adversarial network; each network has its own defaults."""

    noise_dim: int = Field(64, ge=1, description="numbers of noise that a fake is made from")
    noise: Literal["normal", "uniform"] = Field("normal", description="N(0, 1), or uniform from -1 to 1")
    noise_kinds: int = Field(
        0, ge=0, description="of these numbers, so many only choose a kind of item: that of the largest"
    )
    architecture: Architecture = Field("auto", description="of both players; auto: conv for pictures, dense for rows")
    hidden: tuple[int, ...] = Field((256, 512), min_length=1, description="dense: generator's hidden layers, mirrored")
    channels: tuple[int, ...] | None = Field(
        None, min_length=1, description="conv: the discriminator's, mirrored; unset: 32,64,128, fewer for tiny pictures"
    )
    blocks: int = Field(1, ge=1, description="residual: blocks at each height and width")
    generator_norm: Norm = Field("batch", description="conv and dense: normalisation of the generator's layers")
    discriminator_norm: Norm = Field("none", description="conv and dense: normalisation of the discriminator's layers")
    squash: bool = Field(
        True, description="end the pictures' generator in tanh; else in a line that is bent at black and at white"
    )
    spectral_norm: bool = Field(False, description="hold each of the discriminator's layers to a slope of 1")
    batch_deviation: bool = Field(False, description="tell the discriminator how different a batch's items are")
    packing: int = Field(1, ge=1, description="items that the discriminator judges together (PacGAN)")
    loss: AdversarialLossName = Field("non-saturating", description="what the players minimise")
    label_smoothing: float = Field(0.0, ge=0, lt=0.5, description="share by which real items are not called real")
    discriminator_times: int = Field(1, ge=1, description="moves of the discriminator in a step")
    generator_times: int = Field(1, ge=1, description="moves of the generator in a step")
    discriminator_rate: float = Field(1.0, gt=0, description="the discriminator's learning rate, in learning_rates")
    clip_weights: float | None = Field(None, gt=0, description="largest weight of the discriminator, up or down")
    gradient_penalty: float = Field(0.0, ge=0, description="weight of (norm - 1)^2 between real items and fakes")
    r1: float = Field(0.0, ge=0, description="weight of half the squared gradient norm at real items")
    r2: float = Field(0.0, ge=0, description="weight of half the squared gradient norm at fakes")
    penalty_every: int = Field(1, ge=1, description="discriminator moves to a penalty, which then weighs as many times")
    augmentation: tuple[AugmentationName, ...] = Field((), description="of pictures that the discriminator sees")
    instance_noise: float = Field(0.0, ge=0, description="std of noise on what the discriminator sees, at first")
    instance_noise_moves: int = Field(2000, ge=1, description="discriminator moves until that noise is gone")

    def __post_init__(self) -> None:
        if any(size < 1 for size in (*self.hidden, *(self.channels or ()))):
            raise ValueError("hidden and channels take sizes of 1 or more")
        if self.noise_kinds > self.noise_dim:
            raise ValueError(f"noise_kinds={self.noise_kinds} are of noise_dim={self.noise_dim} numbers; use fewer")
        if self.label_smoothing and not ADVERSARIAL_LOSSES[self.loss].smooths:
            able = ", ".join(name for name, loss in ADVERSARIAL_LOSSES.items() if loss.smooths)
            raise ValueError(f"label_smoothing needs a loss with labels, one of {able}; got {self.loss}")
        if self.penalised and self.discriminator_norm == "batch":
            raise ValueError("a penalty is on each item's own gradient; use discriminator_norm=none or layer")

    @property
    def penalised(self) -> bool:
        """Whether there is a penalty on the discriminator's gradient."""
        return self.gradient_penalty + self.r1 + self.r2 > 0


class Adversarial(Network):
    """A generator makes items from noise; a discriminator tells them from real ones, and each learns from the other.

    The losses are choices (`layers.adversarial_losses`), from logits. A step is the discriminator's moves, then the
    generator's. A fake that the discriminator learns from is cut off from the generator; where the generator has not
    moved since, it then learns from that same fake. The discriminator sees pictures from -1 to 1.

    Reference:
        Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661, algorithm 1.
        Lin et al., 2018, PacGAN, arXiv:1712.04086, section 3 (packing).
        Sonderby et al., 2017, Amortised MAP Inference, arXiv:1610.04490, section 3.2.2 (instance noise).
        Khayatkhoei et al., 2018, Disconnected Manifold Learning for GANs, arXiv:1806.00880 (noise in pieces).
        Miyato et al., 2018, Spectral Normalization, arXiv:1802.05957.
        Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?, arXiv:1801.04406, section 4 (R1).
        Karras et al., 2020, StyleGAN2, arXiv:1912.04958, section 3.1 (a penalty every few moves).
    """

    recipe: ClassVar[dict[str, object]] = {
        "steps": 9000,
        "batch": 64,
        "learning_rate": 5e-4,
        "beta1": 0.5,
        "ema": 0.999,
        "validate_every": 2000,
    }
    config: AdversarialOptions

    def __init__(self, config: AdversarialOptions, spec: Spec) -> None:
        super().__init__(config, spec)
        self.pictures = isinstance(spec, ImageSpec)
        if config.augmentation and not self.pictures:
            raise DataError(f"augmentation needs pictures, the data has {spec.describe()}; use --set augmentation=")
        shapes = [
            PlayerShape(config.architecture, config.hidden, self.channels(), config.blocks, norm)
            for norm in (config.generator_norm, config.discriminator_norm)
        ]
        self.generator = self.build_generator(shapes[0])
        self.discriminator = self.build_discriminator(shapes[1])
        if config.spectral_norm:
            hold_slopes(self.discriminator)
        self.losses = ADVERSARIAL_LOSSES[config.loss]
        self._moves = 0
        self._fakes: Tensor | None = None

    def channels(self) -> tuple[int, ...]:
        """Those asked for, or so many that no picture ends as one pixel, which batch norm cannot take from one item."""
        if self.config.channels or not isinstance(self.spec, ImageSpec):
            return self.config.channels or CHANNELS
        return CHANNELS[: max(1, halvings(self.spec.height, self.spec.width) - 1)]

    def build_generator(self, shape: PlayerShape) -> nn.Module:
        """(batch, noise_dim) -> (batch, *spec.shape), before the output activation."""
        return generator(self.spec, self.config.noise_dim, shape)

    def build_discriminator(self, shape: PlayerShape) -> nn.Module:
        """(packs, packing * spec.shape[0], *spec.shape[1:]) -> (packs, 1)."""
        layers, features = trunk(self.spec, self.config.packing, shape, batch_deviation=self.config.batch_deviation)
        return nn.Sequential(*layers, nn.Linear(features, 1))

    def players(self) -> dict[str, nn.Module]:
        """The two."""
        return {"discriminator": self.discriminator, "generator": self.generator}

    def rates(self) -> dict[str, float]:
        """The discriminator may learn faster or slower (Heusel et al., 2017, arXiv:1706.08500)."""
        return {"discriminator": self.config.discriminator_rate}

    def turns(self) -> Sequence[Turn]:
        """The discriminator's moves, then the generator's."""
        after = self.clip if self.config.clip_weights is not None else None
        return (
            Turn("discriminator", self.discriminator_loss, self.config.discriminator_times, after),
            Turn("generator", self.generator_loss, self.config.generator_times),
        )

    def clip(self) -> None:
        """Hold the discriminator's weights within `clip_weights` of 0."""
        most = self.config.clip_weights
        assert most is not None
        with torch.no_grad():
            for weight in self.discriminator.parameters():
                weight.clamp_(-most, most)

    def carried(self) -> dict[str, Tensor]:
        """How often the discriminator has moved."""
        return {"moves": torch.tensor(self._moves)}

    def carry(self, carried: dict[str, Tensor]) -> None:
        """Go on from there."""
        self._moves = int(carried["moves"]) if carried else 0

    def classes_of(self, batch: Batch) -> Tensor | None:
        """Classes that both players are told; None: none."""
        return None

    def discriminator_loss(self, batch: Batch) -> Terms:
        """Tell these items from as many fakes; the generator gets no gradient."""
        learning, classes = torch.is_grad_enabled(), self.classes_of(batch)
        # One discriminator move, and the generator learns from the same fakes: their graph is kept for it.
        shared = learning and self.config.discriminator_times == 1
        with torch.set_grad_enabled(shared):
            fakes = self.fakes(len(batch), classes)
        self._fakes = fakes if shared else None
        x, fakes = self.inwards(batch.x), fakes.detach()
        penalised = learning and self.config.penalised and self._moves % self.config.penalty_every == 0
        if penalised:
            x.requires_grad_(self.config.r1 > 0)
            fakes.requires_grad_(self.config.r2 > 0)
        real, fake = self.both(x, fakes, classes)
        loss = self.losses.discriminator(real, fake, self.config.label_smoothing)
        terms = {"loss": loss, "real": real.mean(), "fake": fake.mean()}
        if penalised:
            terms |= self.penalties((x, real), (fakes, fake), classes)
            terms["loss"] = loss + self.config.penalty_every * terms["penalty"]
        self._moves += learning
        return terms

    def penalties(
        self, real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor], classes: Tensor | None
    ) -> dict[str, Tensor]:
        """Of items and their logits: the penalty on the gradient between the two, and the gradient's mean norm."""
        config, parts, norms = self.config, [], []
        for weight, (x, logits) in ((config.r1, real), (config.r2, fake)):
            if weight:
                norms.append(self.slopes(logits, x))
                parts.append(weight / 2 * norms[-1].square().mean())
        if config.gradient_penalty:
            x = between(real[0].detach(), fake[0].detach()).requires_grad_()
            norms.append(self.slopes(self.logits(x, classes), x))
            parts.append(config.gradient_penalty * (norms[-1] - 1).square().mean())
        return {"penalty": torch.stack(parts).sum(), "penalty_norm": torch.cat(norms).mean()}

    def slopes(self, logits: Tensor, x: Tensor) -> Tensor:
        """Length of each logit's gradient to the items of its pack together: (packs,), (batch, ...) -> (packs,)."""
        lengths: Tensor = self.packed(gradient_norms(logits, x)).norm(dim=1)
        return lengths

    def generator_loss(self, batch: Batch) -> Terms:
        """Make fakes that the discriminator takes for real."""
        classes = self.classes_of(batch)
        fakes = self._fakes if self._fakes is not None else self.fakes(len(batch), classes)
        self._fakes = None
        real = fake = self.logits(fakes, classes)
        if self.losses.compares:
            with torch.no_grad():
                real = self.logits(self.inwards(batch.x), classes)
        return {"loss": self.losses.generator(real, fake)}

    def fakes(self, count: int, classes: Tensor | None) -> Tensor:
        """Items as the discriminator sees them, from fresh noise: -> (count, *spec.shape)."""
        return self.make(self.draw_noise(count), classes)

    def make(self, noise: Tensor, classes: Tensor | None) -> Tensor:
        """Noise to items as the discriminator sees them: (count, noise_dim) -> (count, *spec.shape)."""
        output: Tensor = self.generator(self.with_classes(self.with_kinds(noise), classes)).float()
        if not self.pictures:
            return output
        return torch.tanh(output) if self.config.squash else BEYOND * output + (1 - BEYOND) * F.hardtanh(output)

    def with_kinds(self, noise: Tensor) -> Tensor:
        """The numbers that decide on a kind give way to a single one, at the largest: shape for shape.

        No step leads from kind to kind, so that nothing need be made of what lies between a 3 and an 8.
        """
        kinds = self.config.noise_kinds
        if not kinds:
            return noise
        return torch.cat([noise[:, kinds:], KIND * F.one_hot(noise[:, :kinds].argmax(1), kinds)], 1)

    def with_classes(self, noise: Tensor, classes: Tensor | None) -> Tensor:
        """What the generator is given: the noise, and what it is told of the class."""
        return noise

    def inwards(self, x: Tensor) -> Tensor:
        """Items as the discriminator sees them: pictures from -1 to 1."""
        return 2 * x.float() - 1 if self.pictures else x.clone()

    def logits(self, x: Tensor, classes: Tensor | None) -> Tensor:
        """How real items look that are `inwards`: (batch, *spec.shape) -> (packs,)."""
        if self.training:
            x = self.disturbed(x)
        told = () if classes is None else (self.packed(classes),)
        logits: Tensor = self.discriminator(self.packed(x), *told)
        return logits.float().squeeze(1)

    def both(self, real: Tensor, fakes: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits of real items and of fakes: in one pass where the discriminator sees each item alone, in less time."""
        config = self.config
        alone = config.discriminator_norm != "batch" and not config.batch_deviation and config.packing == 1
        if not alone or config.r1 + config.r2 > 0:  # those penalties' gradients would pass through all items, too
            return self.logits(real, classes), self.logits(fakes, classes)
        told = None if classes is None else torch.cat([classes, classes])
        first, second = self.logits(torch.cat([real, fakes]), told).split(len(real))
        return first, second

    def disturbed(self, x: Tensor) -> Tensor:
        """Augmented and noisy, where that is asked for: shape for shape."""
        for name in self.config.augmentation:
            x = AUGMENTATIONS[name](x)
        left = 1 - self._moves / self.config.instance_noise_moves
        if self.config.instance_noise and left > 0:
            x = x + self.config.instance_noise * left * torch.randn_like(x)
        return x

    def packed(self, x: Tensor) -> Tensor:
        """Items side by side in packs, the last one filled from the front: (batch, n, ...) -> (packs, m * n, ...)."""
        size = self.config.packing
        if size == 1 and x.ndim > 1:
            return x
        filled = torch.arange(-(-len(x) // size) * size, device=x.device) % len(x)
        packs: Tensor = x[filled].view(-1, size, *x.shape[1:])
        return packs.flatten(1, 2) if x.ndim > 1 else packs

    def draw_noise(self, count: int, generator: Generator | None = None) -> Tensor:
        """-> (count, noise_dim), where the network is; without a generator torch's own randomness decides."""
        here = next(self.parameters()).device
        noise = torch.empty(count, self.config.noise_dim, device=generator.device if generator else here)
        if self.config.noise == "uniform":
            return noise.uniform_(-1, 1, generator=generator).to(here)
        return noise.normal_(generator=generator).to(here)

    def generate(self, noise: Tensor, classes: Tensor | None = None) -> Tensor:
        """Noise to items in their own range: (count, noise_dim) -> (count, *spec.shape)."""
        items = self.make(noise, classes)
        return ((items + 1) / 2).clamp(0, 1) if self.pictures else items

    def judge(self, x: Tensor, classes: Tensor | None = None) -> Tensor:
        """How real items look, as a logit: (batch, *spec.shape) -> (packs,)."""
        return self.logits(self.inwards(x), classes)

    def sample(self, count: int, generator: Generator) -> Tensor:
        """Items from noise: -> (count, *spec.shape)."""
        return self.generate(self.draw_noise(count, generator))

    def validate(self, batch: Batch) -> Terms:
        """How well the discriminator tells held-out items from fakes: the share of pairs that it puts in their order.

        1: always, 0.5: not at all. It is no loss: a good generator brings it to 0.5, and so does a bad discriminator.
        """
        classes = self.classes_of(batch)
        real = self.judge(batch.x, classes)
        fake = self.logits(self.fakes(len(batch), classes), classes)
        apart = (real > fake).float() + 0.5 * (real == fake).float()
        return {
            "discriminator/told_apart": apart.mean(),
            "discriminator/real": real.mean(),
            "discriminator/fake": fake.mean(),
        }

    def forward(self, x: Tensor) -> Tensor:
        """As `judge`."""
        return self.judge(x)

    def pass_through(self, x: Tensor) -> Tensor:
        """Both players once, on as many fakes as there are items."""
        return self.logits(self.fakes(len(x), None), None)


def hold_slopes(module: nn.Module) -> None:
    """Spectral norm on each layer of weights.

    A branch that begins as 0 (`layers.players.Residual`) begins as torch draws it: what is 0 cannot have a slope of 1.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.Embedding):
            if not layer.weight.any():
                layer.reset_parameters()
            spectral_norm(layer)
