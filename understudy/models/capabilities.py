"""What a network can do once trained. The command line, scores and pictures ask for these, never for a class."""

from typing import Protocol, runtime_checkable

from torch import Generator, Tensor


@runtime_checkable
class Encodes(Protocol):
    """Items to codes."""

    def encode(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch, latent_dim)."""
        ...


@runtime_checkable
class Decodes(Protocol):
    """Codes to items."""

    def decode(self, codes: Tensor) -> Tensor:
        """(batch, latent_dim) -> (batch, *spec.shape), in the items' own range."""
        ...


@runtime_checkable
class Reconstructs(Protocol):
    """Items to their copies."""

    def reconstruct(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> the same shape, in the items' own range."""
        ...


@runtime_checkable
class Samples(Protocol):
    """New items from noise."""

    def sample(self, count: int, generator: Generator) -> Tensor:
        """-> (count, *spec.shape), in the items' own range; the generator alone decides which."""
        ...


@runtime_checkable
class Denoises(Reconstructs, Protocol):
    """Corrupted items to clean ones, by `reconstruct`."""

    def corrupt(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """The corruption that the network was trained against, (batch, *spec.shape) -> the same shape."""
        ...


@runtime_checkable
class BoundsLikelihood(Protocol):
    """A lower bound on log p(x), tightened by importance sampling."""

    def likelihood_name(self) -> str:
        """`bernoulli` or `gaussian`."""
        ...

    def observe(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """The items as the likelihood sees them (binarised, say): (batch, *spec.shape) -> the same shape."""
        ...

    def log_weights(self, x: Tensor, samples: int, generator: Generator | None = None) -> Tensor:
        """log p(x, z) - log q(z | x) for `samples` draws of z from q: (batch, *spec.shape) -> (samples, batch)."""
        ...


CAPABILITIES: dict[str, type] = {
    "sample": Samples,
    "reconstruct": Reconstructs,
    "encode": Encodes,
    "decode": Decodes,
    "denoise": Denoises,
    "likelihood": BoundsLikelihood,
}
