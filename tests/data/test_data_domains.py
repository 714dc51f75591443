"""Two domains of pictures: unpaired, without classes in training, every picture as often as any other."""

import itertools
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from understudy.data.batches import batches, in_order
from understudy.data.conform import load_for, unlabelled
from understudy.data.dataset import SPLITS, OwnBatches
from understudy.data.domain_sets import outlines
from understudy.data.domains import DomainItems, domain, unpaired
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import DomainsSpec, ImageSpec, spec_from_json, spec_to_json
from understudy.data.streaming import PictureItems
from understudy.errors import DataError, OptionError, UnknownName

Pictures = Callable[..., Path]
REAL = os.environ.get("UNDERSTUDY_DATA", "")


def numbered(first: int = 7, second: int = 3) -> DomainItems:
    """Pictures of one pixel that says which they are; those of the second domain are above 100."""
    return DomainItems(
        (
            ArrayItems(torch.arange(first).float().view(-1, 1, 1, 1), torch.zeros(first).long()),
            ArrayItems(100 + torch.arange(second).float().view(-1, 1, 1, 1), torch.ones(second).long()),
        )
    )


def seen(items: DomainItems, batch: int, epochs: range, start: int = 0, seed: int = 0) -> list[tuple[int, int]]:
    found = [batches(items, batch, seed=seed, epoch=epoch, start=start) for epoch in epochs]
    return [tuple(pair) for part in itertools.chain(*found) for pair in part.x.flatten(1).long().tolist()]


def test_every_picture_of_a_domain_comes_as_often_as_any_other() -> None:
    items = numbered()
    assert isinstance(items, OwnBatches)
    pairs = seen(items, 2, range(1, 4))
    assert len(pairs) == 3 * len(items) == 21
    assert Counter(a for a, _ in pairs) == dict.fromkeys(range(7), 3)
    assert Counter(b for _, b in pairs) == dict.fromkeys(range(100, 103), 7)
    assert sorted(a for a, _ in pairs[:7]) == list(range(7)), "the larger domain once in each epoch"


def test_nobody_pairs_the_domains() -> None:
    pairs = seen(numbered(6, 6), 4, range(1, 200))
    counts = Counter(pairs)
    assert len(counts) == 36
    assert max(counts.values()) < 60, "of 1194 pairs each of the 36 has 33 by chance"


def test_an_epoch_can_be_resumed_at_any_batch() -> None:
    items = numbered(11, 4)
    for epoch, start in itertools.product((1, 2, 3), range(4)):
        whole = seen(items, 3, range(epoch, epoch + 1))
        assert seen(items, 3, range(epoch, epoch + 1), start) == whole[3 * start :]
    assert items.batch_count(3) == 4
    assert seen(items, 3, range(1, 2)) != seen(items, 3, range(2, 3)) != seen(items, 3, range(2, 3), seed=1)


def test_scores_see_every_picture_and_training_no_class() -> None:
    items = numbered()
    pairs = list(in_order(items, 3))
    assert all(batch.y is None for batch in pairs)
    assert next(batches(items, 3, seed=0, epoch=1)).y is None
    assert torch.cat([batch.x for batch in pairs])[:, 0].flatten().tolist() == list(range(7))
    assert items.take(torch.tensor([6, 4])).x.flatten(1).tolist() == [[6, 100], [4, 101]]
    assert items.sides[1].y is not None
    assert all(side.y is None for side in unlabelled(items).sides)


@pytest.fixture(scope="module")
def drawn():
    return load("digits-to-outlines")


def test_outlines_are_of_other_digits_than_the_filled_ones(drawn) -> None:
    first, second = (torch.cat([drawn.split(name).sides[side].x for name in SPLITS])[:, 0].numpy() for side in (0, 1))
    digits = load("digits", DataOptions(image_size=16))
    every = torch.cat([digits.split(name).x for name in SPLITS])[:, 0].numpy()
    kept = {picture.tobytes() for picture in first}
    traced = {picture.tobytes() for picture in second}
    assert len(first) + len(second) == len(every) == 1797
    assert kept < {picture.tobytes() for picture in every}
    assert traced == {outlines(picture[None]).tobytes() for picture in every if picture.tobytes() not in kept}


