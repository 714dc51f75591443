"""Numbers of real digits: drawn the same each time, and no digit's picture in two splits."""

import numpy as np
import pytest
import torch

from understudy.data.captions import CaptionItems
from understudy.data.digit_captions import caption, load_digit_captions, written
from understudy.data.digits import read_digits
from understudy.data.fit import Fit
from understudy.data.options import DataOptions
from understudy.data.sentences import END
from understudy.data.sources import load
from understudy.data.spec import CaptionSpec, spec_from_json, spec_to_json
from understudy.data.splits import split
from understudy.data.text import IGNORED
from understudy.errors import DataError, OptionError


@pytest.fixture(scope="module")
def data():
    return load("digit-captions")


def digits_in(picture: np.ndarray, known: dict[bytes, int]) -> list[int]:
    """The digits' pictures that stand side by side in a picture, by their numbers."""
    for count in (3, 2):
        for left in range(28 - 8 * count + 1):
            parts = [picture[0, :, left + 8 * place : left + 8 * place + 8].tobytes() for place in range(count)]
            rest = picture.copy()
            rest[0, :, left : left + 8 * count] = 0
            if not rest.any() and all(part in known for part in parts):
                return [known[part] for part in parts]
    raise AssertionError("no digits")


def test_captions_say_which_digits_stand_there_and_the_splits_share_none(data) -> None:
    pictures, labels = read_digits()
    known = {picture.tobytes(): number for number, picture in enumerate(pictures)}
    parts = split(len(pictures), test=None, validation=None, seed=0, name="")
    for name in ("train", "validation", "test"):
        items = data.split(name)
        for place in range(0, len(items), len(items) // 200):
            shown = digits_in(items.x[place].numpy(), known)
            assert set(shown) <= set(getattr(parts, name).tolist())
            assert items.written[place] == caption(int("".join(str(labels[it]) for it in shown)))


def test_digits_are_split_alike_so_that_an_encoder_of_theirs_has_not_seen_the_test() -> None:
    pictures, _ = read_digits()
    parts = split(len(pictures), test=None, validation=None, seed=0, name="")
    own = {picture.tobytes() for picture in pictures[parts.test]}
    assert {picture.numpy().tobytes() for picture in load("digits").test.x} == own


def test_every_split_has_two_and_three_digits_and_they_wander(data) -> None:
    assert data.sizes == {"train": 20_000, "validation": 1_000, "test": 2_000}
    assert data.spec.shape == (1, 8, 28)
    hundreds = np.mean(["hundred" in text for text in data.test.written])
    assert 0.45 < hundreds < 0.55
    begins = (data.test.x > 0).any(2)[:, 0].int().argmax(1)
    assert len(begins.unique()) > 8


def test_it_is_the_same_each_time_and_another_with_another_split(data) -> None:
    again = load_digit_captions(DataOptions())
    assert torch.equal(data.test.x, again.test.x)
    assert data.fingerprint == again.fingerprint != load_digit_captions(DataOptions(split_seed=1)).fingerprint


def test_a_batch_has_pictures_in_0_to_1_and_captions_with_an_end(data) -> None:
    batch = data.train.take(torch.tensor([3, 1, 2]))
    assert batch.x.dtype == torch.float32
    assert float(batch.x.max()) == 1.0
    spec = data.spec
    assert isinstance(spec, CaptionSpec)
    for row, place in zip(batch.y, (3, 1, 2), strict=True):
        tokens = row[row != IGNORED].tolist()
        assert tokens[-1] == END
        assert spec.target.decode(tokens) == data.train.written[place]
    assert len(batch) == int((batch.y != IGNORED).sum())
    few = data.train.only(torch.tensor([5, 7]))
    assert isinstance(few, CaptionItems)
    assert few.written == (data.train.written[5], data.train.written[7])


def test_no_number_begins_with_0() -> None:
    pictures, labels = np.zeros((4, 8, 8), np.uint8), np.array([0, 0, 0, 7])
    _, captions = written(pictures, labels, np.arange(4), 50, np.random.RandomState(0))
    assert all(text.startswith("seven") for text in captions)


def test_a_spec_goes_through_json(data) -> None:
    assert spec_from_json(spec_to_json(data.spec)) == data.spec


def test_what_does_not_fit_is_refused(data) -> None:
    with pytest.raises(OptionError, match="tokens goes with"):
        load("digit-captions", DataOptions(tokens="words"))
    with pytest.raises(DataError, match="has 1x8x28 images with captions"):
        load_digit_captions(DataOptions(), Fit(load("digits").spec))
    assert load_digit_captions(DataOptions(), Fit(data.spec)).spec is data.spec
