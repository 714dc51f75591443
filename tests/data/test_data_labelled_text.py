import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from understudy.data.batches import batch_count, batches, in_order
from understudy.data.conform import as_batch, load_for
from understudy.data.dataset import SPLITS
from understudy.data.labelled_text import PADDING, LabelledTexts, packed, read_part
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import LabelledTextSpec, spec_from_json, spec_to_json
from understudy.data.vocabulary import UNKNOWN
from understudy.errors import DataError, OptionError
from understudy.models import build
from understudy.settings import validated


def folder_of(root: Path, texts: dict[str, list[str]], encoding: str = "utf-8") -> Path:
    for label, some in texts.items():
        (root / label).mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(some):
            (root / label / f"{number:03}.txt").write_bytes(text.encode(encoding))
    return root


def opinions(root: Path, count: int = 12) -> Path:
    return folder_of(
        root,
        {"bad": [f"A dull odd{number}, dull ." for number in range(count)],
         "good": [f"A Fine even{number} , it is  fine\nand warm !" for number in range(count)]},
    )  # fmt: skip


def spec_of(data: Any) -> LabelledTextSpec:
    assert isinstance(data.spec, LabelledTextSpec)
    return data.spec


def texts(data: Any, split: str) -> list[list[str]]:
    items = data.split(split)
    return [[spec_of(data).vocabulary[token] for token in items.whole(place)] for place in range(len(items))]


# What is read


def test_subfolders_are_classes_and_words_those_of_several_training_texts(tmp_path: Path) -> None:
    data = load(opinions(tmp_path / "films"))
    assert (data.name, data.spec.classes, data.sizes) == (
        "films", ("bad", "good"), {"train": 17, "validation": 2, "test": 5},
    )  # fmt: skip
    words = (UNKNOWN, "!", ",", ".", "a", "and", "dull", "fine", "is", "it", "warm")
    assert spec_of(data).vocabulary == words, "odd3 is in one text alone"
    assert spec_of(data).length == 10
    for split in SPLITS:
        items = data.split(split)
        for place, found in enumerate(texts(data, split)):
            assert ("dull" in found) == (items.y[place] == 0)
            assert found[:3] == ["a", "dull" if items.y[place] == 0 else "fine", UNKNOWN]
    assert spec_from_json(spec_to_json(data.spec)) == data.spec


def test_the_vocabulary_is_the_training_parts_alone(tmp_path: Path) -> None:
    root = opinions(tmp_path / "films")
    options = DataOptions(least_count=1)
    data = load(root, options)
    films = [word for word in spec_of(data).vocabulary if word[-1].isdigit()]
    read = {word for text in texts(data, "train") for word in text if word[-1].isdigit()}
    assert set(films) == read
    assert all(UNKNOWN in text for text in texts(data, "test"))


def test_official_splits_in_subfolders_are_kept(tmp_path: Path) -> None:
    root = tmp_path / "films"
    for split, count in (("train", 10), ("test", 4)):
        opinions(root / split, count)
    assert load(root).sizes == {"train": 18, "validation": 2, "test": 8}
    with pytest.raises(OptionError, match="has splits of its own; leave fold and folds out"):
        load(root, DataOptions(folds=5, fold=1))


@pytest.mark.parametrize(("suffix", "mark"), [("csv", ","), ("csv", ";"), ("tsv", "\t")])
def test_a_table_has_a_text_and_a_label_column_in_any_order(tmp_path: Path, suffix: str, mark: str) -> None:
    rows = [f'{number}{mark}yes{mark}"good, ""so"" good\nindeed"\r\n{number}{mark}no{mark}bad' for number in range(8)]
    (tmp_path / f"said.{suffix}").write_text(f"id{mark}Label{mark}text\n" + "\n".join(rows), newline="")
    data = load(tmp_path / f"said.{suffix}")
    assert data.spec.classes == ("no", "yes")
    assert sum(data.sizes.values()) == 16
    assert ["good", ",", '"', "so", '"', "good", "indeed"] in texts(data, "train")


def test_texts_come_from_python_too(tmp_path: Path) -> None:
    data = load((["one two", "three two"] * 10, [7, 11] * 10))
    assert data.spec.classes == ("7", "11")
    assert sum(data.sizes.values()) == 20
    with pytest.raises(DataError, match="19 labels for 20 items"):
        load((["one two", "three two"] * 10, [7, 11] * 9 + [7]))


@pytest.mark.parametrize(("cut", "kept"), [("head", "a b c"), ("tail", "c d e")])
def test_of_a_long_text_the_head_or_the_tail_is_read(cut: str, kept: str) -> None:
    options = validated(DataOptions, {"most_tokens": 3, "cut": cut, "least_count": 1}, "data")
    data = load((["a b c d e"] * 6 + ["A"] * 6, ["x"] * 6 + ["y"] * 6), options)
    spec = spec_of(data)
    assert spec.length == 3
    for place in range(len(data.train)):
        row = data.train.take(torch.tensor([place])).x[0]
        expected = kept if len(row) > 1 else "a"
        assert [spec.vocabulary[token] for token in row] == expected.split()
    assert read_part("A B c, D", spec) == (["A", "B", "c"] if cut == "head" else ["c", ",", "D"])
    with pytest.raises(OptionError, match="cut=tail goes with most_tokens"):
        validated(DataOptions, {"cut": "tail"}, "data options")


