"""What a network can do once trained. The command line, scores and pictures ask for these, never for a class."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from torch import Generator, Tensor

from understudy.data.dataset import Batch


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


@runtime_checkable
class HasPosterior(Protocol):
    """A normal distribution over codes for each item."""

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z | x): (batch, *spec.shape) -> twice (batch, latent_dim)."""
        ...


@runtime_checkable
class SamplesClasses(Samples, Protocol):
    """New items of the classes that are asked for."""

    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        """One item of each of these classes: (count,), int64 -> (count, *spec.shape)."""
        ...


@runtime_checkable
class Generates(Samples, Protocol):
    """A network whose samples follow from noise that can be chosen."""

    def draw_noise(self, count: int, generator: Generator) -> Tensor:
        """-> (count, noise_dim), each number of mean 0, all of the same variance; where the network is."""
        ...

    def generate(self, noise: Tensor, classes: Tensor | None = None) -> Tensor:
        """Noise to items in their own range; classes are of those networks that make them on demand.

        Shapes: (count, noise_dim), (count,) -> (count, *spec.shape)
        """
        ...


@runtime_checkable
class Judges(Protocol):
    """A player that tells real items from made ones."""

    def judge(self, x: Tensor, classes: Tensor | None = None) -> Tensor:
        """How real items of these classes look, higher for more: (batch, *spec.shape) -> (batch,).

        Some judge packs of items; these give a number for each pack.
        """
        ...


@runtime_checkable
class Classifies(Protocol):
    """Items to their classes."""

    def classify(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch,), int64."""
        ...


@runtime_checkable
class WeighsClasses(Classifies, Protocol):
    """How probable each class is."""

    def class_log_probabilities(self, x: Tensor) -> Tensor:
        """log p(class | item): (batch, *spec.shape) -> (batch, classes)."""
        ...


@runtime_checkable
class Filters(Protocol):
    """A first layer whose weights can be looked at."""

    def filters(self) -> Tensor:
        """What each unit looks for: (units, *spec.shape), or (units, channels, side, side) of a convolution."""
        ...


@runtime_checkable
class Sparse(Encodes, Protocol):
    """A code of which few numbers are active at a time."""

    def asked_activity(self) -> float | None:
        """The mean of `activity` that was asked for, if any."""
        ...

    def activity(self, codes: Tensor) -> Tensor:
        """How active each number of a code is, in [0, 1]: (batch, latent_dim) -> the same shape."""
        ...


@runtime_checkable
class Quantises(Reconstructs, Protocol):
    """A code of words from a codebook."""

    def codebook_size(self) -> int:
        """Words in the codebook."""
        ...

    def tokens(self, x: Tensor) -> Tensor:
        """The words of an item, by their numbers: (batch, *spec.shape) -> (batch, *grid), int64."""
        ...

    def decode_tokens(self, tokens: Tensor) -> Tensor:
        """(batch, *grid) -> (batch, *spec.shape)."""
        ...


@runtime_checkable
class Steps(Protocol):
    """A network that says token by token what comes next. The state is its own; decoding only hands it back."""

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits of the next token, given one more: (batch,) -> (batch, vocabulary). They may be written over."""
        ...

    def reorder(self, state: Any, places: Tensor) -> Any:
        """The state whose row n is row places[n] of this one: (count,).

        A beam search does this between any two steps, and mostly among the hypotheses of one source. What all of these
        share, such as the source's encoding, need not be copied where the sources' order stays.
        """
        ...


@runtime_checkable
class Decodable(Steps, Protocol):
    """A network that reads from nothing, token by token."""

    def init_state(self, batch: int) -> Any:
        """The state of `batch` rows before anything is read."""
        ...


@runtime_checkable
class Attends(Steps, Protocol):
    """A network that looks at places of a source as it writes."""

    def attention(self, state: Any) -> Tensor | None:
        """Where it looked in the step that led to this state: (batch, places), rows that sum to 1; None: nowhere."""
        ...


