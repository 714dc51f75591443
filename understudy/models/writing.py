"""What networks that write a sentence from a source share: the decoder's steps, and the loss."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.data.sentences import PADDING, START
from understudy.data.spec import CaptionSpec, PairSpec
from understudy.data.text import IGNORED
from understudy.errors import OptionError
from understudy.layers.writer import Writer, WriterState
from understudy.models.constant import entropy
from understudy.models.network import Network, Terms, Turn


class WritingNetwork(Network):
    """Base of the networks with a `writer` that begins at a source.

    Loss: -log p(next token | the tokens before it, the source), in nats per token, the end included.
    """

    spec: PairSpec | CaptionSpec
    writer: Writer

    @abstractmethod
    def begin(self, x: Tensor) -> WriterState:
        """The state before the first token, of as many rows as there are sources: (batch, *spec.shape)."""

    def token_by_token(self) -> str | None:
        """The option that makes the decoder read a target token by token in training, not at once."""
        return "attention=bahdanau" if self.writer.early else None

    def check_training(self) -> None:
        """Masks that hold for a whole sentence need a decoder that reads it at once."""
        options = self.writer.options
        held = {
            "variational_dropout": options.variational_dropout and options.dropout > 0,
            "weight_dropout": options.weight_dropout > 0,
        }
        if (why := self.token_by_token()) is not None and any(held.values()):
            name = next(name for name, asked in held.items() if asked)
            raise OptionError(f"{name} strikes out the same for a whole sentence; {why} reads token by token")

    def smoothing(self) -> float:
        """Share of a target's probability that is spread over all tokens."""
        return 0.0

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """Cross-entropy of the target; the output is computed where a token is asked for alone."""
        assert batch.y is not None
        asked = batch.y != IGNORED
        targets = batch.y.masked_fill(~asked, PADDING)
        before = torch.cat([torch.full_like(targets[:, :1], START), targets[:, :-1]], 1)
        logits = self.writer.logits(self.readouts(before, self.begin(batch.x))[asked])  # (tokens, vocabulary)
        return {"loss": smoothed_cross_entropy(logits, batch.y[asked], self.smoothing()) / max(1, len(logits))}

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """Answering with the tokens' frequencies in targets."""
        tokens = torch.cat([batch.y.flatten() for batch in batches if batch.y is not None])
        return {"loss": entropy(torch.bincount(tokens[tokens != IGNORED]))}

    def readouts(self, before: Tensor, state: WriterState) -> Tensor:
        """What the decoder makes of the target so far, at each of its tokens: (batch, time, embedding_dim)."""
        return self.writer.read(before, state)[0]

    def forward(self, x: Tensor, before: Tensor | None = None) -> Tensor:
        """Logits of the token after each of the target's.

        Args:
            before: the target, its start the first; unset: nothing but starts, as many as the longest target has, which
                is the work of one item.

        Shapes: (batch, *spec.shape), (batch, steps) -> (batch, steps, vocabulary)
        """
        if before is None:
            before = torch.full((len(x), self.spec.target.longest), START, device=x.device)
        return self.writer.logits(self.writer.read(before, self.begin(x))[0])

    def step(self, tokens: Tensor, state: WriterState) -> tuple[Tensor, WriterState]:
        """Logits of the next token after one more: (rows,) -> (rows, vocabulary)."""
        return self.writer.step(tokens, state)

    def reorder(self, state: WriterState, places: Tensor) -> WriterState:
        """The state of other rows: row n becomes what row places[n] was."""
        return self.writer.reorder(state, places)

    def attention(self, state: WriterState) -> Tensor | None:
        """Where the last step looked: (rows, places), or None without attention."""
        return state.weights


def smoothed_cross_entropy(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """-sum_k q_k log p_k with q = (1 - smoothing) of the target and smoothing/K of every token, summed over tokens.

    Shapes: (tokens, vocabulary), (tokens,) -> ()

    Reference: Szegedy et al., 2016, Rethinking the Inception Architecture, arXiv:1512.00567, section 7.
    """
    return F.cross_entropy(logits.float(), targets, label_smoothing=smoothing, reduction="sum")
