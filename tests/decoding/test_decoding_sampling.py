import itertools
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from understudy.decoding.sampling import Sampling, draw, kept_logits
from understudy.errors import OptionError

PROBABILITIES = torch.tensor([[0.05, 0.5, 0.15, 0.3]])
LOGITS = PROBABILITIES.log()


def kept(**how: Any) -> set[int]:
    return set(torch.nonzero(kept_logits(LOGITS, Sampling(**how))[0] > -torch.inf).flatten().tolist())


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, {0, 1, 2, 3}),
        ({"top_k": 1}, {1}),
        ({"top_k": 2}, {1, 3}),
        ({"top_k": 9}, {0, 1, 2, 3}),
        ({"top_p": 0.4}, {1}),
        ({"top_p": 0.51}, {1, 3}),
        ({"top_p": 0.81}, {1, 2, 3}),
        ({"min_p": 0.2}, {1, 2, 3}),
        ({"min_p": 0.5}, {1, 3}),
        ({"min_p": 1.0}, {1}),
        ({"temperature": 0.0}, {1}),
        ({"top_k": 3, "min_p": 0.5}, {1, 3}),
    ],
)
def test_only_these_tokens_may_be_drawn(how: dict[str, Any], expected: set[int]) -> None:
    assert kept(**how) == expected


@given(st.floats(0.1, 5))
def test_what_is_kept_keeps_its_proportions_at_the_temperature(temperature: float) -> None:
    found = kept_logits(LOGITS, Sampling(temperature, top_k=3)).softmax(-1)[0]
    expected = PROBABILITIES[0] ** (1 / temperature)
    expected[0] = 0
    torch.testing.assert_close(found, expected / expected.sum(), rtol=1e-4, atol=1e-6)


@given(st.integers(0, 1000), st.integers(0, 6), st.floats(0.01, 1), st.floats(0, 1))
def test_something_is_always_kept(seed: int, top_k: int, top_p: float, min_p: float) -> None:
    logits = 5 * torch.randn(3, 6, generator=Generator().manual_seed(seed))
    found = kept_logits(logits, Sampling(1.0, top_k, top_p, min_p))
    assert (found > -torch.inf).any(1).all()
    assert torch.equal(found.argmax(1), logits.argmax(1))


class Counter:
    """Says that the next token is one more than the last, most probably; its state is all that it has read."""

    def init_state(self, batch: int) -> Tensor:
        return torch.empty(batch, 0, dtype=torch.int64)

    def step(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits = torch.zeros(len(tokens), 10)
        logits[torch.arange(len(tokens)), (tokens + 1) % 10] = 4.0
        return logits, torch.cat([state, tokens[:, None]], 1)

    def reorder(self, state: Tensor, places: Tensor) -> Tensor:
        return state[places]


def test_the_likeliest_is_followed_from_the_prompt_on() -> None:
    stream = draw(Counter(), torch.tensor([[4, 5], [7, 8]]), Sampling(temperature=0), Generator())
    assert torch.stack(list(itertools.islice(stream, 3)), 1).tolist() == [[6, 7, 8], [9, 0, 1]]


class Echo(Counter):
    """Says that the last token comes again, most probably, and token 9 next to that."""

    def step(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits = torch.zeros(len(tokens), 10)
        logits[:, 9] = 2.0
        logits[torch.arange(len(tokens)), tokens] = 3.0
        return logits, state


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [4, 4, 4, 4]),
        ({"repetition_penalty": 1.4}, [4, 4, 4, 4]),
        ({"repetition_penalty": 1.6}, [9, 9, 9, 9]),
        ({"no_repeat_ngram": 2}, [9, 9, 0, 0]),
        ({"no_repeat_ngram": 3}, [4, 9, 9, 9]),
    ],
)
def test_what_stands_before_the_prompt_included_is_not_said_again(how: dict[str, Any], expected: list[int]) -> None:
    stream = draw(Echo(), torch.tensor([[4, 4]]), Sampling(temperature=0, **how), Generator())
    assert [int(next(stream)) for _ in range(4)] == expected


def test_the_seed_decides_what_is_drawn() -> None:
    def drawn(seed: int) -> list[list[int]]:
        stream = draw(Counter(), torch.tensor([[0]]), Sampling(), Generator().manual_seed(seed))
        return [tokens.tolist() for tokens in itertools.islice(stream, 30)]

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize(
    "how",
    [
        {"temperature": -1},
        {"top_p": 0},
        {"top_p": 1.5},
        {"min_p": -0.1},
        {"top_k": -2},
        {"repetition_penalty": 0},
        {"no_repeat_ngram": -1},
    ],
)
def test_values_out_of_range_are_refused(how: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(how))):
        Sampling(**how)


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(OptionError, match="prompt is empty"):
        next(draw(Counter(), torch.empty(1, 0, dtype=torch.int64), Sampling(), Generator()))
