"""Attention: which places of a source a decoder looks at.

The places that are padding get no weight at all, so that they cannot change anything, whatever stands there.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from understudy.layers.linear import Linear

AttentionName = Literal["luong", "luong-dot", "bahdanau"]


class Attention(nn.Module, ABC):
    """Scores of places, made to weights by a softmax over the real ones; their weighted sum is the context.

    The part of a score that only depends on the source is computed once, by `keys`.
    """

    def keys(self, memory: Tensor) -> Tensor:
        """What queries are compared with: (batch, places, memory_dim) -> (batch, places, key_dim)."""
        return memory

    @abstractmethod
    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """(batch, steps, query_dim), (batch, places, key_dim) -> (batch, steps, places)."""

    def forward(self, queries: Tensor, keys: Tensor, memory: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Contexts of any number of queries to each source, and the weights behind them.

        Shapes:
            queries: (batch, steps, query_dim).
            memory: (batch, places, memory_dim).
            real: (batch, places), bool: False where there is padding. At least one place of a row is real.
            result: (batch, steps, memory_dim) and (batch, steps, places).
        """
        scores = self.scores(queries, keys).float().masked_fill(~real[:, None], -torch.inf)
        weights = scores.softmax(-1)
        return weights.to(memory.dtype) @ memory, weights


class Dot(Attention):
    """score(h_t, h_s) = h_t · h_s.

    Reference: Luong et al., 2015, Effective Approaches to Attention-based Neural Machine Translation, arXiv:1508.04025,
    section 3.1, `dot`.

    Raises:
        ValueError: the two have different sizes.
    """

    def __init__(self, query_dim: int, memory_dim: int) -> None:
        super().__init__()
        if query_dim != memory_dim:
            raise ValueError(f"a dot product needs two vectors of one size, got {query_dim} and {memory_dim}")

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Products of every query with every key."""
        return queries @ keys.transpose(1, 2)


class General(Attention):
    """score(h_t, h_s) = h_t · W h_s.

    Reference: Luong et al., 2015, arXiv:1508.04025, section 3.1, `general`.
    """

    def __init__(self, query_dim: int, memory_dim: int) -> None:
        super().__init__()
        self.key = Linear(memory_dim, query_dim, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """W h_s."""
        keys: Tensor = self.key(memory)
        return keys

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Products of every query with every key."""
        return queries @ keys.transpose(1, 2)


class Additive(Attention):
    """score(s, h_j) = v · tanh(W s + U h_j).

    Reference: Bahdanau et al., 2015, Neural Machine Translation by Jointly Learning to Align and Translate,
    arXiv:1409.0473, section A.1.2.
    """

    def __init__(self, query_dim: int, memory_dim: int) -> None:
        super().__init__()
        self.query = Linear(query_dim, query_dim, bias=False)
        self.key = Linear(memory_dim, query_dim)
        self.score = Linear(query_dim, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """U h_j."""
        keys: Tensor = self.key(memory)
        return keys

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """One hidden layer over every query with every key."""
        hidden = torch.tanh(self.query(queries)[:, :, None] + keys[:, None])  # (batch, steps, places, query_dim)
        return self.score(hidden).squeeze(-1)  # type: ignore[no-any-return]


ATTENTIONS: dict[AttentionName, Callable[[int, int], Attention]] = {
    "luong": General,
    "luong-dot": Dot,
    "bahdanau": Additive,
}
"""From a query's and a place's size."""
