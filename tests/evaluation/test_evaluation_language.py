import math
from typing import Any

import pytest
import torch
from made import SPECS, dataset_of
from torch import Tensor

from understudy.evaluation.language import counted, score_language, written

TEXT = SPECS["characters"]
SIZE = 9


class Knowing:
    """Gives the true next-but-for-a-tenth token 0.9, the jump 0.1; counts what it reads in its state."""

    def read(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        logits = torch.full((*tokens.shape, SIZE), -30.0)
        logits.scatter_(2, ((tokens + 1) % SIZE)[..., None], math.log(0.9))
        logits.scatter_(2, ((tokens + 3) % SIZE)[..., None], math.log(0.1))
        return logits, (state or 0) + tokens.shape[1]

    def init_state(self, batch: int) -> int:
        return 0

    def step(self, tokens: Tensor, state: int) -> tuple[Tensor, int]:
        logits, state = self.read(tokens[:, None], state)
        return logits[:, 0], state

    def reorder(self, state: int, places: Tensor) -> int:
        return state


def test_the_score_is_of_every_token_and_the_baselines_are_counts() -> None:
    data = dataset_of(TEXT, train=600, validation=100, test=100)
    scores = score_language(Knowing(), data, seed=0)
    text = torch.cat([data.test.before, data.test.tokens])[-len(data.test.tokens) - 1 :]
    jumps = ((text[1:] - text[:-1]) % SIZE == 3).double().mean().item()
    # The text before the split is another one: its last token is followed by chance.
    expected = -(1 - jumps) * math.log(0.9) - jumps * math.log(0.1)
    assert scores["nats_per_token"] == pytest.approx(expected, abs=0.05)
    assert scores["perplexity"] == pytest.approx(math.exp(scores["nats_per_token"]))
    assert scores["bits_per_character"] == pytest.approx(scores["nats_per_token"] / math.log(2))
    assert scores["unigram_nats_per_token"] == pytest.approx(math.log(SIZE), abs=0.01)
    assert scores["bigram_nats_per_token"] == pytest.approx(0.325, abs=0.06)


def test_the_bigram_is_the_formula() -> None:
    data = dataset_of(TEXT, train=50, validation=20, test=20)
    train, test = data.train.tokens, data.test.tokens
    single = (torch.bincount(train, minlength=SIZE) + 1).double() / (len(train) + SIZE)
    assert counted(data)["unigram"] == pytest.approx(-single[test[1:]].log().mean().item())
    options = []
    for weight in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        total = 0.0
        for first, then in zip(test[:-1].tolist(), test[1:].tolist(), strict=True):
            starts = (train[:-1] == first).sum().item()
            together = ((train[:-1] == first) & (train[1:] == then)).sum().item()
            total -= math.log(weight * together / max(1, starts) + (1 - weight) * single[then].item())
        options.append(total / (len(test) - 1))
    assert min(abs(counted(data)["bigram"] - option) for option in options) < 1e-9


def test_the_exhibit_goes_on_from_the_test_split() -> None:
    data = dataset_of(TEXT, test=30)
    (figure,) = written(Knowing(), data, seed=0)
    assert "\u2502" in figure.text
    assert len(figure.text) > 1000
