import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from understudy.data import bpe
from understudy.data.batches import batch_count, batches, in_order
from understudy.data.number_words import in_words, number_pairs
from understudy.data.options import DataOptions
from understudy.data.pair_files import assembled
from understudy.data.pairs import PairBatch, PairItems
from understudy.data.sentences import END, PADDING, SPECIAL, START, Language, learn_language
from understudy.data.sources import load
from understudy.data.spec import PairSpec, spec_from_json, spec_to_json
from understudy.data.text import IGNORED
from understudy.data.vocabulary import UNKNOWN
from understudy.data.written_dates import MONTHS, ORDINALS, ROMAN, SHORT, STYLES, WEEKDAYS, date_pairs, ordinal
from understudy.errors import DataError, OptionError

LETTERS = learn_language(["abc", "de"], "characters")
SPEC = PairSpec(LETTERS, LETTERS)
TEXT = "Two young, white males are outside near many bushes.\nDon't they   see them?"


def items(lengths: list[tuple[int, int]]) -> PairItems:
    return PairItems.of([("a" * source, "b" * target) for source, target in lengths], SPEC)


def seen(found: list[PairBatch]) -> list[tuple[int, int]]:
    """Lengths of each pair of some batches, their ends included."""
    return [
        (int((x != PADDING).sum()), int((y != IGNORED).sum()))
        for part in found
        for x, y in zip(part.x, part.y, strict=True)
    ]


# Batches

LENGTHS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=400)


@given(LENGTHS, st.integers(1, 4), st.integers(0, 9), st.integers(0, 4))
def test_an_epoch_has_every_pair_once_and_can_be_begun_at_any_batch(
    lengths: list[tuple[int, int]], batch: int, seed: int, epoch: int
) -> None:
    pairs = items(lengths)
    found = list(batches(pairs, batch, seed=seed, epoch=epoch))
    assert len(found) == batch_count(pairs, batch)
    assert sorted(seen(found)) == sorted((source + 1, target + 1) for source, target in lengths)
    assert all(len(part.x) <= batch for part in found)
    start = len(found) // 2
    tail = list(batches(pairs, batch, seed=seed, epoch=epoch, start=start))
    assert all(torch.equal(one.x, other.x) for one, other in zip(found[start:], tail, strict=True))


def test_epochs_differ_and_batches_hold_pairs_of_like_length() -> None:
    draw = torch.Generator().manual_seed(0)
    pairs = items(torch.randint(1, 40, (2000, 2), generator=draw).tolist())
    found = list(batches(pairs, 16, seed=0, epoch=1))
    real = sum(int((part.x != PADDING).sum()) for part in found)
    assert real / sum(part.x.numel() for part in found) > 0.95
    firsts = {tuple(next(iter(batches(pairs, 16, seed=0, epoch=epoch))).x.shape) for epoch in range(8)}
    assert len(firsts) > 2
    assert sorted(seen(list(in_order(pairs, 16)))) == sorted(seen(found))


def test_rows_are_filled_up_and_a_batch_counts_the_tokens_that_are_asked_for() -> None:
    batch = PairItems.of([("ab", "c"), ("d", "eab")], SPEC).take(torch.tensor([1, 0]))
    a, b, c, d, e = (LETTERS.vocabulary.index(letter) for letter in "abcde")
    assert batch.x.tolist() == [[d, END, PADDING], [a, b, END]]
    assert batch.y.tolist() == [[e, a, b, END], [c, END, IGNORED, IGNORED]]
    assert len(batch) == 6


# Languages


@pytest.mark.parametrize("unit", ["characters", "bpe"])
def test_what_was_learned_from_comes_back_as_it_was(unit: Any) -> None:
    language = learn_language([TEXT], unit, 100)
    numbers = language.encode(TEXT)
    assert numbers[-1] == END
    assert language.decode(numbers) == TEXT
    assert language.decode([START, *numbers, *numbers, PADDING]) == TEXT
    assert language.longest == len(numbers)
    spec = PairSpec(language, LETTERS)
    assert spec_from_json(json.loads(json.dumps(spec_to_json(spec)))) == spec


def test_pieces_are_those_that_repeat_and_the_same_every_time() -> None:
    found = [bpe.learn_pieces(["low lower lowest low low"], 14, UNKNOWN) for _ in range(2)]
    assert found[0] == found[1]
    assert len(found[0]) == 14
    assert found[0][:2] == (UNKNOWN, "e")
    assert {entry.replace(" ", "") for entry in found[0]} >= {"▁low"}
    find = bpe.piece_finder(found[0])
    assert [found[0][number].replace(" ", "") for number in find("low lows")][:2] == ["▁low", "▁low"]