@runtime_checkable
class WritesFrom(Attends, Protocol):
    """A network that writes sentences from something else, from `sentences.START` to `sentences.END`."""

    def begin(self, x: Tensor) -> Any:
        """The state of as many rows as there are sources, before a word is written: (batch, *spec.shape)."""
        ...


@runtime_checkable
class Translates(WritesFrom, Protocol):
    """A network that writes sentences from sentences."""

    def sources(self, texts: Sequence[str]) -> Tensor:
        """Sentences as the network reads them: -> (batch, time), int64."""
        ...


@runtime_checkable
class Captions(WritesFrom, Protocol):
    """A network that writes sentences about pictures."""

    def grid(self) -> tuple[int, int]:
        """How many places a picture has, down and across, in the order of `attention`, row by row."""
        ...


@runtime_checkable
class Borrows(Protocol):
    """A network that may begin with parts of another one, which was trained before."""

    def lender(self) -> str | None:
        """The run that it borrows from, if any."""
        ...

    def borrow(self, other: Any) -> None:
        """Take the parts over from that run's network.

        Raises:
            DataError: it has none that fit.
        """
        ...


@runtime_checkable
class ReadsText(Decodable, Protocol):
    """A network that says at each token of a text which comes next."""

    def read(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        """The same for many tokens at once: (batch, time) -> (batch, time, vocabulary)."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """A network with a recurrent core."""

    def recurrence(self, x: Tensor) -> Tensor:
        """Let the recurrent layers read one item, its padding left out: (1, *spec.shape) -> (1, time, features)."""
        ...


@runtime_checkable
class Forecasts(Protocol):
    """A window of a series to the horizon after it, in the terms of `data.series.Windows.to_user`."""

    def forecast(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch, horizon, quantiles); one quantile where there is a forecast alone."""
        ...

    def point(self, outputs: Tensor) -> Tensor:
        """The forecast among the quantiles: (batch, horizon, quantiles) -> (batch, horizon)."""
        ...

    def intervals(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Low and high ends of each level, not finite where unknown: -> twice (levels, batch, horizon)."""
        ...


@runtime_checkable
class KnowsConstant(Protocol):
    """A network that knows how well the best answer does that is the same for every item: what it has to beat."""

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """That answer's terms of `validate`, found on these items: `loss`, or the part of it that tells."""
        ...


@runtime_checkable
class Transfers(Protocol):
    """Pictures of one domain to pictures of another."""

    def transfer(self, x: Tensor, to: str) -> Tensor:
        """Pictures of the other domain as pictures of this one: (batch, *spec.picture.shape) -> the same shape.

        Raises:
            UnknownName: `to` is neither of the spec's two domains.
        """
        ...


@runtime_checkable
class Answers(Protocol):
    """A network that answers what a sequence asks."""

    def answer(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> numbers (batch,), or logits of the symbols (batch, steps, symbols)."""
        ...


@runtime_checkable
class Calibrates(Protocol):
    """A network that learns how far it errs once its weights are settled."""

    def calibrate(self, batches: Iterable[Batch]) -> None:
        """Take note of the errors on these items, which the weights have not seen."""
        ...


CAPABILITIES: dict[str, type] = {
    "sample": Samples,
    "reconstruct": Reconstructs,
    "encode": Encodes,
    "decode": Decodes,
    "denoise": Denoises,
    "likelihood": BoundsLikelihood,
    "posterior": HasPosterior,
    "sample by class": SamplesClasses,
    "generate": Generates,
    "judge": Judges,
    "classify": Classifies,
    "weigh classes": WeighsClasses,
    "filters": Filters,
    "sparse": Sparse,
    "quantise": Quantises,
    "write": ReadsText,
    "write from a source": WritesFrom,
    "translate": Translates,
    "caption": Captions,
    "remember": Remembers,
    "forecast": Forecasts,
    "transfer": Transfers,
    "answer": Answers,
}
