"""Sampling: the next token drawn from what the network finds likely, or from the most likely ones alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from understudy.decoding.repetition import penalise_repetition, repeated_ngrams, unless_nothing_is_left
from understudy.errors import OptionError
from understudy.models.capabilities import Decodable


@dataclass(frozen=True)
class Sampling:
    """Which tokens may be drawn. 0 switches `top_k`, `min_p` and `no_repeat_ngram` off, 1 `top_p` and
    `repetition_penalty`; `temperature` 0 takes the likeliest.

    Attributes:
        temperature: logits are divided by it.
        top_k: only the k likeliest tokens.
        top_p: only the likeliest tokens that together have this probability.
        min_p: only tokens at least this likely, as a share of the likeliest's probability.
        repetition_penalty: above 1, logits of tokens that stand before are lowered by this factor.
        no_repeat_ngram: a row of so many tokens comes only once, the prompt's included.

    Raises:
        OptionError: a value is out of its range.

    Reference:
        Holtzman et al., 2020, The Curious Case of Neural Text Degeneration, arXiv:1904.09751 (top-p).
        Nguyen et al., 2024, Min-p Sampling, arXiv:2407.01082 (min-p).
        Keskar et al., 2019, CTRL, arXiv:1909.05858, section 4.1 (repetition_penalty).
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 0:
            raise OptionError("temperature and top_k are 0 or more")
        if not 0 < self.top_p <= 1 or not 0 <= self.min_p <= 1:
            raise OptionError("top_p is above 0 and at most 1; min_p from 0 to 1")
        if self.repetition_penalty <= 0 or self.no_repeat_ngram < 0:
            raise OptionError("repetition_penalty is above 0, no_repeat_ngram 0 or more")

    def against_repetition(self, logits: Tensor, history: Tensor) -> Tensor:
        """Logits after the two rules about what stands before; unchanged where these are off.

        Shapes: logits (batch, vocabulary), history (batch, time) -> (batch, vocabulary)
        """
        if self.repetition_penalty != 1:
            logits = penalise_repetition(logits, history, self.repetition_penalty)
        if self.no_repeat_ngram:
            logits = unless_nothing_is_left(logits, repeated_ngrams(history, self.no_repeat_ngram, logits.shape[1]))
        return logits


def kept_logits(logits: Tensor, how: Sampling) -> Tensor:
    """Logits at the temperature, those of tokens that must not be drawn -inf: (batch, vocabulary) -> the same.

    The likeliest token is always kept.
    """
    if how.temperature == 0:
        likeliest = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, likeliest, 0.0)
    logits = logits / how.temperature
    ordered, places = logits.sort(-1, descending=True)
    probabilities = ordered.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities  # what likelier tokens have together
    out = before >= how.top_p
    out |= probabilities < how.min_p * probabilities[:, :1]
    if how.top_k:
        out |= torch.arange(logits.shape[-1], device=logits.device) >= how.top_k
    out[:, 0] = False
    return logits.masked_fill(torch.zeros_like(out).scatter(-1, places, out), -torch.inf)


def draw(network: Decodable, prompt: Tensor, how: Sampling, generator: Generator) -> Iterator[Tensor]:
    """Tokens without end, one of each row at a time, after the prompt has been read.

    Shapes: prompt (batch, time), at least one token -> (batch,) each

    Raises:
        OptionError: the prompt is empty.
    """
    if not prompt.shape[1]:
        raise OptionError("the prompt is empty; give at least one token")
    state = network.init_state(len(prompt))
    for tokens in prompt.T:
        logits, state = network.step(tokens, state)
    history = prompt
    while True:
        kept = kept_logits(how.against_repetition(logits.float(), history), how)
        tokens = torch.multinomial(kept.softmax(-1), 1, generator=generator)[:, 0]
        yield tokens
        if how.repetition_penalty != 1 or how.no_repeat_ngram:
            history = torch.cat([history, tokens[:, None]], 1)
        logits, state = network.step(tokens, state)
