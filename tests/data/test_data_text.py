from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from understudy.data.batches import batch_count, batches, in_order
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import TextSpec, spec_from_json, spec_to_json
from understudy.data.text import IGNORED, TextItems
from understudy.data.text_files import from_text
from understudy.data.vocabulary import UNKNOWN, decode, encode, learn_tokens
from understudy.errors import DataError, OptionError

STORY = "It was a bright cold day in April, and the clocks were striking thirteen.\n" * 40


def items(count: int, window: int = 5, before: int = 0) -> TextItems:
    """Tokens that are their own positions, so that what follows what can be seen."""
    return TextItems(torch.arange(before, before + count), window, torch.arange(before))


# Training


@given(st.integers(12, 300), st.integers(1, 9), st.integers(2, 7), st.integers(0, 30), st.integers(0, 5))
def test_each_lane_reads_on_and_is_asked_for_what_follows(
    count: int, batch: int, window: int, seed: int, epoch: int
) -> None:
    if count < 2 * window + 1:
        return
    text = items(count, window)
    found = list(batches(text, batch, seed=seed, epoch=epoch))
    assert len(found) == batch_count(text, batch)
    assert [part.continues for part in found] == [False] + [True] * (len(found) - 1)
    whole = torch.cat([part.x for part in found], 1)
    assert torch.equal(torch.cat([part.y for part in found], 1), whole + 1)
    assert torch.equal(whole, whole[:, :1] + torch.arange(whole.shape[1]))
    assert len(whole.unique()) == whole.numel(), "no token is read twice in an epoch"
    assert all(part.x.shape[1] <= window for part in found)
    assert len(found[0]) == found[0].x.numel()


def test_an_epoch_can_be_begun_at_any_batch_and_each_cuts_elsewhere() -> None:
    text = items(200)
    whole = [part.x for part in batches(text, 4, seed=1, epoch=2)]
    tail = [part.x for part in batches(text, 4, seed=1, epoch=2, start=3)]
    assert all(torch.equal(one, other) for one, other in zip(whole[3:], tail, strict=True))
    firsts = {int(next(iter(batches(text, 4, seed=1, epoch=epoch))).x[0, 0]) for epoch in range(8)}
    assert len(firsts) > 2


# Judging


@given(st.integers(2, 400), st.integers(2, 9), st.integers(0, 20), st.integers(8, 60))
def test_every_token_is_asked_for_once_and_after_what_stands_before_it(
    count: int, window: int, before: int, lane: int
) -> None:
    import understudy.data.text as text_module

    text = items(count, window, before)
    kept = text_module.LANE
    text_module.LANE = lane
    try:
        found = list(in_order(text, 1))
    finally:
        text_module.LANE = kept
    asked = torch.cat([part.y for part in found], 1)
    read = torch.cat([part.x for part in found], 1)
    wanted = range(max(1, before), before + count)  # the very first token of a text follows nothing
    assert sorted(asked[asked != IGNORED].tolist()) == list(wanted)
    assert torch.equal(read[asked != IGNORED], asked[asked != IGNORED] - 1)
    assert sum(len(part) for part in found) == len(wanted)


# Files and vocabulary


def test_a_text_is_split_where_it_stands_and_its_vocabulary_is_the_training_parts() -> None:
    text = "ab" * 900 + "c" * 100
    data = from_text(text, "story", DataOptions(sequence_length=8))
    assert isinstance(data.spec, TextSpec)
    assert data.spec.vocabulary == (UNKNOWN, "a", "b")
    assert data.sizes == {"train": 1624, "validation": 86, "test": 190}
    assert data.test.tokens[-1] == 0, "a letter that training never saw is unknown"
    joined = torch.cat([data.split(it).tokens for it in ("train", "validation", "test")])
    assert decode(joined[:1800].tolist(), "characters", data.spec.vocabulary) == text[:1800]
    assert spec_from_json(spec_to_json(data.spec)) == data.spec


@given(st.text(max_size=60))
def test_bytes_hold_any_text(text: str) -> None:
    assert decode(encode(text, "bytes", ()).tolist(), "bytes", ()) == text


def test_words_come_back_with_their_spaces() -> None:
    text = 'He said: "don\'t", and (then) left.\nWell.'
    vocabulary = learn_tokens(text, "words")
    back = decode(encode(text, "words", vocabulary).tolist(), "words", vocabulary)
    assert back == 'He said: " don\'t ", and (then) left.\nWell.'
    assert decode(encode("unheard", "words", vocabulary).tolist(), "words", vocabulary) == UNKNOWN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_file_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "story.txt").write_bytes((STORY + "Zürich\r\n").encode(encoding))
    options = DataOptions(encoding="latin-1") if encoding == "latin-1" else DataOptions()
    data = load(tmp_path / "story.txt", options)
    assert decode(data.test.tokens[-7:].tolist(), "characters", data.spec.vocabulary)[-1] == "\n"
    assert sum(data.sizes.values()) == len(STORY) + 7


def test_what_is_wrong_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_bytes(STORY.encode() + b"\xe9\xff")
    with pytest.raises(DataError, match=r"is not utf-8: byte 0xe9 at 2960; name its encoding"):
        load(tmp_path / "odd.txt")
    with pytest.raises(DataError, match="encoding 'utf-9' is not known"):
        load(tmp_path / "odd.txt", DataOptions(encoding="utf-9"))
    (tmp_path / "short.txt").write_text("too short")
    with pytest.raises(DataError, match=r"is too short.*sequence_length"):
        load(tmp_path / "short.txt")


@pytest.mark.parametrize("option", [{"sequence_length": 8}, {"tokens": "words"}, {"encoding": "latin-1"}])
def test_what_only_texts_have_is_refused_for_pictures(option: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"goes with a text.*, but 'digits' has 1x8x8 images"):
        load("digits", DataOptions(**option))


def test_the_bundled_text_is_there() -> None:
    data = load("pydoc")
    assert len(data.train) > 200_000
    assert isinstance(data.spec, TextSpec)
