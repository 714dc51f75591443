"""Sequence classifier: read a text, or a picture row by row, and say what class it is of."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.labelled_text import PADDING
from understudy.data.spec import ImageSpec, LabelledTextSpec, Spec
from understudy.errors import DataError, OptionError
from understudy.layers.bidirectional import Bidirectional, last_of
from understudy.layers.recurrent import Recurrent, RecurrentOptions
from understudy.models.constant import entropy
from understudy.models.network import Network, Terms, Turn

Pooling = Literal["last", "mean", "max", "attention"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class SequenceClassifierConfig(RecurrentOptions):
    """Options of the sequence classifier."""

    hidden_dim: int = Field(128, ge=1, description="units of a recurrent layer, of each direction")
    bidirectional: bool = Field(False, description="read from both ends, each with half of what the output sees")
    pooling: Pooling = Field("last", description="how the outputs of all steps become one: the output after the last "
                             "step, their mean, their largest, or a mean weighted by attention")  # fmt: skip
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="share of a training item's class that is spread over all classes"
    )
    embedding_dim: int = Field(128, ge=1, description="text: size of a token's vector")
    word_dropout: float = Field(0.0, ge=0, lt=1, description="text: share of tokens read as unknown in training")


class SequenceClassifier(Network):
    """Recurrent network from many items to one class: softmax of a linear map of its pooled outputs.

    Loss: -log p(class | sequence), in nats. A text's steps are its tokens; a picture's are its rows, from the
    top, each with the values of all channels. What fills up short texts is never seen: an answer is the same in any
    batch.

    Reference:
        Graves, 2012, Supervised Sequence Labelling with Recurrent Neural Networks, section 2.3 (sequence
        classification) and 3.4 (two directions).
        Hochreiter and Schmidhuber, 1997, Long Short-Term Memory, for the default cell.
        Yang et al., 2016, Hierarchical Attention Networks for Document Classification, NAACL, equations 5 to 7, for
        `pooling=attention`.
        Iyyer et al., 2015, Deep Unordered Composition Rivals Syntactic Methods for Text Classification, ACL, section
        2.2, for `word_dropout`.
        Szegedy et al., 2016, Rethinking the Inception Architecture, arXiv:1512.00567, section 7, for `label_smoothing`.

    Differs from the paper:
        attention is over the tokens of the whole text, with one context vector, not over sentences of words; a struck
        out word is read as an unknown one, not left away.
    """

    Config: ClassVar[type] = SequenceClassifierConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (ImageSpec, LabelledTextSpec)
    recipe: ClassVar[dict[str, Any]] = {
        "steps": 2500, "batch": 32, "learning_rate": 4e-3, "schedule": "one-cycle", "clip_norm": 1.0,
        "validate_every": 100, "early_stopping": 10,
    }  # fmt: skip

    config: SequenceClassifierConfig
    spec: ImageSpec | LabelledTextSpec

    def __init__(self, config: SequenceClassifierConfig, spec: ImageSpec | LabelledTextSpec) -> None:
        if len(spec.classes) < 2:
            raise DataError(
                f"a classifier needs items of two classes or more, the data has {spec.describe()} of "
                f"{len(spec.classes)}; use a folder for each class, or --set labels=FILE"
            )
        super().__init__(config, spec)
        self.embedding: nn.Embedding | None = None
        if isinstance(spec, LabelledTextSpec):
            inputs = config.embedding_dim
            self.embedding = nn.Embedding(spec.size_of_vocabulary, inputs)
            nn.init.normal_(self.embedding.weight, std=inputs**-0.5)
        else:
            inputs = spec.channels * spec.width
        self.recurrent = (Bidirectional if config.bidirectional else Recurrent)(inputs, config)
        size = (2 if config.bidirectional else 1) * config.hidden_dim
        self.attention = Attention(size) if config.pooling == "attention" else None
        self.output = nn.Linear(size, len(spec.classes))

    def check_training(self) -> None:
        """Pictures have no words."""
        if self.config.word_dropout and self.embedding is None:
            raise OptionError(f"word_dropout goes with texts, not with {self.spec.describe()}; leave it at 0")

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """Cross-entropy in nats, of labels that are smoothed where that was asked for."""
        assert batch.y is not None  # the spec has classes
        smoothing = self.config.label_smoothing
        return {"loss": F.cross_entropy(self(batch.x).float(), batch.y, label_smoothing=smoothing)}

    def validate(self, batch: Batch) -> Terms:
        """Cross-entropy in nats, and the share of classes that are named right."""
        assert batch.y is not None
        logits = self(batch.x).float()
        return {
            "loss": F.cross_entropy(logits, batch.y),
            "accuracy": (logits.argmax(1) == batch.y).float().mean(),
        }

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """Answering with the classes' frequencies."""
        classes = torch.cat([batch.y for batch in batches if batch.y is not None])
        return {"loss": entropy(torch.bincount(classes))}

    def forward(self, x: Tensor) -> Tensor:
        """Logits: (batch, time) of tokens or (batch, channels, height, width) -> (batch, classes)."""
        steps, lengths = self.steps(x)
        outputs, last = self.read(steps, lengths)
        if self.config.pooling == "last":
            pooled = last
        else:
            inside = torch.arange(outputs.shape[1], device=x.device) < lengths[:, None]  # (batch, time)
            pooled = self.attention(outputs, inside) if self.attention else POOLS[self.config.pooling](outputs, inside)
        logits: Tensor = self.output(pooled)
        return logits

    def steps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is read step by step, (batch, time, inputs), and how many steps each item has, (batch,)."""
        if self.embedding is None:
            rows = x.transpose(1, 2).flatten(2)  # (batch, height, channels * width)
            return rows, torch.full((len(x),), rows.shape[1], device=x.device)
        tokens = x.clamp_min(0)
        if self.training and self.config.word_dropout:
            struck = torch.rand(tokens.shape, device=x.device) < self.config.word_dropout
            tokens = tokens.masked_fill(struck, 0)  # number 0 is the unknown token
        return self.embedding(tokens), (x != PADDING).sum(1)

    def read(self, steps: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs of all steps, (batch, time, size), and after each item's last one, (batch, size)."""
        if isinstance(self.recurrent, Bidirectional):
            outputs, last = self.recurrent(steps, lengths)
            return outputs, self.recurrent.dropout(last[:, None])[:, 0]
        outputs, _ = self.recurrent(steps)
        return outputs, last_of(outputs, lengths)

    def recurrence(self, x: Tensor) -> Tensor:
        """What the recurrent layers say of one item's own steps: (1, *item) -> (1, time, size)."""
        steps, lengths = self.steps(x)
        return self.read(steps[:, : int(lengths)], lengths)[0]

    def classify(self, x: Tensor) -> Tensor:
        """The most probable class: (batch, *item) -> (batch,)."""
        classes: Tensor = self(x).argmax(1)
        return classes

    def class_log_probabilities(self, x: Tensor) -> Tensor:
        """log p(class | item), (batch, *item) -> (batch, classes)."""
        return torch.log_softmax(self(x).float(), 1)


class Attention(nn.Module):
    """A mean of the steps, weighted by how well each goes with a learned question.

    Reference: Yang et al., 2016, Hierarchical Attention Networks, equations 5 to 7.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.key, self.question = nn.Linear(size, size), nn.Linear(size, 1, bias=False)

    def forward(self, outputs: Tensor, inside: Tensor) -> Tensor:
        """(batch, time, size), (batch, time) -> (batch, size)."""
        scores = self.question(torch.tanh(self.key(outputs))).squeeze(2)  # (batch, time)
        weights = torch.softmax(scores.float().masked_fill(~inside, -torch.inf), 1)
        return (weights[:, :, None] * outputs).sum(1)


def _mean(outputs: Tensor, inside: Tensor) -> Tensor:
    return outputs.masked_fill(~inside[:, :, None], 0).sum(1) / inside.sum(1, keepdim=True)


def _largest(outputs: Tensor, inside: Tensor) -> Tensor:
    return outputs.masked_fill(~inside[:, :, None], -torch.inf).amax(1)


POOLS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"mean": _mean, "max": _largest}
"""From the outputs, (batch, time, size), and which steps there are, (batch, time), to (batch, size)."""
