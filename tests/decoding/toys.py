"""Small networks for tests of decoding, and the same searches written out without any cleverness."""

import itertools
import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from understudy.decoding.trellis import Hypothesis

State = tuple[Tensor, Tensor]


class TinyRNN:
    """A random recurrent network that attends to a random source, in float64. Its state is h and the source's places.

    Each row of the batch has a source of its own, padded with zeros to the longest; a row's answer follows from its
    source alone. `sharpness` decides how unlike the tokens' probabilities are.
    """

    def __init__(self, seed: int, vocabulary: int, hidden: int = 4, sharpness: float = 3.0) -> None:
        generator = Generator().manual_seed(seed)

        def drawn(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        self.vocabulary = vocabulary
        self.embedding, self.recurrent = drawn(vocabulary, hidden), drawn(hidden, hidden)
        self.query, self.output = drawn(hidden, hidden), sharpness * drawn(hidden, vocabulary)
        self.asked: list[int] = []

    def begin(self, sources: list[Tensor]) -> State:
        memory = torch.nn.utils.rnn.pad_sequence(sources, batch_first=True)
        return torch.stack([source.mean(0) for source in sources]), memory, torch.zeros(memory.shape[:2]).double()

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        self.asked.append(len(tokens))
        h, memory, _ = state
        real = memory.abs().sum(-1) > 0
        # Sums over one place or row at a time: the same number, bit by bit, whatever the batch.
        scores = (memory * (h @ self.query)[:, None]).sum(-1).masked_fill(~real, -torch.inf)
        weights = scores.softmax(-1)
        context = (weights[:, :, None] * memory).sum(1)
        h = torch.tanh(self.embedding[tokens] + (h[:, :, None] * self.recurrent).sum(1) + context)
        return (h[:, :, None] * self.output).sum(1), (h, memory, weights)

    def reorder(self, state: State, places: Tensor) -> State:
        return tuple(part[places] for part in state)

    def attention(self, state: State) -> Tensor:
        return state[2]


def sources(seed: int, rows: int, hidden: int = 4) -> list[Tensor]:
    """Sources of 1 to 5 places."""
    generator = Generator().manual_seed(seed)
    lengths = torch.randint(1, 6, (rows,), generator=generator).tolist()
    return [torch.randn(length, hidden, generator=generator, dtype=torch.float64) for length in lengths]


def walk(network: TinyRNN, source: Tensor, start: int, tokens: tuple[int, ...]) -> tuple[list[Tensor], list[Tensor]]:
    """Log-probabilities of what comes after the start and after each token, and where the network looked."""
    state = network.begin([source])
    logs, looks = [], []
    for token in (start, *tokens):
        logits, state = network.step(torch.tensor([token]), state)
        logs.append(logits.log_softmax(-1)[0])
        looks.append(network.attention(state)[0])
    return logs, looks


def gnmt(length: int, alpha: float) -> float:
    return ((5 + length) / 6) ** alpha


def scored(
    network: TinyRNN, source: Tensor, start: int, end: int, tokens: tuple[int, ...], alpha: float, beta: float = 0.0
) -> tuple[float, float]:
    """Score and log-probability of a sequence and its end."""
    logs, looks = walk(network, source, start, tokens)
    log_probability = sum(log[token].item() for log, token in zip(logs, (*tokens, end), strict=True))
    covered = torch.stack(looks).sum(0).clamp(max=1).log().sum().item()
    return log_probability / gnmt(len(tokens) + 1, alpha) + beta * covered, log_probability


def sequences(vocabulary: int, end: int, longest: int) -> Iterator[tuple[int, ...]]:
    """All of at most so many tokens, none of them the end."""
    others = [token for token in range(vocabulary) if token != end]
    for length in range(longest + 1):
        yield from itertools.product(others, repeat=length)


def greedy_tokens(network: TinyRNN, source: Tensor, start: int, end: int, longest: int) -> tuple[int, ...]:
    """What greedy search writes."""
    tokens: tuple[int, ...] = ()
    while len(tokens) < longest:
        logs, _ = walk(network, source, start, tokens)
        token = int(logs[-1].argmax())
        if token == end:
            break
        tokens = (*tokens, token)
    return tokens


def close(found: Hypothesis, score: float, log_probability: float) -> bool:
    pairs = ((found.score, score), (found.log_probability, log_probability))
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in pairs)


def plain_beam(
    network: TinyRNN, source: Tensor, end: int, longest: int, beam: int, alpha: float
) -> list[tuple[float, tuple[int, ...]]]:
    """Beam search by the book, from token 0 to the greatest length whatever has ended, and the greedy one beside it."""
    live: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    done: set[tuple[int, ...]] = {greedy_tokens(network, source, 0, end, longest)}
    for step in range(longest + 1):
        more = []
        for log_probability, tokens in live:
            log = walk(network, source, 0, tokens)[0][-1].tolist()
            more += [(log_probability + log[token], tokens, token) for token in range(network.vocabulary)]
        more.sort(reverse=True)
        over = more if step == longest else more[:beam]
        done |= {tokens for _, tokens, token in over if token == end}
        live = [(total, (*tokens, token)) for total, tokens, token in more if token != end][:beam]
    return sorted(((scored(network, source, 0, end, tokens, alpha)[0], tokens) for tokens in done), reverse=True)


class Table:
    """The next token's probabilities given the last one alone: row n follows token n. It keeps what it was asked."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.logits = torch.tensor(rows, dtype=torch.float64).log()
        self.asked: list[list[int]] = []

    def step(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        self.asked.append(tokens.tolist())
        return self.logits[tokens], state

    def reorder(self, state: Tensor, places: Tensor) -> Tensor:
        return state[places]