def test_an_outline_is_what_a_pixels_neighbours_differ_by() -> None:
    square = np.zeros((1, 7, 7), np.uint8)
    square[0, 2:5, 2:5] = 200
    expected = np.zeros((7, 7), np.uint8)
    expected[1:6, 1:6] = 200
    expected[3, 3] = 0
    assert np.array_equal(outlines(square)[0], expected)


def test_a_domain_is_a_set_of_its_own(drawn) -> None:
    spec = drawn.spec
    assert spec == DomainsSpec(1, 16, 16, ("digits", "outlines"), tuple("0123456789"))
    assert spec_from_json(spec_to_json(spec)) == spec
    assert (spec.shape, spec.size) == ((2, 1, 16, 16), 512)
    one = domain(drawn, 1)
    assert (one.name, one.spec) == ("outlines", ImageSpec(1, 16, 16, tuple("0123456789")))
    batch = one.test.take(torch.arange(100))
    assert batch.y is not None
    assert torch.equal(batch.x, drawn.test.take(torch.arange(100)).x[:, 1])


def test_options_are_heeded_or_refused(drawn) -> None:
    larger = load("digits-to-outlines", DataOptions(image_size=12, test_fraction=0.5))
    assert larger.spec.shape == (2, 1, 12, 12)
    assert larger.sizes["test"] == 450
    assert load("digits-to-outlines", DataOptions(split_seed=1)).fingerprint == drawn.fingerprint
    with pytest.raises(OptionError, match="leave_out goes with pictures or rows"):
        load("digits-to-outlines", DataOptions(leave_out="3"))
    with pytest.raises(DataError, match="trained on 1x8x8 images; 'digits-to-outlines' has pictures of two domains"):
        load_for("digits-to-outlines", ImageSpec(1, 8, 8))
    with pytest.raises(DataError, match=r"trained on 1x9x9 images; .* has 1x16x16 images; resize"):
        load_for("digits-to-outlines", DomainsSpec(1, 9, 9, ("a", "b")))


@pytest.mark.skipif(not (Path(REAL) / "mnist").is_dir() or not REAL, reason="needs $UNDERSTUDY_DATA/mnist")
def test_digits_and_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_DATA", REAL)
    data = load("digits-to-mnist")
    assert data.spec == DomainsSpec(1, 28, 28, ("digits", "mnist"), tuple("0123456789"))
    assert [len(side) for side in data.train.sides] == [1294, 54_000]
    assert [len(side) for side in data.test.sides] == [359, 10_000]
    assert torch.equal(domain(data, 1).test.x, load("mnist").test.x)
    assert torch.equal(domain(data, 0).test.y, load("digits").test.y)


def tree(root: Path, pictures: Pictures, sizes: dict[str, int], **how: object) -> Path:
    for number, (name, count) in enumerate(sizes.items()):
        pictures(root / name, count + number, **how)  # the number of pictures seeds them
    return root


def test_a_folder_in_the_layout_of_cyclegans_data(tmp_path: Path, pictures: Pictures) -> None:
    root = tree(tmp_path / "horse2zebra", pictures, {"trainA": 20, "trainB": 9, "testA": 3, "testB": 4})
    data = load(root)
    assert data.name == "horse2zebra"
    assert data.spec == DomainsSpec(3, 5, 6, ("A", "B"))
    assert [len(side) for side in data.train.sides] == [18, 9]
    assert [len(side) for side in data.validation.sides] == [2, 1]
    assert [len(side) for side in data.test.sides] == [5, 7]
    assert data.train.take(torch.tensor([3, 17])).x.shape == (2, 2, 3, 5, 6)
    assert load_for(root, data.spec).spec == data.spec


def test_what_a_domain_does_not_hold_out_is_held_out_for_it(tmp_path: Path, pictures: Pictures) -> None:
    sizes = load(tree(tmp_path / "d", pictures, {"trainA": 20, "trainB": 9, "valB": 2})).test.sides
    assert [len(side) for side in sizes] == [4, 2]


