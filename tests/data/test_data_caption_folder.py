"""A user's own pictures with captions: read, split by picture, refused in one line."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from understudy.data.captions import CaptionItems, first
from understudy.data.conform import load_for
from understudy.data.dataset import SPLITS, Dataset
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import CaptionSpec
from understudy.errors import DataError, OptionError

COUNT = 20


def made(folder: Path, table: str | None = None, name: str = "captions.csv", size: int = 8) -> Path:
    """Pictures of a brightness each, two captions of every even one."""
    (folder / "deep").mkdir(parents=True)
    rows = ["file,caption"]
    for number in range(COUNT):
        file = f"deep/p{number:02}.png" if number % 3 else f"p{number:02}.png"
        Image.fromarray(np.full((size, size + 4), 10 * number, np.uint8)).save(folder / file)
        rows += [f"{file},shade number {number}"]
        rows += [f'{file},"{number}, said again"'] if number % 2 == 0 else []
    (folder / name).write_text("\n".join(rows) if table is None else table)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(str(made(tmp_path_factory.mktemp("own") / "shades")))


def items_of(data: Dataset, split: str) -> CaptionItems:
    items = data.split(split)  # type: ignore[arg-type]
    assert isinstance(items, CaptionItems)
    return items


def test_each_caption_is_an_item_and_a_picture_is_in_one_split(data: Dataset) -> None:
    assert data.name == "shades"
    assert isinstance(data.spec, CaptionSpec)
    assert data.spec.shape == (1, 8, 12)
    assert sum(data.sizes.values()) == COUNT + COUNT // 2
    shades = {}
    for split in SPLITS:
        items = items_of(data, split)
        batch = items.take(torch.arange(len(items)))
        for picture, text in zip(batch.x, items.written, strict=True):
            assert picture.unique().numel() == 1
            number = round(float(picture.max()) * 255) // 10
            assert str(number) in text.replace(",", "").split()
            assert shades.setdefault(number, split) == split
    assert set(shades) == set(range(COUNT))


def test_a_picture_that_is_looked_at_has_all_its_captions(data: Dataset) -> None:
    items = items_of(data, "train")
    told = items.captions()
    assert len(told) == len(items.x) == sum(1 for text in items.written if text.startswith("shade"))
    for place, texts in enumerate(told):
        number = int(items.x[place].max()) // 10
        assert texts[0] == f"shade number {number}" and len(texts) == 1 + (number % 2 == 0)
    few = first(items, 3)
    assert torch.equal(few.x, items.x[:3]) and few.written == tuple(texts[0] for texts in told[:3])


def test_the_target_knows_training_words_alone(data: Dataset) -> None:
    assert isinstance(data.spec, CaptionSpec)
    vocabulary, spoken = set(data.spec.target.vocabulary), " ".join(items_of(data, "train").written)
    assert {"shade", "again"} <= vocabulary
    assert all(word in spoken for word in vocabulary if word.isdigit())


def test_splits_of_the_tables_own_and_tabs(tmp_path: Path) -> None:
    names = ("train", "val", "test")
    rows = ["Caption\tsource\tFile\tSplit"]
    rows += [f"a shade\tme\t{'deep/' if n % 3 else './'}p{n:02}.png\t{names[n % 3]}" for n in range(COUNT)]
    data = load(str(made(tmp_path / "own", "\n".join(rows), "captions.tsv")))
    assert data.sizes == {"train": 7, "validation": 7, "test": 6}
    assert (items_of(data, "test").x[:, 0, 0, 0] // 10).tolist() == [2, 5, 8, 11, 14, 17]


def test_other_tokens_and_sizes(tmp_path: Path) -> None:
    folder = str(made(tmp_path / "own"))
    data = load(folder, DataOptions(tokens="characters", image_size=6))
    assert isinstance(data.spec, CaptionSpec)
    assert data.spec.shape == (1, 6, 6) and data.spec.target.unit == "characters"
    with pytest.raises(OptionError, match="tokens=bytes goes with a text"):
        load(folder, DataOptions(tokens="bytes"))
    with pytest.raises(OptionError, match="memory goes with"):
        load(folder, DataOptions(memory="stream"))
    with pytest.raises(OptionError, match="image_size goes with a folder of captioned pictures"):
        load("digit-captions", DataOptions(image_size=16))


def test_others_are_read_in_the_runs_words(data: Dataset, tmp_path: Path) -> None:
    other = made(tmp_path / "other", "file,caption\np00.png,shade of a unicorn\n")
    found = load_for(str(other), data.spec, whole=True)
    assert found.spec == data.spec and found.sizes == {"train": 0, "validation": 0, "test": 1}
    tokens = items_of(found, "test").take(torch.tensor([0])).y
    assert tokens is not None
    assert isinstance(data.spec, CaptionSpec)
    assert "unicorn" not in data.spec.target.decode(tokens[0].tolist())
    with pytest.raises(DataError, match=r"run was trained on 1x8x12 images .*; 'large' has 1x9x13 images"):
        load_for(str(made(tmp_path / "large", size=9)), data.spec, whole=True)
    with pytest.raises(DataError, match="'other' has pictures with captions"):
        load_for(str(other), load("digits").spec, whole=True)


def test_a_changed_caption_changes_the_fingerprint(data: Dataset, tmp_path: Path) -> None:
    folder = made(tmp_path / "again")
    assert load(str(folder)).fingerprint == data.fingerprint
    table = folder / "captions.csv"
    table.write_text(table.read_text().replace("shade number 3", "another shade"))
    assert load(str(folder)).fingerprint != data.fingerprint


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", "captions.csv' is empty; its first row must name the columns file and caption"),
        ("picture,caption\np00.png,a\n", "begins with picture, caption; its first row must name the columns file and"),
        ("file,caption\n", "captions.csv' has no rows"),
        ("file,caption\np00.png,a,b\n", "line 2: 3 columns where the header has 2"),
        ("file,caption\np00.png,a\np99.png,b\n", "line 3 names 'p99.png', which is not in"),
        ("file,caption\n,b\n", "line 2 names '', which is not in"),
        ("file,caption\np00.png, \n", "line 2: 'p00.png' has an empty caption"),
        ("file,caption,split\np00.png,a,dev\n", "line 2: there is no split 'dev'; accepted: train, validation, val"),
        ("file,caption,split\np00.png,a,train\n./p00.png,b,test\n", "line 3: 'p00.png' is in test, and in train"),
        ("file,caption,split\np00.png,a,test\n", "has no row of the split train"),
        ("file,caption\np00.png,a\nnote.txt,b\n", "note.txt' is not a PNG or JPEG picture"),
        ("file,caption\np00.png,a\nlarge.png,b\n", "pictures differ in size"),
        ('file,caption\np00.png,"a\n', "cannot read"),
    ],
)
def test_what_is_wrong_with_the_table_is_said_in_a_line(tmp_path: Path, table: str, expected: str) -> None:
    folder = made(tmp_path / "own", table)
    (folder / "note.txt").write_text("no picture")
    Image.fromarray(np.zeros((30, 30), np.uint8)).save(folder / "large.png")
    with pytest.raises(DataError) as told:
        load(str(folder))
    assert expected in str(told.value) and "\n" not in str(told.value)


def test_two_tables_are_one_too_many(tmp_path: Path) -> None:
    (made(tmp_path / "own") / "captions.tsv").write_text("file\tcaption\n")
    with pytest.raises(DataError, match=r"has captions.csv and captions.tsv; keep one of them"):
        load(str(tmp_path / "own"))
