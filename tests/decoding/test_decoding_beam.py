"""Beam search against the same written out: greedy, exhaustive, alone and in a batch."""

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from toys import Table, TinyRNN, close, greedy_tokens, plain_beam, scored, sequences, sources, walk

from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.penalties import coverage_penalty
from understudy.decoding.trellis import Hypothesis
from understudy.errors import OptionError, RequestError, RunError
from understudy.settings import validated

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


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 6), st.integers(1, 6), st.integers(2, 4), ALPHAS, st.data())
def test_it_finds_what_a_search_without_an_early_stop_finds(
    seed: int, vocabulary: int, longest: int, beam: int, alpha: float, data: st.DataObject
) -> None:
    """So nothing that ended took a slot, and no row stopped while it could still have won."""
    network, given_, nbest = TinyRNN(seed, vocabulary), sources(seed, 2), data.draw(st.integers(1, beam))
    hypotheses = found(network, given_, longest, beam=beam, nbest=nbest, alpha=alpha)
    for source, best in zip(given_, hypotheses, strict=True):
        expected = plain_beam(network, source, vocabulary - 1, longest, beam, alpha)[:nbest]
        assert [hypothesis.tokens for hypothesis in best] == [tokens for _, tokens in expected]


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from([{}, {"groups": 2}, {"beta": 0.2}, {"groups": 4, "diversity": 0.0}]))
def test_scores_and_attention_are_those_of_the_hypothesis_on_its_own(seed: int, options: dict[str, Any]) -> None:
    """So the state and the attention have followed it through the beam; and no hypothesis comes twice."""
    network, given_ = TinyRNN(seed, 6), sources(seed, 3)
    for source, best in zip(given_, found(network, given_, 7, beam=4, nbest=4, **options), strict=True):
        assert len({hypothesis.tokens for hypothesis in best}) == len(best)
        assert [hypothesis.score for hypothesis in best] == sorted((it.score for it in best), reverse=True)
        for hypothesis in best:
            numbers = scored(network, source, 0, 5, hypothesis.tokens, 0.6, options.get("beta", 0.0))
            assert close(hypothesis, *numbers)
            assert hypothesis.attention is not None
            expected = torch.stack(walk(network, source, 0, hypothesis.tokens)[1])
            torch.testing.assert_close(hypothesis.attention, expected)


END = 3


def of_table(table: Table, longest: int = 4, rows: int = 1, **how: Any) -> list[list[Hypothesis]]:
    asked = {name: how.pop(name) for name in ("prefixes", "required", "end") if name in how}
    return search(
        table,
        torch.zeros(rows, 1),
        rows,
        start=0,
        max_lengths=longest,
        options=BeamOptions(**how),
        **{"end": END, **asked},
    )


def tokens_of(table: Table, longest: int = 4, **how: Any) -> list[tuple[int, ...]]:
    return [hypothesis.tokens for hypothesis in of_table(table, longest, **how)[0]]


EVEN = [[0.2, 0.3, 0.24, 0.26], [0.22, 0.24, 0.28, 0.26], [0.23, 0.27, 0.24, 0.26], [0.25] * 4]


def test_what_has_ended_takes_no_slot() -> None:
    """All continuations are about as good, ends among the best of each step: still each step asks for three."""
    table = Table(EVEN)
    of_table(table, 5, beam=3, length_penalty="plain", alpha=3.0)
    assert [len(tokens) for tokens in table.asked] == [1, 3, 3, 3, 3, 3]
    assert not any(END in tokens for tokens in table.asked)


def test_a_short_hypothesis_does_not_stop_a_longer_one_that_will_have_the_better_score() -> None:
    """At once to the end: log 0.5. By way of 1 three times: log 0.4, over a length of four."""
    table = Table([[0.0, 0.4, 0.1, 0.5], [0, 1.0, 0, 0], [0, 0, 0, 1.0], [0.25] * 4])
    table.logits[1] = torch.tensor([0, 0.9999, 0, 0.0001]).log()
    assert tokens_of(table, 3, beam=2, alpha=0.0) == [()]
    assert tokens_of(table, 3, beam=2, length_penalty="plain", alpha=20.0) == [(1, 1, 1)]


def test_a_row_is_done_once_nothing_can_beat_it() -> None:
    table = Table([[0.0, 0.09, 0.01, 0.9], *EVEN[1:]])
    assert tokens_of(table, 50, beam=3, alpha=0.0) == [()]
    assert len(table.asked) == 1


