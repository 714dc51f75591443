"""A recurrent decoder: writes a sentence token by token, looking at the places of a source as it goes."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import Tensor, nn

from understudy.layers.attention import ATTENTIONS, Attention, AttentionName
from understudy.layers.linear import Linear
from understudy.layers.recurrent import Recurrent, RecurrentOptions, State, dropout_of
from understudy.layers.rows import Rows


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WriterOptions(RecurrentOptions):
    """Shape of the decoder."""

    attention: AttentionName | Literal["none"] = Field(
        "luong", description="where to look: by a product (luong, luong-dot), by a small network (bahdanau: slower)"
    )
    embedding_dim: int = Field(256, ge=1, description="size of a token's vector")
    tied_embedding: bool = Field(True, description="the written tokens' vectors are the output's weights too")


@dataclass(frozen=True)
class WriterState:
    """What the decoder goes on from; a row for each sentence that is being written.

    A source's places are kept once, however many of its sentences there are.

    Attributes:
        memory: the sources' places, and `keys` what they are compared by: (sources, places, size).
        real: which places are no padding: (sources, places).
        rows: which row belongs to which source.
        recurrent: the layers' state.
        weights: where the last step looked: (rows, places), or None.
    """

    memory: Tensor
    keys: Tensor
    real: Tensor
    rows: Rows
    recurrent: State
    weights: Tensor | None = None


class Writer(nn.Module):
    """Recurrent layers over the tokens written so far, attention over a source's places, and a readout of the two.

    With Luong's attention a step is s_t = RNN(s_(t-1), y_(t-1)), c_t = attention(s_t), r_t = tanh(W [s_t; c_t]): no
    step waits for another's attention, so that a whole sentence is read in one call of the fused layers. With
    Bahdanau's it is c_t = attention(s_(t-1)), s_t = RNN(s_(t-1), [y_(t-1); c_t]), r_t = tanh(W [s_t; c_t; y_(t-1)]):
    one step after the other. Logits are a linear layer over r_t, which is as large as a token's vector.

    Reference:
        Luong et al., 2015, arXiv:1508.04025, section 3 and equations 5 and 6.
        Bahdanau et al., 2015, arXiv:1409.0473, section 3.1 and A.2.2.
        Press and Wolf, 2017, arXiv:1608.05859, for `tied_embedding`.

    Differs from the papers:
        Luong's readout is not fed to the next step; Bahdanau's is a tanh layer in place of maxout.
    """

    def __init__(self, vocabulary: int, memory_dim: int, summary_dim: int, options: WriterOptions) -> None:
        super().__init__()
        self.options = options
        hidden, size = options.hidden_dim, options.embedding_dim
        self.early = options.attention == "bahdanau"  # attention before the recurrent step, not after it
        self.attention: Attention | None = None
        if options.attention != "none":
            self.attention = ATTENTIONS[options.attention](hidden, memory_dim)
        seen = memory_dim if self.attention is not None else 0
        self.embedding = nn.Embedding(vocabulary, size)
        self.recurrent = Recurrent(size + seen * self.early, options)
        self.bridge = Linear(summary_dim, self.recurrent.memories * options.num_layers * hidden)
        self.readout = Linear(hidden + seen + size * self.early, size)
        self.dropout = dropout_of(options)
        self.output = Linear(size, vocabulary)
        nn.init.normal_(self.embedding.weight, std=size**-0.5)
        if options.tied_embedding:
            self.output.weight = self.embedding.weight

    def start(self, memory: Tensor, real: Tensor, summary: Tensor) -> WriterState:
        """The state before the first token.

        Shapes: memory (batch, places, memory_dim), real (batch, places), summary (batch, summary_dim)
        """
        first = torch.tanh(self.bridge(summary)).unflatten(1, (self.recurrent.memories, self.options.num_layers, -1))
        recurrent = tuple(kind.transpose(0, 1).contiguous() for kind in first.unbind(1))  # (layers, batch, hidden)
        keys = memory if self.attention is None else self.attention.keys(memory)
        return WriterState(memory, keys, real, Rows.one_each(len(memory), memory.device), recurrent)

    def read(self, tokens: Tensor, state: WriterState) -> tuple[Tensor, WriterState]:
        """Readouts after each token, each the basis of the next one: (batch, time) -> (batch, time, embedding_dim)."""
        vectors = self.embedding(tokens)
        if not self.early:
            return self._read_at_once(vectors, state)
        readouts = []
        for vector in vectors.split(1, 1):
            readout, state = self._read_one(vector, state)
            readouts.append(readout)
        return torch.cat(readouts, 1), state

    def _read_at_once(self, vectors: Tensor, state: WriterState) -> tuple[Tensor, WriterState]:
        outputs, recurrent = self.recurrent(vectors, state.recurrent)
        contexts, weights = self._look(outputs, state)
        return self._readout([outputs, *contexts]), replace(state, recurrent=recurrent, weights=weights)

    def _read_one(self, vector: Tensor, state: WriterState) -> tuple[Tensor, WriterState]:
        before = state.recurrent[0][-1][:, None]  # the last layer's h
        contexts, weights = self._look(before, state)
        outputs, recurrent = self.recurrent(torch.cat([vector, *contexts], 2), state.recurrent)
        return self._readout([outputs, *contexts, vector]), replace(state, recurrent=recurrent, weights=weights)

    def _look(self, queries: Tensor, state: WriterState) -> tuple[list[Tensor], Tensor | None]:
        """The contexts of some steps, and the weights of the last."""
        if self.attention is None:
            return [], None
        contexts, weights = self.attention(state.rows.together(queries), state.keys, state.memory, state.real)
        contexts, weights = (state.rows.apart(it, queries.shape[1]) for it in (contexts, weights))
        return [contexts.to(queries.dtype)], weights[:, -1]

    def _readout(self, parts: list[Tensor]) -> Tensor:
        readout: Tensor = self.dropout(torch.tanh(self.readout(torch.cat(parts, 2))))
        return readout

    def logits(self, readouts: Tensor) -> Tensor:
        """(..., embedding_dim) -> (..., vocabulary)."""
        logits: Tensor = self.output(readouts)
        return logits

    def step(self, tokens: Tensor, state: WriterState) -> tuple[Tensor, WriterState]:
        """Logits of the next token after one more: (rows,) -> (rows, vocabulary)."""
        readouts, state = self.read(tokens[:, None], state)
        return self.logits(readouts[:, 0]), state

    def reorder(self, state: WriterState, places: Tensor) -> WriterState:
        """The state whose row n is row places[n] of this one; sources that no row has any more are left out."""
        weights = None if state.weights is None else state.weights[places]
        moved = replace(state, recurrent=tuple(kind[:, places] for kind in state.recurrent), weights=weights)
        kept, rows = state.rows.at(places)
        if len(kept) < len(state.memory):
            moved = replace(moved, memory=state.memory[kept], keys=state.keys[kept], real=state.real[kept])
        return replace(moved, rows=rows)