@pytest.mark.parametrize("unit", ["characters", "bytes"])
def test_characters_and_bytes_are_read_as_well(unit: str) -> None:
    data = load((["ähm", "ÄHM ja"] * 8, ["x", "y"] * 8), validated(DataOptions, {"tokens": unit}, "data"))
    assert spec_of(data).length == (6 if unit == "characters" else 7)
    small, large = as_batch(["ähm", "ÄHM"], data.spec)
    assert torch.equal(small, large), "capitals are small ones unless lower_case is false"
    kept = load((["ähm", "ÄHM ja"] * 8, ["x", "y"] * 8), DataOptions(tokens="characters", lower_case=False))
    assert not torch.equal(*as_batch(["ähm", "ÄHM"], kept.spec))


# Batches


def items(lengths: list[int]) -> LabelledTexts:
    spec = LabelledTextSpec("words", tuple("?ab"), 9, "head", True, ("x", "y"))
    return packed([np.full(n, 1, np.int32) for n in lengths], torch.arange(len(lengths)), spec)  # y tells them apart


@given(st.lists(st.integers(1, 14), min_size=1, max_size=90), st.integers(1, 9), st.integers(0, 5), st.integers(1, 3))
def test_an_epoch_has_every_text_once_and_can_be_begun_at_any_batch(
    lengths: list[int], batch: int, seed: int, epoch: int
) -> None:
    some = items(lengths)
    found = list(batches(some, batch, seed=seed, epoch=epoch))
    assert len(found) == batch_count(some, batch)
    assert sorted(torch.cat([part.y for part in found]).tolist()) == list(range(len(lengths)))
    for part in found:
        assert len(part) <= batch
        read = [min(lengths[number], 9) for number in part.y]
        assert (part.x != PADDING).sum(1).tolist() == read
        assert part.x.shape == (len(read), max(read))
    start = len(found) // 2
    tail = list(batches(some, batch, seed=seed, epoch=epoch, start=start))
    assert all(torch.equal(one.y, other.y) for one, other in zip(found[start:], tail, strict=True))
    assert sorted(torch.cat([part.y for part in in_order(some, batch)]).tolist()) == list(range(len(lengths)))


def test_little_is_padding_and_epochs_and_seeds_differ() -> None:
    lengths = np.random.default_rng(0).integers(1, 9, 400).tolist()
    some = items(lengths)
    found = {key: list(batches(some, 8, seed=key[0], epoch=key[1])) for key in ((0, 1), (0, 2), (1, 1))}
    wasted = [float((torch.cat([part.x.flatten() for part in it]) == PADDING).float().mean()) for it in found.values()]
    assert max(wasted) < 0.1 < 0.4 < 1 - np.mean(lengths) / 8
    orders = [torch.cat([part.y for part in it]).tolist() for it in found.values()]
    assert orders[0] != orders[1] != orders[2] != orders[0]
    widths = [part.x.shape[1] for part in found[0, 1]]
    assert widths != sorted(widths), "short texts do not all come first"


# Folds


def test_folds_share_no_test_text_and_together_are_all(tmp_path: Path) -> None:
    root = opinions(tmp_path / "films", 13)
    seen: list[bytes] = []
    for fold in range(5):
        data = load(root, DataOptions(folds=5, fold=fold, tokens="bytes"))
        splits = {name: data.split(name) for name in SPLITS}
        parts = {name: {bytes(it.whole(at).tolist()) for at in range(len(it))} for name, it in splits.items()}
        assert not parts["train"] & parts["test"]
        assert not parts["train"] & parts["validation"]
        seen += parts["test"]
        assert len(data.train) + len(data.validation) + len(data.test) == 26
    assert len(seen) == len(set(seen)) == 26
    with pytest.raises(DataError, match="26 items, which make no 40 folds"):
        load(root, DataOptions(folds=40, fold=1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"fold": 1}, "fold and folds go together"), ({"fold": 5, "folds": 5}, "fold is from 0 to 4"),
     ({"fold": 0, "folds": 5, "test_fraction": 0.1}, "leave test_fraction out")],
)  # fmt: skip
def test_a_fold_that_makes_no_sense_is_refused(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(OptionError, match=expected):
        validated(DataOptions, options, "data options")


def archive(path: Path, count: int = 1000) -> None:
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as file:
        for label in ("neg", "pos"):
            for number in range(count):
                content = f"{label} review {number // 100}".encode()
                info = tarfile.TarInfo(f"txt_sentoken/{label}/cv{number:03}_{number * 7}.txt")
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))


