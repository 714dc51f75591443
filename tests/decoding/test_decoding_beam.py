"""Beam search against the same written out: greedy, exhaustive, alone and in a batch."""

from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from toys import TinyRNN, close, greedy_tokens, scored, sequences, sources

from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.trellis import Hypothesis

SEEDS = st.integers(0, 10_000)
ALPHAS = st.sampled_from([0.0, 0.6, 1.0, 2.0])
BETAS = st.sampled_from([0.0, 0.3])


def found(network: TinyRNN, given_: list[Tensor], longest: int = 3, **options: Any) -> list[list[Hypothesis]]:
    """With the last token as the end."""
    return search(
        network,
        network.begin(given_),
        len(given_),
        start=0,
        end=network.vocabulary - 1,
        max_lengths=longest,
        options=BeamOptions(**options),
        places=[len(source) for source in given_],
    )


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 4), st.integers(1, 3), ALPHAS, BETAS)
def test_a_beam_as_wide_as_the_space_is_exhaustive(
    seed: int, vocabulary: int, longest: int, alpha: float, beta: float
) -> None:
    network, given_ = TinyRNN(seed, vocabulary), sources(seed, 2)
    hypotheses = found(network, given_, longest, beam=vocabulary**longest, nbest=2, alpha=alpha, beta=beta)
    for source, best in zip(given_, hypotheses, strict=True):
        every = sequences(vocabulary, vocabulary - 1, longest)
        rated = [(scored(network, source, 0, vocabulary - 1, tokens, alpha, beta), tokens) for tokens in every]
        expected = sorted(rated, reverse=True)[:2]
        assert [hypothesis.tokens for hypothesis in best] == [tokens for _, tokens in expected]
        assert all(close(hypothesis, *numbers) for hypothesis, (numbers, _) in zip(best, expected, strict=True))


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 6), st.integers(1, 8), ALPHAS, BETAS)
def test_a_beam_of_one_is_greedy_and_a_wider_one_never_below_it(
    seed: int, vocabulary: int, longest: int, alpha: float, beta: float
) -> None:
    network, given_, end = TinyRNN(seed, vocabulary), sources(seed, 3), vocabulary - 1
    greedy = [row[0] for row in found(network, given_, longest, beam=1, alpha=alpha, beta=beta)]
    for source, hypothesis in zip(given_, greedy, strict=True):
        tokens = greedy_tokens(network, source, 0, end, longest)
        assert hypothesis.tokens == tokens
        assert close(hypothesis, *scored(network, source, 0, end, tokens, alpha, beta))
    for beam in (2, 3):
        wider = found(network, given_, longest, beam=beam, alpha=alpha, beta=beta)
        assert all(best[0].score >= below.score for best, below in zip(wider, greedy, strict=True))


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from([{}, {"beam": 4, "groups": 2, "nbest": 3}, {"beta": 0.3}, {"no_repeat_ngram": 2}]))
def test_a_row_has_the_same_hypotheses_in_any_batch(seed: int, options: dict[str, Any]) -> None:
    network, given_ = TinyRNN(seed, 5), sources(seed, 4)
    how = {"beam": 3, "nbest": 2, **options}
    for source, together in zip(given_, found(network, given_, 6, **how), strict=True):
        (alone,) = found(network, [source], 6, **how)
        assert [(it.tokens, it.score) for it in alone] == [(it.tokens, it.score) for it in together]
        for one, other in zip(alone, together, strict=True):
            assert one.attention is not None and other.attention is not None
            assert torch.equal(one.attention, other.attention)
