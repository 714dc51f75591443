"""Conditional variational autoencoder: pictures of the class that is asked for."""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import Spec
from understudy.errors import DataError
from understudy.models.network import Terms
from understudy.models.vae import VAE, VAEConfig
from understudy.models.variational import draw, gaussian_kl


class ConditionalVAE(VAE):
    """Variational autoencoder of items and their classes: p(y) p(z) p(x | y, z), with posterior q(z | x, y).

    Loss: the VAE's given the class, minus log p(y), in nats per item. The code leaves the class to y, and has room for
    what the class does not tell: the hand, the slant.

    Where no class is given, it is inferred: q(y | x) is proportional to p(y) times the exponential of each class's
    bound, with the posterior's mean for a draw. So the network classifies, its code of an item is z and the class, one
    number for each, and its likelihood is that of the item alone, comparable with a VAE's.

    Reference:
        Kingma et al., 2014, Semi-supervised Learning with Deep Generative Models, arXiv:1406.5298, section 2 (model M2)
        and equation 6.
        Sohn, Lee and Yan, 2015, Learning Structured Output Representation using Deep Conditional Generative Models.

    Differs from the paper:
        every item has its class, and q(y | x) is not a network of its own but follows from the bounds; the class enters
        the encoder as a picture that is learned and added to the item, so that convolutions can take it; the KL term
        weighs double (`beta`), which keeps the codes where the prior is, so that samples are of the asked class, and
        each number of the code has 0.05 nats for nothing (`free_bits`), so that none is given up for it.
    """

    def __init__(self, config: VAEConfig, spec: Spec) -> None:
        if len(spec.classes) < 2:
            raise DataError(
                f"a conditional network needs items with classes, the data has {spec.describe()} without; "
                "use --set labels=FILE, a folder for each class, or vae"
            )
        super().__init__(config, spec)
        self.classes = len(spec.classes)
        self.class_item = nn.Embedding(self.classes, spec.size)
        nn.init.normal_(self.class_item.weight, std=0.1)
        self.class_logits = nn.Parameter(torch.zeros(self.classes))

    def extra_inputs(self, spec: Spec) -> int:
        """One for each class."""
        return len(spec.classes)

    def loss(self, batch: Batch) -> Terms:
        """Minus the bound and its parts, in nats per item."""
        assert batch.y is not None  # the spec has classes
        x = self.observe(batch.x)
        mean, log_variance = self.posterior(x, batch.y)
        terms = self.negative_bound(x, mean, log_variance, self.decoder(self.join(draw(mean, log_variance), batch.y)))
        surprise = F.cross_entropy(self.class_logits.expand(len(x), -1), batch.y)
        return {**terms, "loss": terms["loss"] + surprise, "class": surprise}

    def join(self, z: Tensor, y: Tensor) -> Tensor:
        """A code: z and the class: (..., latent_dim), (...) -> (..., latent_dim + classes)."""
        return torch.cat([z, F.one_hot(y, self.classes).to(z.dtype)], -1)

    def posterior(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z | x, y), y inferred where it is not given: twice (batch, latent_dim)."""
        y = self.classify(x) if y is None else y
        return super().posterior(x + self.class_item(y).reshape(x.shape))

    def class_scores(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of each class: a score of log p(x, y), and the posterior's mean and log variance.

        The score is the bound with the posterior's mean for a draw. It is no bound, as the mean decodes better than a
        draw does, and steadier than one: good for comparing classes.

        Shapes: (batch, *spec.shape) -> (classes, batch), twice (classes, batch, latent_dim)
        """
        bounds, means, log_variances = [], [], []
        prior = torch.log_softmax(self.class_logits, 0)
        for number in range(self.classes):
            y = torch.full((len(x),), number, device=x.device)
            mean, log_variance = self.posterior(x, y)
            evidence = self.log_likelihood(self.decoder(self.join(mean, y)), x)
            bounds.append(evidence - gaussian_kl(mean, log_variance).sum(1) + prior[number])
            means.append(mean)
            log_variances.append(log_variance)
        return torch.stack(bounds), torch.stack(means), torch.stack(log_variances)

    def classify(self, x: Tensor) -> Tensor:
        """The most probable class: (batch, *spec.shape) -> (batch,)."""
        return self.class_scores(x)[0].argmax(0)

    def log_weights(self, x: Tensor, samples: int, generator: Generator | None = None) -> Tensor:
        """log p(x, y, z) - log q(y, z | x), of draws of y and z: (batch, *spec.shape) -> (samples, batch), in nats."""
        bounds, means, log_variances = self.class_scores(x)
        log_q = torch.log_softmax(bounds, 0)  # (classes, batch)
        y = torch.multinomial(log_q.exp().T, samples, replacement=True, generator=generator).T  # (samples, batch)
        items = torch.arange(len(x), device=x.device).expand_as(y)
        mean, log_variance = means[y, items], log_variances[y, items]  # (samples, batch, latent_dim)
        noise = torch.empty_like(mean).normal_(generator=generator)
        z = mean + torch.exp(0.5 * log_variance) * noise
        output = self.decoder(self.join(z, y).flatten(0, 1)).unflatten(0, y.shape)
        log_joint = self.log_likelihood(output, x) - 0.5 * z.square().sum(2)
        log_class = torch.log_softmax(self.class_logits, 0)[y] - log_q[y, items]
        return log_joint + 0.5 * (noise.square() + log_variance).sum(2) + log_class

    def forward(self, x: Tensor) -> Tensor:
        """A copy as an item of class 0, in one pass: what a training step costs is counted here."""
        y = torch.zeros(len(x), dtype=torch.int64, device=x.device)
        return self.decode(self.join(self.posterior(x, y)[0], y))

    def encode(self, x: Tensor) -> Tensor:
        """z and the class, inferred: (batch, *spec.shape) -> (batch, latent_dim + classes)."""
        y = self.classify(x)
        return self.join(self.posterior(x, y)[0], y)

    def sample(self, count: int, generator: Generator) -> Tensor:
        """Draws from the prior over codes and classes: -> (count, *spec.shape)."""
        frequencies = torch.softmax(self.class_logits, 0).detach().to(generator.device)
        return self.sample_of(torch.multinomial(frequencies, count, replacement=True, generator=generator), generator)

    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        """An item of each of these classes: (count,) -> (count, *spec.shape)."""
        codes = self.draw_noise(len(classes), generator)
        return self.generate(codes, classes.to(codes.device))

    def generate(self, noise: Tensor, classes: Tensor | None = None) -> Tensor:
        """Codes as the prior has them, and classes, to items: (count, latent_dim), (count,) -> (count, *spec.shape)."""
        assert classes is not None
        return self.decode(self.join(noise, classes))