def test_classes_count_where_both_domains_have_them(tmp_path: Path, pictures: Pictures) -> None:
    same = {f"train{side}/{name}": 5 for side in "AB" for name in ("cat", "dog")}
    data = load(tree(tmp_path / "same", pictures, same))
    assert data.spec.classes == ("cat", "dog")
    assert domain(data, 1).train.take(torch.tensor([0])).y is not None
    other = {"trainA/horse": 5, "trainA/pony": 5, "trainB/zebra": 5}
    assert load(tree(tmp_path / "other", pictures, other)).spec.classes == ()


def test_classes_of_other_data_get_the_runs_numbers(tmp_path: Path, pictures: Pictures) -> None:
    folders = {f"train{side}/{name}": 5 for side in "AB" for name in ("cat", "dog")}
    root = tree(tmp_path / "d", pictures, folders)
    own = load_for(root, DomainsSpec(3, 5, 6, ("x", "y"), ("bee", "cat", "dog")), whole=True)
    assert own.spec.classes == ("bee", "cat", "dog")
    assert set(own.test.sides[1].y.tolist()) == {1, 2}


def test_grey_beside_colour_is_read_as_colour(tmp_path: Path, pictures: Pictures) -> None:
    root = tree(tmp_path / "d", pictures, {"trainA": 10}, mode="L")
    tree(root, pictures, {"trainB": 10}, mode="L")
    assert load(root).spec.channels == 1
    Image.new("RGB", (6, 5)).save(root / "trainB" / "colour.png")
    data = load(root)
    assert data.spec.channels == 3
    grey = data.train.sides[0].take(torch.arange(7)).x
    assert torch.equal(grey[:, 0], grey[:, 2])


def test_a_stream_and_memory_give_the_same_batches(
    tmp_path: Path, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(tmp_path / "d", pictures, {"trainA": 12, "trainB": 11})
    kept, streamed = (load(root, DataOptions(memory=way, image_size=4)) for way in ("keep", "stream"))
    assert isinstance(streamed.train.sides[0], PictureItems)
    pairs = zip(*(batches(data.train, 4, seed=0, epoch=2) for data in (kept, streamed)), strict=True)
    assert all(torch.equal(one.x, other.x) for one, other in pairs)
    # The two domains fill the memory together.
    monkeypatch.setattr("understudy.data.folder.budget", lambda: 24 * 3 * 5 * 6 - 1)
    assert isinstance(load(root).train.sides[0], PictureItems)
    monkeypatch.setattr("understudy.data.folder.budget", lambda: 24 * 3 * 5 * 6)
    assert isinstance(load(root).train.sides[0], ArrayItems)


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (("trainA",), r"has no folder trainB; accepted: trainA, trainB, valA, valB, testA, testB"),
        (("trainA", "trainB", "extra"), r"has pictures of two domains and also 'extra'; accepted: trainA"),
        (("trainA", "trainB", "."), r"has pictures of two domains and also '000\d.png'"),
        (("trainA", "trainB", "valA", "validA"), r"has two folders for validationA"),
        (("trainA/x", "trainB/x", "testA/y"), r"train and test have different classes"),
    ],
)
def test_folders_that_are_refused(tmp_path: Path, pictures: Pictures, folders: tuple[str, ...], message: str) -> None:
    root = tmp_path / "d"
    for name in folders:
        pictures(root / name, 4)
    with pytest.raises(DataError, match=message):
        load(root)


def test_an_empty_side_and_sizes_that_differ_are_refused(tmp_path: Path, pictures: Pictures) -> None:
    root = tree(tmp_path / "d", pictures, {"trainA": 10})
    (root / "trainB").mkdir()
    with pytest.raises(DataError, match=r"no pictures in '.*trainB'"):
        load(root)
    pictures(root / "trainB", 10, size=(8, 8))
    with pytest.raises(DataError, match=r"domains of 'd' differ: A 3x5x6 images and B 3x8x8 images; pass --image-size"):
        load(root)
    assert load(root, DataOptions(image_size=5)).spec.shape == (2, 3, 5, 5)


def test_unpaired_takes_any_two_sets_of_pictures() -> None:
    digits = load("digits")
    data = unpaired("own", digits, digits, ("one", "two"))
    assert np.prod(data.spec.shape) == data.spec.size
    with pytest.raises(UnknownName, match=r"unknown domain 'tow'\. Did you mean 'two'"):
        data.spec.number("tow")
    assert data.spec.number("two") == 1
