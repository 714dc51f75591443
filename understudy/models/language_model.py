"""Language model: read a text token by token, and say at each which comes next."""

import math
from collections.abc import Sequence
from typing import Any, ClassVar, cast

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.dataset import Batch
from understudy.data.spec import Spec, TextSpec
from understudy.data.text import IGNORED, TextBatch
from understudy.errors import DataError
from understudy.layers.linear import Linear
from understudy.layers.recurrent import Recurrent, RecurrentOptions, State
from understudy.models.constant import entropy
from understudy.models.network import Network, Terms, Turn


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class LanguageModelConfig(RecurrentOptions):
    """Options of the language model."""

    embedding_dim: int | None = Field(
        None, ge=1, description="size of a token's vector; unset: 128, or hidden_dim with tied_embedding"
    )
    tied_embedding: bool = Field(False, description="the tokens' vectors are the output's weights too")
    readers: int = Field(
        1, ge=1, description="networks that learn side by side, each on its own; their probabilities are averaged"
    )


class Reader(nn.Module):
    """One network from tokens to logits.

    Shapes: (batch, time), state -> (batch, time, vocabulary), state
    """

    def __init__(self, vocabulary: int, config: LanguageModelConfig) -> None:
        super().__init__()
        tied = config.tied_embedding
        size = config.embedding_dim or (config.hidden_dim if tied else 128)
        if tied and size != config.hidden_dim:
            raise DataError(
                f"tied_embedding needs embedding_dim = hidden_dim, got {size} and {config.hidden_dim}; leave "
                "embedding_dim unset"
            )
        self.embedding = nn.Embedding(vocabulary, size)
        self.recurrent = Recurrent(size, config)
        self.output = Linear(config.hidden_dim, vocabulary)
        # As large as a state is: at 1 / sqrt(size) 600 steps left 1.92 nats on the validation split, like this 1.79.
        nn.init.normal_(self.embedding.weight, std=size**-0.5 if tied else 1.0)
        if tied:
            self.output.weight = self.embedding.weight

    def forward(self, tokens: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Logits of the token after each, and the state."""
        outputs, state = self.recurrent(self.embedding(tokens), state)
        logits: Tensor = self.output(outputs)
        return logits, state


class LanguageModel(Network):
    """Recurrent language model, trained by truncated backpropagation through time.

    Loss: -log p(next token | all before it in the lane), in nats per token. Each window goes on in the state that the
    one before it left, without its gradient. Several readers learn each from the loss of its own; what is validated,
    scored and written is the mean of their probabilities.

    Reference:
        Mikolov et al., 2010, Recurrent neural network based language model, Interspeech.
        Hochreiter and Schmidhuber, 1997, Long Short-Term Memory, for the default cell.
        Press and Wolf, 2017, arXiv:1608.05859, for `tied_embedding`.
        Zaremba et al., 2014, arXiv:1409.2329, section 4.1, for `readers`.

    Differs from the paper:
        LSTM, Adam and one rate cycle, in place of a simple recurrent network and stochastic gradient descent.
    """

    Config: ClassVar[type] = LanguageModelConfig
    accepts: ClassVar[tuple[type[Spec], ...]] = (TextSpec,)
    recipe: ClassVar[dict[str, Any]] = {
        "steps": 3000, "batch": 16, "learning_rate": 4e-3, "schedule": "one-cycle", "clip_norm": 1.0,
        "validate_every": 500,
    }  # fmt: skip

    config: LanguageModelConfig
    spec: TextSpec

    def __init__(self, config: LanguageModelConfig, spec: TextSpec) -> None:
        super().__init__(config, spec)
        self.readers = nn.ModuleList(Reader(spec.size_of_vocabulary, config) for _ in range(config.readers))
        self.state: State | None = None

    @property
    def _each(self) -> list[Reader]:
        return cast(list[Reader], list(self.readers))

    def turns(self) -> Sequence[Turn]:
        """One player, one turn."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """Cross-entropy of the tokens that are asked for, in nats."""
        assert isinstance(batch, TextBatch)
        found, state = self._read(batch.x, self.state if batch.continues else None)
        self.state = tuple(memory.detach() for memory in state)
        assert batch.y is not None
        asked, apart = batch.y.flatten(), found if self.training else [averaged(found)]
        totals = [
            F.cross_entropy(logits.flatten(0, 1).float(), asked, ignore_index=IGNORED, reduction="sum")
            for logits in apart
        ]
        return {"loss": torch.stack(totals).mean() / max(1, len(batch))}

    def constant_terms(self, batches: Sequence[Batch]) -> dict[str, float]:
        """Answering with the tokens' frequencies."""
        tokens = torch.cat([batch.y.flatten() for batch in batches if batch.y is not None])
        return {"loss": entropy(torch.bincount(tokens[tokens != IGNORED]))}

    def read(self, tokens: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Logits of the token after each, and the state: (batch, time) -> (batch, time, vocabulary)."""
        found, state = self._read(tokens, state)
        return averaged(found), state

    def _read(self, tokens: Tensor, state: State | None) -> tuple[list[Tensor], State]:
        """The logits of each reader, and the states of all, one over the other."""
        count = len(self.readers)
        before = [None] * count if state is None else zip(*(kind.chunk(count) for kind in state), strict=True)
        found, after = zip(*(it(tokens, own) for it, own in zip(self._each, before, strict=True)), strict=True)
        return list(found), joined(after)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits from an empty state: (batch, time) -> (batch, time, vocabulary)."""
        return self.read(tokens, None)[0]

    def recurrence(self, x: Tensor) -> Tensor:
        """What the recurrent layers say of a text: (1, time) -> (1, time, readers * hidden_dim)."""
        return torch.cat([it.recurrent(it.embedding(x))[0] for it in self._each], -1)

    def carried(self) -> dict[str, Tensor]:
        """The state between two windows of training."""
        return {str(number): memory for number, memory in enumerate(self.state or ())}

    def carry(self, carried: dict[str, Tensor]) -> None:
        """Go on from `carried`."""
        self.state = tuple(carried[str(number)] for number in range(len(carried))) or None

    def init_state(self, batch: int) -> State:
        """The state before anything is read."""
        return joined([it.recurrent.start(batch, it.output.weight.device) for it in self._each])

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Logits of the next token after one more: (batch,) -> (batch, vocabulary)."""
        logits, state = self.read(tokens[:, None], state)
        return logits[:, 0], state

    def reorder(self, state: State, places: Tensor) -> State:
        """The state of other rows: row n becomes what row places[n] was."""
        return tuple(memory[:, places] for memory in state)


def averaged(found: Sequence[Tensor]) -> Tensor:
    """Logits of the mean of several probabilities: (..., vocabulary) each -> the same."""
    if len(found) == 1:
        return found[0]
    return torch.stack([logits.float().log_softmax(-1) for logits in found]).logsumexp(0) - math.log(len(found))


def joined(states: Sequence[State]) -> State:
    """The states of several readers as one: (layers, batch, hidden_dim) each -> (readers * layers, ...)."""
    return states[0] if len(states) == 1 else tuple(torch.cat(kind) for kind in zip(*states, strict=True))