def test_rows_that_are_done_leave_the_batch() -> None:
    table = Table([[0.0, 0.5, 0.0, 0.5], *EVEN[1:]])
    search(
        table,
        torch.zeros(3, 1),
        3,
        start=torch.tensor([0, 1, 2]),
        end=END,
        max_lengths=[1, 3, 5],
        options=BeamOptions(beam=2, alpha=3.0),
    )
    assert [len(tokens) for tokens in table.asked[:6]] == [3, 5, 4, 4, 2, 2]


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("chance", [0.0, 1e-9])
def test_there_is_a_hypothesis_though_none_would_end(beam: int, chance: float) -> None:
    table = Table([[0.2, 0.5, 0.3 - chance, chance]] * 4)
    (best,) = of_table(table, 4, beam=beam)[0]
    assert best.tokens == (1, 1, 1, 1)
    assert math.isfinite(best.score)


def test_without_an_end_all_are_as_long_as_they_may_be() -> None:
    best = of_table(Table(EVEN), 3, beam=4, nbest=4, end=None)[0]
    assert [len(hypothesis.tokens) for hypothesis in best] == [3] * 4
    assert best[0].tokens == (1, 2, 1)
    assert math.isclose(best[0].log_probability, math.log(0.3 * 0.28 * 0.27))


def test_min_length_keeps_the_end_away() -> None:
    table = Table([[0.1, 0.1, 0.1, 0.7]] * 4)
    assert tokens_of(table, beam=2) == [()]
    assert {len(tokens) for tokens in tokens_of(table, beam=2, min_length=2, nbest=2)} == {2}


def test_no_ngram_comes_twice() -> None:
    table = Table([[0.1, 0.8, 0.05, 0.05], [0.1, 0.8, 0.05, 0.05], [0.1, 0.8, 0.05, 0.05], [0.25] * 4])
    assert tokens_of(table, 4, beam=1) == [(1, 1, 1, 1)]
    assert tokens_of(table, 4, beam=1, no_repeat_ngram=2) == [(1, 1, 0, 1)]
    assert tokens_of(table, 4, beam=1, no_repeat_ngram=1)[0][:2] == (1, 0)


def test_a_rule_that_leaves_nothing_is_set_aside() -> None:
    table = Table([[0.6, 0.4], [0.6, 0.4]])
    best = of_table(table, 5, beam=2, end=1, no_repeat_ngram=1, min_length=4)[0]
    assert len(best) == 1


def test_the_repetition_penalty_lowers_what_was_written() -> None:
    table = Table([[0.3, 0.4, 0.2, 0.1]] * 4)
    table.logits = table.logits + 5  # positive ones are divided, negative ones multiplied
    assert tokens_of(table, 2, beam=1) == [(1, 1)]
    assert tokens_of(table, 2, beam=1, repetition_penalty=1.2) == [(1, 0)]
    table.logits = table.logits - 10
    assert tokens_of(table, 2, beam=1, repetition_penalty=1.2) == [(1, 0)]


def test_a_forced_prefix_begins_every_hypothesis_and_counts() -> None:
    best = of_table(Table(EVEN), 4, beam=3, nbest=3, prefixes=[[2, 2]], no_repeat_ngram=1)[0]
    assert all(hypothesis.tokens[:2] == (2, 2) for hypothesis in best)
    first = next(hypothesis for hypothesis in best if len(hypothesis.tokens) == 2)
    assert math.isclose(first.log_probability, math.log(0.24 * 0.24 * 0.26))


PHRASES = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), max_size=3)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.lists(PHRASES, min_size=2, max_size=2), st.integers(2, 5), st.integers(0, 2), st.booleans())
def test_required_phrases_are_in_every_hypothesis(
    seed: int, required: list[list[list[int]]], beam: int, spare: int, forced: bool
) -> None:
    network, given_ = TinyRNN(seed, 5), sources(seed, 2)
    prefixes = [[3, 1]] * 2 if forced else [[]] * 2
    longest = [len(prefixes[0]) + sum(map(len, phrases)) + spare or 1 for phrases in required]
    hypotheses = search(
        network,
        network.begin(given_),
        2,
        start=0,
        end=4,
        max_lengths=longest,
        options=BeamOptions(beam=beam, nbest=2, no_repeat_ngram=2),
        required=required,
        prefixes=prefixes,
    )
    for source, phrases, prefix, most, best in zip(given_, required, prefixes, longest, hypotheses, strict=True):
        assert best
        for hypothesis in best:
            tokens = list(hypothesis.tokens)
            assert len(tokens) <= most and tokens[: len(prefix)] == prefix
            for phrase in phrases:
                assert any(tokens[at : at + len(phrase)] == phrase for at in range(len(tokens)))
            assert close(hypothesis, *scored(network, source, 0, 4, hypothesis.tokens, 0.6))


def test_a_wide_beam_finds_the_best_that_has_the_phrases() -> None:
    network, (source,) = TinyRNN(5, 4), sources(5, 1)
    (best,) = search(
        network,
        network.begin([source]),
        1,
        start=0,
        end=3,
        max_lengths=4,
        options=BeamOptions(beam=400),
        required=[[[2, 0], [0, 1]]],
    )
    every = [tokens for tokens in sequences(4, 3, 4) if {(2, 0), (0, 1)} <= set(itertools.pairwise(tokens))]
    assert best[0].tokens == max(every, key=lambda tokens: scored(network, source, 0, 3, tokens, 0.6)[0])