def test_a_mark_inside_of_a_sentence_follows_without_a_space() -> None:
    language = learn_language(["a dog, a cat.", "a dog."], "bpe", 40)
    assert language.pieces(language.phrase(".")) == ["."]
    assert language.decode([*language.forced("a dog"), *language.phrase(", a")]) == "a dog, a"
    assert language.phrase("dog") == language.forced("dog")
    with pytest.raises(OptionError, match="is in the vocabulary"):
        language.phrase("dogx")


@pytest.mark.parametrize("unit", ["characters", "words", "bpe"])
def test_what_training_never_saw_is_unknown_and_shown_so_and_no_sign_is_taken_for_an_end(unit: Any) -> None:
    language = learn_language(["aa aa", "ab"], unit, 10)
    assert 0 in language.encode("zzz")
    assert UNKNOWN in language.decode(language.encode("zzz"))
    for sign in SPECIAL:
        assert not {PADDING, START, END} & set(language.encode(f"aa {sign}")[:-1])


def test_bytes_are_refused_and_bpe_size_where_nothing_is_cut() -> None:
    with pytest.raises(OptionError, match="characters, words or bpe"):
        learn_language(["ab"], "bytes")
    with pytest.raises(OptionError, match="bpe_size=100 goes with tokens=bpe; here tokens are characters"):
        load("dates", DataOptions(bpe_size=100))
    with pytest.raises(OptionError, match="bpe_size=100 goes with tokens=bpe; here tokens are words"):
        load("pydoc", DataOptions(tokens="words", bpe_size=100))


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(OptionError, match=r"pip install 'understudy\[bpe\]'"):
        learn_language(["ab"], "bpe")


def test_a_text_can_be_read_in_pieces() -> None:
    data = load("pydoc", DataOptions(tokens="bpe", bpe_size=300))
    assert len(data.spec.vocabulary) == 300
    assert len(data.train) < 400_000


# Files


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_two_columns_are_pairs_whatever_parts_them(tmp_path: Path) -> None:
    rows = [(f"one, {number}", f"eins {number}") for number in range(20)]
    tsv = written(tmp_path / "a.tsv", "\n".join("\t".join(row) for row in rows) + "\n\n")
    csv = written(tmp_path / "a.csv", "Source,Target\n" + "".join(f'"{one}",{other}\n' for one, other in rows))
    found = [load(path) for path in (tsv, csv)]
    for data in found:
        assert data.sizes == {"train": 14, "validation": 2, "test": 4}
        assert sorted(pair for name in data.sizes for pair in data.split(name).written) == sorted(rows)
    assert found[0].fingerprint == found[1].fingerprint
    other_way = load(tsv, DataOptions(reverse=True))
    assert sorted(other_way.train.written) == sorted((b, a) for a, b in found[0].train.written)


def test_a_semicolon_parts_columns_too(tmp_path: Path) -> None:
    data = load(written(tmp_path / "a.csv", "".join(f"one {number};eins {number}\n" for number in range(9))))
    assert set(data.train.written) <= {(f"one {number}", f"eins {number}") for number in range(9)}


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    for bad in ("one\ttwo\tthree", "one", "one\t"):
        path = written(tmp_path / "bad.tsv", f"a\tb\n{bad}\n")
        with pytest.raises(DataError, match=r"bad.tsv', line 2: \d columns where two are wanted"):
            load(path)


def test_no_source_is_in_two_splits(tmp_path: Path) -> None:
    lines = [f"s{number % 30}\tt{number}" for number in range(120)]
    data = load(written(tmp_path / "twice.tsv", "\n".join(lines)))
    train, validation, test = ({source for source, _ in data.split(name).written} for name in data.sizes)
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert sum(data.sizes.values()) == 120


def test_languages_are_the_training_parts() -> None:
    data = assembled({"train": [("ab", "c")], "validation": [("a", "c")], "test": [("x", "y")]}, "made", DataOptions())
    assert isinstance(data.spec.source, Language)
    assert data.spec.source.vocabulary == (UNKNOWN, *SPECIAL, "a", "b")
    assert data.test.written == (("x", "y"),), "a reference is what was written, not what tokens can say"


@pytest.mark.parametrize("option", [{"reverse": True}, {"target_tokens": "words"}, {"bpe_size": 99}])
def test_what_only_pairs_have_is_refused_for_pictures(option: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"goes with .*pairs of sentences.*, but 'digits' has 1x8x8 images"):
        load("digits", DataOptions(**option))


