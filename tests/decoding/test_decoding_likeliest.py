"""The likeliest of many tokens, by chunks, beside a plain sort; and a search that goes by them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import TinyRNN, sources

from understudy.decoding import beam_search, likeliest
from understudy.decoding.beam import search
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.trellis import Hypothesis


@pytest.mark.parametrize("numbers", [64, 65, 127, 640])
def test_the_largest_of_a_row_and_of_a_search_are_those_of_a_sort(numbers: int) -> None:
    draw = torch.Generator().manual_seed(numbers)
    logs = torch.randn(5, numbers, generator=draw).log_softmax(1)
    before = torch.randn(5, generator=draw).double()
    tops = likeliest.peaks(logs)
    value, place = likeliest.likeliest(logs, tops)
    assert torch.equal(place, logs.argmax(1))
    assert torch.equal(value, logs.amax(1))
    rows, live = torch.tensor([[0, 1, 2], [3, 4, 0]]), torch.tensor([[True, True, True], [True, True, False]])
    count = 2
    scores, tokens, slots = likeliest.together(logs, tops, before, rows, live, count)
    for search_, (kept, taken) in enumerate(zip(rows.tolist(), live.sum(1).tolist(), strict=True)):
        every = (logs[kept[:taken]] + before[kept[:taken], None]).flatten()
        expected = every.topk(count)
        assert torch.equal(scores[search_], expected.values)
        assert torch.equal(slots[search_] * numbers + tokens[search_], expected.indices)


def test_of_equal_numbers_it_is_the_first() -> None:
    logs = torch.zeros(2, 200)
    logs[1, [70, 150, 199]] = 1
    assert likeliest.likeliest(logs, likeliest.peaks(logs))[1].tolist() == [0, 70]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"nbest": 3, "alpha": 1.0, "length_penalty": "plain"},
        {"early_stop": True},
        {"beta": 0.3, "beam": 4},
        {"min_length": 3, "no_repeat_ngram": 2, "repetition_penalty": 1.3},
    ],
)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), ending=st.booleans())
def test_a_search_by_chunks_finds_what_one_without_finds(
    seed: int, ending: bool, options: dict[str, float | str]
) -> None:
    network, given_ = TinyRNN(seed, 21), sources(seed, 4)

    def found() -> list[list[Hypothesis]]:
        return search(
            network,
            network.begin(given_),
            4,
            start=0,
            end=20 if ending else None,
            max_lengths=[3, 5, 7, 4],
            options=BeamOptions(**{"beam": 5, **options}),  # type: ignore[arg-type]
            places=[len(source) for source in given_],
        )

    expected = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beam_search, "MANY", 1)
        patch.setattr(likeliest, "CHUNK", 2)
        by_chunks = found()
    for mine, other in zip(by_chunks, expected, strict=True):
        assert [it.tokens for it in mine] == [it.tokens for it in other]
        assert [it.score for it in mine] == pytest.approx([it.score for it in other])