def test_reviews_are_read_from_the_archive_in_their_customary_folds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"put review_polarity\.tar\.gz into"):
        load("review-polarity")
    archive(tmp_path / "text" / "review_polarity.tar.gz")
    monkeypatch.setenv("UNDERSTUDY_DATA", str(tmp_path))
    data = load("review-polarity", DataOptions(folds=10, fold=3))
    assert data.sizes == {"train": 1620, "validation": 180, "test": 200}
    assert {tuple(text) for text in texts(data, "test")} == {("neg", "review", UNKNOWN), ("pos", "review", UNKNOWN)}
    assert not any(UNKNOWN in text for text in texts(data, "train")), "what the fold's reviews say is nowhere else"
    assert torch.bincount(data.test.y).tolist() == [100, 100]


def test_another_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_DATA", str(tmp_path))
    archive(tmp_path / "text" / "review_polarity.tar.gz", 3)
    with pytest.raises(DataError, match="has 6 reviews where 2,000 are expected"):
        load("review-polarity")
    (tmp_path / "text" / "review_polarity.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(DataError, match=r"cannot read .*fetch it anew"):
        load("review-polarity")


# What is wrong is said with what to do


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    root = opinions(tmp_path / "films")
    (root / "bad" / "005.txt").write_text(" \n ")
    with pytest.raises(DataError, match=r"005\.txt' has no words to read; remove it"):
        load(root)
    (root / "bad" / "005.txt").write_bytes("Très ennuyeux".encode("latin-1"))
    with pytest.raises(DataError, match=r"005\.txt' is not utf-8: byte 0xe8 at 2; name its encoding"):
        load(root)
    assert len(load(root, DataOptions(encoding="latin-1")).train) == 17


def test_classes_that_are_missing_are_missed(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "one", {"only": ["some words here"] * 9})
    with pytest.raises(DataError, match="two classes or more"):
        build("sequence-classifier", {}, load(one).spec)
    opinions(tmp_path / "films")
    (tmp_path / "films" / "loose.txt").write_text("a loose one")
    with pytest.raises(DataError, match="loose texts"):
        load(tmp_path / "films")
    (tmp_path / "films" / "loose.txt").rename(tmp_path / "films" / "README.md")
    assert load(tmp_path / "films").name == "films"


@pytest.mark.parametrize(
    ("content", "expected"),
    [("text,stars,year\na,b,c\n", "begins with text, stars, year; accepted: columns called"), ("", "is empty"),
     ("text,label\na,b,c\n", "line 2: 3 columns where the header has 2"), ("text,label\n  ,b\n", "line 2 has no words"),
     ('text,label\n"a,b\n', "line 2: unexpected end of data")],
)  # fmt: skip
def test_a_table_that_is_wrong_is_named_with_its_line(tmp_path: Path, content: str, expected: str) -> None:
    more = "".join(f"one,x\ntwo,{label}\n" for label in "xyz") if content.count("\n") > 1 else ""
    (tmp_path / "said.csv").write_text(content if expected.endswith("data") else content + more)
    with pytest.raises(DataError, match=expected):
        load(tmp_path / "said.csv")


@pytest.mark.parametrize(
    "option", [{"image_size": 8}, {"memory": "keep"}, {"sequence_length": 8}, {"leave_out": "bad"}]
)
def test_what_labelled_texts_do_not_have_is_refused(tmp_path: Path, option: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"goes with (pictures|a text).*, but 'films' has labelled texts"):
        load(opinions(tmp_path / "films"), validated(DataOptions, option, "data"))


@pytest.mark.parametrize("option", [{"most_tokens": 8}, {"fold": 1, "folds": 3}, {"least_count": 3}])
@pytest.mark.parametrize("source", ["digits", "pydoc"])
def test_what_only_labelled_texts_have_is_refused_elsewhere(option: dict[str, Any], source: str) -> None:
    with pytest.raises(OptionError, match=r"goes with labelled texts, but '(digits|pydoc)' has"):
        load(source, DataOptions(**option))


# For a trained network


def test_new_texts_are_read_with_the_runs_words_and_class_numbers(tmp_path: Path) -> None:
    spec = spec_of(load(opinions(tmp_path / "films")))
    more = folder_of(tmp_path / "more", {"good": ["a fine thing", "it is fine"]})
    data = load_for(more, spec, whole=True)
    assert data.spec == spec
    assert data.sizes == {"train": 0, "validation": 0, "test": 2}
    assert data.test.y.tolist() == [1, 1]
    assert torch.equal(data.test.take(torch.tensor([0])).x, as_batch("A FINE thing", spec))
    strange = load_for(folder_of(tmp_path / "strange", {"so so": ["a fine thing"]}), spec, whole=True)
    assert strange.spec.classes == ("so so",)
    with pytest.raises(DataError, match="trained on labelled texts"):
        load_for("digits", spec)
    with pytest.raises(DataError, match="'films' has labelled texts"):
        load_for(tmp_path / "films", load("digits").spec)
    with pytest.raises(DataError, match="has no words to read"):
        as_batch(["fine", " "], spec)
    with pytest.raises(DataError, match="accepted: a text or a list of them"):
        as_batch(np.zeros(3), spec)