# Sets that are computed


def understood(text: str) -> set[str]:
    """Every date that a reader who knows no style could take a text for: which numbers are in it, and in what order."""
    import re

    words = [
        word
        for word in re.findall(r"[a-z]+(?:-[a-z]+)?|\d+", text.lower())
        if word not in ("the", "of", "in", "on", "year")
    ]
    year = next(word for word in words if len(word) == 4 and word.isdigit())
    place = words.index(year)
    rest = words[:place] + words[place + 1 :]
    rest = [it for it in rest if it not in ("st", "nd", "rd", "th") and it not in _weekdays()]
    months = {name.lower(): n for names in (MONTHS, SHORT, ROMAN) for n, name in enumerate(names, 1)}
    days = {name: n for n, name in enumerate(ORDINALS, 1)}
    named = [months[it] for it in rest if it in months]
    numbers = [days[it] if it in days else int(it) for it in rest if it in days or it.isdigit()]
    ways = (
        [(named[0], numbers[0])]
        if named
        else [tuple(numbers)]
        if place == 0
        else [tuple(numbers), tuple(numbers[::-1])]
    )
    found = set()
    for month, day in ways:
        try:
            found.add(datetime.date(int(year), month, day).isoformat())
        except ValueError:
            continue
    return found


def _weekdays() -> set[str]:
    return {name.lower()[:size] for name in WEEKDAYS for size in (3, 9)}


def test_every_written_date_can_be_understood_in_one_way_and_it_is_the_target() -> None:
    pairs = date_pairs()
    assert len(pairs) == len({target for _, target in pairs}) == 40_000
    for source, target in pairs[:6000]:
        assert understood(source) == {target}, source


def test_weekdays_are_those_of_the_calendar() -> None:
    for source, target in date_pairs()[:6000]:
        first = source.split()[0].strip(",").lower()
        if first in _weekdays():
            assert datetime.date.fromisoformat(target).strftime("%A").lower().startswith(first[:3])


def test_ordinals_and_styles() -> None:
    assert [ordinal(day) for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "31st"
    ]  # fmt: skip
    date = datetime.date(1776, 7, 4)
    assert "the 4th of July, 1776" in {style(date) for style in STYLES}
    assert len({style(date) for style in STYLES}) == len(STYLES)


def number_of(words: str) -> int:
    """The inverse of `in_words`, by the meaning of its words."""
    values = {in_words(number): number for number in [*range(20), *range(20, 100, 10)]}
    whole = part = 0
    for word in words.replace("-", " ").split():
        if word == "thousand":
            whole, part = part * 1000, 0
        else:
            part = part * 100 if word == "hundred" else part + values[word]
    return whole + part


@given(st.integers(0, 999_999))
def test_a_number_in_words_is_that_number(number: int) -> None:
    assert number_of(in_words(number)) == number


def test_number_words_and_their_splits() -> None:
    assert in_words(402_076) == "four hundred two thousand seventy-six"
    pairs = number_pairs()
    assert len(pairs) == len({target for _, target in pairs}) == 40_000
    assert all(number_of(source) == int(target) for source, target in pairs[:4000])
    assert sum(int(target) < 1000 for _, target in pairs) > 500
    data = load("number-words", DataOptions(tokens="words", target_tokens="characters"))
    train, test = ({pair[1] for pair in split.written} for split in (data.train, data.test))
    assert not train & test
    assert (data.spec.source.unit, data.spec.target.unit) == ("words", "characters")


def test_multi30k_is_read_with_its_own_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"put train.de.gz and its like into the folder multi30k/ of \$UNDERSTUDY_DATA"):
        load("multi30k-de-en")
    (tmp_path / "multi30k").mkdir()
    for stem, count in {"train": 9, "val": 3, "test_2016_flickr": 2}.items():
        for language, word in {"de": "Hund", "en": "dog"}.items():
            text = "".join(f"{word} {stem[:2]} {number}\n" for number in range(count))
            (tmp_path / "multi30k" / f"{stem}.{language}.gz").write_bytes(gzip.compress(text.encode()))
    monkeypatch.setenv("UNDERSTUDY_DATA", str(tmp_path))
    data = load("multi30k-de-en")
    assert data.sizes == {"train": 9, "validation": 3, "test": 2}
    assert data.test.written == (("Hund te 0", "dog te 0"), ("Hund te 1", "dog te 1"))
    assert data.spec.source.unit == data.spec.target.unit == "bpe"
