"""Translator: read a sentence, then write another, looking at the places of the first."""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.sentences import PADDING
from understudy.data.spec import PairSpec, Spec
from understudy.layers.bidirectional import Bidirectional
from understudy.layers.recurrent import RecurrentOptions
from understudy.layers.transformer import TransformerEncoder
from understudy.layers.writer import Writer, WriterOptions, WriterState
from understudy.models.writing import WritingNetwork

Decay = Literal["none", "linear", "inverse-sigmoid"]
HEADS = 4


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TranslatorConfig(WriterOptions):
    """Options of the translator; those of recurrent layers hold for encoder and decoder."""

    encoder: Literal["recurrent", "transformer"] = Field(
        "recurrent", description="what reads the source: recurrent layers from both ends, or self-attention"
    )
    encoder_dim: int | None = Field(
        None, ge=1, description="size of a source's place; unset: hidden_dim; each direction has half of it"
    )
    encoder_layers: int = Field(1, ge=1, description="layers of the encoder; num_layers are the decoder's")
    heads: int | None = Field(None, ge=1, description="transformer: attentions side by side in a layer; unset: 4")
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="share of a target's probability spread over all tokens"
    )
    scheduled_sampling: Decay = Field(
        "none",
        description="let the decoder go on from tokens of its own in training, ever more often (slower); how the share "
        "of true tokens falls",
    )
    sampling_steps: int | None = Field(
        None, ge=1, description="scheduled_sampling: k of the share after i steps, 1 - i/k or k/(k + exp(i/k))"
    )

    @property
    def place_dim(self) -> int:
        """Size of a source's place."""
        return self.encoder_dim or self.hidden_dim

    def reader(self) -> RecurrentOptions:
        """Shape of a recurrent encoder: what holds for the decoder, but for its size."""
        shared = {field.name: getattr(self, field.name) for field in fields(RecurrentOptions)}
        return RecurrentOptions(**{**shared, "hidden_dim": self.place_dim // 2, "num_layers": self.encoder_layers})

    def __post_init__(self) -> None:
        if self.encoder == "recurrent" and (self.place_dim % 2 or self.heads is not None):
            raise ValueError("encoder=recurrent takes an even encoder_dim, half for each direction, and no heads")
        if self.encoder == "transformer" and self.place_dim % (self.heads or HEADS):
            raise ValueError(f"encoder_dim={self.place_dim} cannot be shared by {self.heads or HEADS} heads")
        if self.attention == "luong-dot" and self.place_dim != self.hidden_dim:
            raise ValueError(
                f"attention=luong-dot needs encoder_dim = hidden_dim, got {self.place_dim} and {self.hidden_dim}; "
                "leave encoder_dim unset, or take luong"
            )
        if (self.scheduled_sampling == "none") != (self.sampling_steps is None):
            raise ValueError("scheduled_sampling and sampling_steps go together")


def _linear(step: int, k: int) -> float:
    return max(0.0, 1 - step / k)


def _inverse_sigmoid(step: int, k: int) -> float:
    return k / (k + math.exp(min(step / k, 700.0)))  # beyond that a float overflows, and the share is 0 long since


TRUE_SHARE: dict[Decay, Callable[[int, int], float]] = {"linear": _linear, "inverse-sigmoid": _inverse_sigmoid}
"""The share of true tokens after some steps.

Reference: Bengio et al., 2015, Scheduled Sampling for Sequence Prediction, arXiv:1506.03099, section 2.4.
"""


class Translator(WritingNetwork):
    """Encoder and decoder with attention, trained on pairs of sentences.

    Loss: -log p(next target token | the target before it, the source), in nats per token, the end included; in training
    against targets that label_smoothing has blurred.

    Reference:
        Sutskever et al., 2014, Sequence to Sequence Learning with Neural Networks, arXiv:1409.3215.
        Luong et al., 2015, arXiv:1508.04025, and Bahdanau et al., 2015, arXiv:1409.0473, for attention.
        Vaswani et al., 2017, arXiv:1706.03762, for encoder=transformer.
        Bengio et al., 2015, arXiv:1506.03099, for scheduled_sampling.

    Differs from the paper:
        Luong's readout is not fed to the next step, so that a target is read in one call of fused layers; the decoder
        begins at a linear layer over the encoder's ends; readouts are as large as a token's vector, which is the
        output's weight as well.
    """

    Config: ClassVar[type] = TranslatorConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (PairSpec,)
    recipe: ClassVar[dict[str, Any]] = {
        "epochs": 10, "batch": 64, "learning_rate": 2e-3, "schedule": "one-cycle", "clip_norm": 1.0,
    }  # fmt: skip

    config: TranslatorConfig
    spec: PairSpec

    def __init__(self, config: TranslatorConfig, spec: PairSpec) -> None:
        super().__init__(config, spec)
        size = config.place_dim
        self.encoder: Bidirectional | TransformerEncoder
        if config.encoder == "recurrent":
            self.embedding = nn.Embedding(len(spec.source), config.embedding_dim)
            self.encoder = Bidirectional(config.embedding_dim, config.reader())
        else:
            self.embedding = nn.Embedding(len(spec.source), size)
            self.encoder = TransformerEncoder(size, config.encoder_layers, config.heads or HEADS, config.dropout)
        nn.init.normal_(self.embedding.weight, std=self.embedding.embedding_dim**-0.5)
        self.writer = Writer(len(spec.target), size, size, config)
        self.steps = 0  # of training, which scheduled sampling goes by

    def token_by_token(self) -> str | None:
        """Scheduled sampling does as well."""
        return "scheduled_sampling" if self.config.scheduled_sampling != "none" else super().token_by_token()

    def smoothing(self) -> float:
        """Only of training targets."""
        return self.config.label_smoothing if self.training else 0.0

    def readouts(self, before: Tensor, state: WriterState) -> Tensor:
        """In training with scheduled sampling only a share of the tokens before is true."""
        if not self.training or self.config.scheduled_sampling == "none":
            return super().readouts(before, state)
        self.steps += 1
        share = TRUE_SHARE[self.config.scheduled_sampling](self.steps, self.config.sampling_steps or 1)
        return self._sampled_readouts(before, state, share)

    def _sampled_readouts(self, before: Tensor, state: WriterState, share: float) -> Tensor:
        """The same, where only a share of the tokens before is true: the others are drawn from what was likely."""
        readout, state = self.writer.read(before[:, :1], state)
        readouts = [readout]
        for true in before[:, 1:].split(1, 1):
            with torch.no_grad():
                drawn = torch.multinomial(self.writer.logits(readout[:, 0]).float().softmax(-1), 1)
            tokens = torch.where(torch.rand(drawn.shape, device=drawn.device) < share, true, drawn)
            readout, state = self.writer.read(tokens, state)
            readouts.append(readout)
        return torch.cat(readouts, 1)

    def carried(self) -> dict[str, Tensor]:
        """How far scheduled sampling has come."""
        return {"steps": torch.tensor(self.steps)} if self.config.scheduled_sampling != "none" else {}

    def carry(self, carried: dict[str, Tensor]) -> None:
        """Go on from `carried`."""
        self.steps = int(carried["steps"]) if carried else 0

    def sources(self, texts: Sequence[str]) -> Tensor:
        """Sentences as the network reads them: -> (batch, time), int64."""
        rows = [torch.tensor(self.spec.source.encode(text)) for text in texts]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PADDING)

    def begin(self, x: Tensor) -> WriterState:
        """The state before the first token, of as many rows as there are sources."""
        real = x != PADDING
        vectors = self.embedding(x)
        if isinstance(self.encoder, Bidirectional):
            memory, summary = self.encoder(vectors, real.sum(1))
        else:
            memory, summary = self.encoder(vectors, real)
        return self.writer.start(memory, real, summary)

    def recurrence(self, x: Tensor) -> Tensor:
        """What the encoder says of one sentence's own tokens: (1, time) -> (1, time, size)."""
        return self.begin(x[:, : int((x != PADDING).sum())]).memory
