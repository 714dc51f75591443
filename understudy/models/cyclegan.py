"""CycleGAN: pictures of one domain to another's and back, learnt from pictures that nobody has paired."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import DomainsSpec, Spec
from understudy.errors import DataError
from understudy.layers.adversarial_losses import ADVERSARIAL_LOSSES
from understudy.layers.image_pool import ImagePool
from understudy.layers.placing import Placing
from understudy.layers.residual import patch_discriminator, residual_translator
from understudy.models.network import Network, Terms, Turn

DOMAINS = (0, 1)
SQUARES = ADVERSARIAL_LOSSES["least-squares"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class CycleGANConfig:
    """Options of CycleGAN."""

    generator_channels: int = Field(
        32, ge=1, description="channels of the generators at full height and width; doubled with each halving"
    )
    halvings: int = Field(1, ge=0, description="times that a generator halves height and width before it changes them")
    blocks: int = Field(3, ge=1, description="residual blocks of a generator")
    discriminator_channels: tuple[int, ...] = Field(
        (64, 128), min_length=1, description="channels of the discriminators' layers, each of which halves"
    )
    cycle_weight: float = Field(10.0, ge=0, description="weight of the way there and back (lambda in the paper)")
    identity_weight: float = Field(
        0.5, ge=0, description="weight, in cycle weights, of leaving pictures of the target domain as they are"
    )
    placing: bool = Field(
        False, description="each generator first learns where the other domain's pictures lie: one affine map for all"
    )
    pool: int = Field(50, ge=0, description="made pictures of each domain that are kept to judge by; 0: none")

    def __post_init__(self) -> None:
        if any(size < 1 for size in self.discriminator_channels):
            raise ValueError(f"discriminator_channels takes sizes of 1 or more; got {self.discriminator_channels}")


class CycleGAN(Network):
    """Two generators, each into its domain, and two discriminators, each of its domain.

    With G: A -> B and F: B -> A the generators minimise

        (D_B(G(a)) - 1)^2 + (D_A(F(b)) - 1)^2 + cycle_weight (|F(G(a)) - a| + |G(F(b)) - b|)
        + identity_weight cycle_weight (|G(b) - b| + |F(a) - a|),

    and the discriminators half of (D_B(b) - 1)^2 + D_B(G(a))^2, and the same of A. The fakes that the generators have
    just been judged by go through the pools to the discriminators, cut off from their makers.

    Reference:
        Zhu et al., 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
        arXiv:1703.10593, equations 1 to 3, sections 4 and 5.2.1 (identity loss), appendix 7.

    Differs from the paper:
        By default smaller: 32 channels, one halving and 3 blocks, where it has 64, 2 and 6 or 9. The discriminators
        judge patches of 15x15, by two layers of 3x3, where its patches are 70x70. Batches of several pairs. The rate
        stays as it is, where the paper lets it fall to 0 in the second half. A moving average of the weights is what is
        used and scored. With `placing` a generator is an affine map of places and then a network, and the identity loss
        is of the network alone: what is of the target domain is in its place already.
    """

    Config: ClassVar[type] = CycleGANConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (DomainsSpec,)
    recipe: ClassVar[dict[str, object]] = {
        "steps": 6000,
        "batch": 8,
        "learning_rate": 2e-4,
        "beta1": 0.5,
        "ema": 0.999,
    }
    config: CycleGANConfig
    spec: DomainsSpec

    def __init__(self, config: CycleGANConfig, spec: DomainsSpec) -> None:
        super().__init__(config, spec)
        least = 4 * 2**config.halvings  # the smallest side that reflection can pad
        if min(spec.height, spec.width) < least:
            raise DataError(
                f"cyclegan with halvings={config.halvings} needs pictures of at least {least}x{least}, the data has "
                f"{spec.describe()}; use larger pictures or fewer halvings"
            )
        size = (spec.channels, spec.height, spec.width)
        shape = {"channels": config.generator_channels, "halvings": config.halvings, "blocks": config.blocks}
        self.generators = nn.ModuleList(residual_translator(*size, **shape) for _ in DOMAINS)
        self.placings = nn.ModuleList(Placing() if config.placing else nn.Identity() for _ in DOMAINS)
        self.discriminators = nn.ModuleList(
            patch_discriminator(spec.channels, config.discriminator_channels) for _ in DOMAINS
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(module.weight, 0, 0.02)
        self.pools = [ImagePool(config.pool) for _ in DOMAINS]
        self._made: tuple[Batch, list[Tensor]] | None = None

    def players(self) -> dict[str, nn.Module]:
        """The generators, who have most of their loss in common, and the discriminators."""
        makers = nn.ModuleList([self.generators, self.placings])
        return {"generators": makers, "discriminators": self.discriminators}

    def turns(self) -> Sequence[Turn]:
        """The generators' move, then the discriminators'."""
        return (Turn("generators", self.generator_loss), Turn("discriminators", self.discriminator_loss))

    def carried(self) -> dict[str, Tensor]:
        """What the pools hold."""
        held = {f"pool_{domain}": pool.state() for domain, pool in enumerate(self.pools)}
        return {name: pictures for name, pictures in held.items() if pictures is not None}

    def carry(self, carried: dict[str, Tensor]) -> None:
        """Go on with these pools."""
        for domain, pool in enumerate(self.pools):
            pool.held = carried.get(f"pool_{domain}")

    def generator_loss(self, batch: Batch) -> Terms:
        """Equation 3 and the identity loss."""
        real = self.inwards(batch)
        fakes, identity = self.fakes_and_identity(real)
        self._made = batch, [fake.detach() for fake in fakes]
        cycle = torch.stack([(self.make(fakes[1 - it], it) - real[it]).abs().mean() for it in DOMAINS]).sum()
        judged = [self.logits(fake, it) for it, fake in enumerate(fakes)]
        fooling = 2 * torch.stack([SQUARES.generator(logits, logits) for logits in judged]).sum()
        weight = self.config.cycle_weight
        loss = fooling + weight * (cycle + self.config.identity_weight * identity)
        return {"loss": loss, "adversarial": fooling, "cycle": cycle, "identity": identity}

    def discriminator_loss(self, batch: Batch) -> Terms:
        """Half the sum of squares in section 4, on fakes from the pools."""
        real = self.inwards(batch)
        fakes = self.fakes_of(batch, real)
        if self.training:
            fakes = [pool.exchange(fake) for pool, fake in zip(self.pools, fakes, strict=True)]
        judged = [(self.logits(real[it], it), self.logits(fakes[it], it)) for it in DOMAINS]
        loss = torch.stack([SQUARES.discriminator(*pair, 0.0) for pair in judged]).sum()
        real_mean, fake_mean = (torch.stack([one.mean() for one in side]).mean() for side in zip(*judged, strict=True))
        return {"loss": loss, "real": real_mean, "fake": fake_mean}

    def fakes_and_identity(self, real: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        """A fake of each domain, and how far each generator changes what is of its domain already."""
        if not self.config.identity_weight:
            return [self.make(real[1 - it], it) for it in DOMAINS], torch.zeros((), device=real[0].device)
        # Instance norm knows no batch, so that both go through at once.
        both = [self.paint(torch.cat([self.placings[it](real[1 - it]), real[it]]), it).chunk(2) for it in DOMAINS]
        identity = torch.stack([(same - real[it]).abs().mean() for it, (_, same) in enumerate(both)]).sum()
        return [fake for fake, _ in both], identity

    def fakes_of(self, batch: Batch, real: Sequence[Tensor]) -> list[Tensor]:
        """The fakes that the generators have just made of this batch; of another batch, new ones."""
        made, self._made = self._made, None
        if made is not None and made[0] is batch:
            return made[1]
        with torch.no_grad():
            return [self.make(real[1 - it], it) for it in DOMAINS]

    def make(self, x: Tensor, domain: int) -> Tensor:
        """Pictures of the other domain as pictures of this one, both from -1 to 1."""
        return self.paint(self.placings[domain](x), domain)

    def paint(self, x: Tensor, domain: int) -> Tensor:
        """The same of pictures that lie where this domain's do."""
        return torch.tanh(self.generators[domain](x).float())

    def logits(self, x: Tensor, domain: int) -> Tensor:
        """How real each patch looks, as a logit: -> (batch, 1, down, across)."""
        logits: Tensor = self.discriminators[domain](x)
        return logits.float()

    def inwards(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Each domain's pictures, from -1 to 1: twice (batch, *spec.picture.shape)."""
        first, second = (2 * batch.x - 1).unbind(1)
        return first, second

    def transfer(self, x: Tensor, to: str) -> Tensor:
        """Pictures of the other domain as pictures of this one: (batch, *spec.picture.shape) -> the same shape."""
        return (self.make(2 * x - 1, self.spec.number(to)) + 1) / 2

    def validate(self, batch: Batch) -> Terms:
        """How far held-out pictures are changed on their way there and back, and by what should leave them alone."""
        real = self.inwards(batch)
        fakes, identity = self.fakes_and_identity(real)
        cycle = torch.stack([(self.make(fakes[1 - it], it) - real[it]).abs().mean() for it in DOMAINS]).sum()
        return {"generators/cycle": cycle, "generators/identity": identity}

    def forward(self, x: Tensor) -> Tensor:
        """Each picture in the other one's domain: (batch, *spec.shape) -> the same shape."""
        first, second = self.spec.names
        return torch.stack([self.transfer(x[:, 1], first), self.transfer(x[:, 0], second)], dim=1)

    def pass_through(self, x: Tensor) -> Tensor:
        """All four at work once."""
        made = self(x)
        return torch.cat([self.logits(made[:, it], it).flatten(1) for it in DOMAINS], dim=1)