def test_banks_keep_what_has_more_of_the_phrases_alive() -> None:
    """The phrase is unlikely at once, and so is everything after it but later: by score alone it never stays."""
    table = Table([[0.5, 0.48, 0.01, 0.01], [0.5, 0.48, 0.01, 0.01], [0.1, 0.1, 0.1, 0.7], [0.25] * 4])
    of_table(table, 6, beam=4, required=[[[2]]])
    assert all(2 in tokens for tokens in table.asked[1:3])


def test_groups_are_unlike_each_other() -> None:
    first = found(TinyRNN(3, 8), sources(3, 1), 5, beam=2)[0][0]
    grouped = found(TinyRNN(3, 8), sources(3, 1), 5, beam=6, groups=3, nbest=6, diversity=50.0)[0]
    assert first.tokens in [hypothesis.tokens for hypothesis in grouped], "the first group is a beam of its own"
    table = Table([[0.1, 0.5, 0.3, 0.1]] * 4)
    alike = of_table(table, 1, beam=2, groups=2, nbest=2, diversity=0.0, min_length=1)[0]
    unlike = of_table(table, 1, beam=2, groups=2, nbest=2, diversity=1.0, min_length=1)[0]
    assert [hypothesis.tokens for hypothesis in alike] == [(1,)]
    assert [hypothesis.tokens for hypothesis in unlike] == [(1,), (2,)]
    assert math.isclose(unlike[1].log_probability, math.log(0.3 * 0.1)), "diversity chooses, it does not score"


def test_coverage_prefers_what_has_looked_everywhere() -> None:
    coverage = torch.tensor([[0.5, 1.5, 9.0], [1.0, 1.0, 9.0]])
    expected = torch.tensor([0.2 * math.log(0.5), 0.0])
    torch.testing.assert_close(coverage_penalty(coverage, torch.tensor([2, 2]), 0.2), expected)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"beta": 0.2}, "beta, the coverage penalty, needs a network that attends"),
        ({"longest": 0}, "max_lengths are 1 or more, got 0"),
        ({"longest": 4, "min_length": 5}, "max_lengths are 5 or more, got 4"),
        ({"longest": [1, 2]}, "max_lengths is one number or one for each of 1 rows"),
        ({"prefixes": [[1], [2]]}, "one entry for each of 1 rows, got 2"),
        ({"prefixes": [[1, END]]}, "row 0: the end, token 3, cannot be forced or required"),
        ({"prefixes": [[1] * 5]}, "row 0: a prefix of 5 tokens in at most 4"),
        ({"required": [[[1, 2], [2, 1, 1]]]}, "row 0: required phrases need 5 tokens, there is room for 4"),
        ({"required": [[[1, 2]]], "prefixes": [[1, 1, 2, 2]]}, None),
        ({"required": [[[1, 2]]], "prefixes": [[1, 1, 1]]}, None),
        (
            {"required": [[[2, 2]]], "prefixes": [[1, 1, 1]]},
            "row 0: required phrases need 2 tokens, there is room for 1",
        ),
    ],
)
def test_what_cannot_be_met_is_refused(how: dict[str, Any], message: str | None) -> None:
    longest = how.pop("longest", 4)
    if message is None:
        assert of_table(Table(EVEN), longest, beam=2, **how)
        return
    with pytest.raises(OptionError, match=message):
        of_table(Table(EVEN), longest, beam=2, **how)


def test_a_coverage_penalty_needs_the_places_of_each_source() -> None:
    network, given_ = TinyRNN(0, 4), sources(0, 2)
    with pytest.raises(OptionError, match="needs to know padding from source; give places"):
        search(network, network.begin(given_), 2, start=0, end=3, max_lengths=3, options=BeamOptions(beta=0.2))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_logits_that_are_not_finite_are_named(value: float) -> None:
    table = Table(EVEN)
    table.logits[:] = value
    with pytest.raises(RunError, match="row 0: no hypothesis is possible; the network's logits are not finite"):
        of_table(table, 3, beam=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam": 2, "nbest": 3}, "nbest is at most beam, got 3 and 2"),
        ({"beam": 5, "groups": 2}, "groups must divide beam, got 2 and 5"),
        ({"beam": 0}, "beam"),
        ({"alpha": -1.0}, "alpha"),
        ({"width": 3}, "unknown option"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        validated(BeamOptions, options, "beam search")


def test_no_rows_have_no_hypotheses() -> None:
    assert search(Table(EVEN), torch.zeros(0, 1), 0, start=0, end=3, max_lengths=2) == []
