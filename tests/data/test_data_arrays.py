import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from understudy.data.dataset import Dataset, Items
from understudy.data.memory import ArrayItems
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data.spec import ImageSpec, VectorSpec
from understudy.errors import DataError, OptionError

RNG = np.random.default_rng(0)


def held(items: Items) -> torch.Tensor:
    assert isinstance(items, ArrayItems)
    return items.x


def everything(data: Dataset) -> torch.Tensor:
    return torch.cat([held(part) for part in (data.train, data.validation, data.test)])


def sorted_rows(x: torch.Tensor) -> list[list[float]]:
    return sorted(x.flatten(1).tolist())


@pytest.mark.parametrize(
    ("shape", "spec"),
    [
        ((10, 6, 5), ImageSpec(1, 6, 5)),
        ((10, 6, 5, 1), ImageSpec(1, 6, 5)),
        ((10, 1, 6, 5), ImageSpec(1, 6, 5)),
        ((10, 6, 5, 3), ImageSpec(3, 6, 5)),
        ((10, 3, 6, 5), ImageSpec(3, 6, 5)),
    ],
)
def test_layouts_of_pictures(shape: tuple[int, ...], spec: ImageSpec) -> None:
    x = RNG.integers(0, 256, shape, dtype=np.uint8)
    data = load(x)
    assert data.spec == spec
    last = len(shape) == 4 and shape[3] in (1, 3)
    expected = torch.from_numpy(x.transpose(0, 3, 1, 2) if last else x.reshape(10, *spec.shape))
    assert sorted_rows(everything(data)) == sorted_rows(expected)


@pytest.mark.parametrize("kind", [np.bool_, np.int64, np.uint16, np.float16, np.float64])
def test_types_of_pictures(kind: type) -> None:
    top = 255 if np.issubdtype(kind, np.integer) else 1
    x = (RNG.integers(0, 2, (10, 4, 4)) * top).astype(kind)
    batch = load(x).train.take(torch.arange(3))
    assert batch.x.dtype == torch.float32
    assert sorted(set(batch.x.flatten().tolist())) == [0, 1]


def test_whole_numbers_of_0_and_1_are_no_pictures_on_a_scale_to_255() -> None:
    with pytest.raises(DataError, match=r"no value above 1.*give booleans"):
        load(RNG.integers(0, 2, (10, 4, 4)))


def test_rows_are_standardised_by_the_training_split() -> None:
    x = RNG.normal(5, 3, (200, 4))
    x[:, 2] = 0.1  # constant: its computed std is about 1e-17, not 0
    data = load((x, np.arange(200) % 2))
    assert isinstance(data.spec, VectorSpec)
    assert data.spec.std[2] == 1
    train = held(data.train)
    assert train.mean(0).abs().max() < 1e-6
    assert train[:, [0, 1, 3]].std(0, correction=0).numpy() == pytest.approx(1, abs=1e-5)
    back = data.spec.to_user(everything(data).numpy())
    assert np.sort(back, 0) == pytest.approx(np.sort(x, 0), abs=1e-4)


def test_tensors_lists_and_pairs() -> None:
    x = torch.rand(10, 3, 4, 4, requires_grad=True)
    assert load(x).spec == ImageSpec(3, 4, 4)
    assert load(x.bfloat16()).spec == ImageSpec(3, 4, 4)
    assert load([[1, 2], [3, 4], [5, 6]]).spec.shape == (2,)
    assert load((x, list("abababacab"))).spec.classes == ("a", "b", "c")


def test_the_caller_s_array_may_change_afterwards() -> None:
    x = np.zeros((10, 4, 4), np.uint8)
    data = load(x)
    x += 9
    assert everything(data).max() == 0


def bad(shape: tuple[int, ...], value: float, at: tuple[int, ...]) -> NDArray[np.float32]:
    x = np.zeros(shape, np.float32)
    x[at] = value
    return x


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(9), r"shape \(9,\) is not accepted; accepted: \(N, features\)"),
        (np.zeros((2, 2, 2, 2, 2)), "is not accepted; accepted"),
        (np.zeros((5, 0)), "holds no values"),
        (np.zeros((0, 4, 4)), "holds no values"),
        (np.zeros((5, 8, 8, 4)), "neither 1 nor 3 channels; flatten the transparency first"),
        (np.zeros((5, 2, 8, 8)), "neither 1 nor 3 channels; accepted"),
        (np.zeros((5, 3, 8, 3)), "channels first or last"),
        (bad((5, 4, 4), 255, (0, 1, 1)), "float pictures have values from 0 to 255; accepted: 0 to 1; divide by 255"),
        (bad((5, 4, 4), -1, (0, 1, 1)), "values from -1 to 0; accepted: 0 to 1; scale them"),
        (bad((5, 4, 4), np.nan, (3, 1, 2)), r"nan at index \(3, 1, 2\) \(1 such values\)"),
        (bad((5, 4), np.inf, (2, 3)), r"inf at index \(2, 3\)"),
        (np.full((5, 4, 4), 300), "values from 300 to 300; accepted: 0 to 255"),
        (np.full((5, 4, 4), -1), "values from -1 to -1"),
        (np.array([["a", "b"]]), "type <U1 is not accepted"),
        (np.array([[None, 1]]), "type object is not accepted"),
        (np.zeros((4, 2), complex), "type complex128 is not accepted"),
        (None, "type object is not accepted"),
        ((np.zeros((4, 2)),), "a tuple of 1 was given as data"),
        ((np.zeros((4, 2)), [1, 2]), "2 labels for 4 items"),
        (np.zeros((2, 4)), "too few items to split: 2, and at least 3"),
    ],
)
def test_arrays_that_are_refused(x: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(x)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros((9, 4)), DataOptions(image_size=8), "image_size is for pictures; the array holds rows of 4 values"),
        (np.zeros((9, 4)), DataOptions(memory="stream"), "memory=stream reads pictures from a folder"),
        (np.zeros((9, 400, 400), np.uint8), DataOptions(memory_mb=1), "'array' takes 1 MB and memory_mb is 1"),
        ((np.zeros((9, 4)), np.zeros(9)), DataOptions(labels="y.npy"), "were both given"),
    ],
)
def test_options_that_do_not_go_with_arrays(x: object, options: DataOptions, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        load(x, options)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_pictures_are_resized_and_stay_in_range(kind: type) -> None:
    x = RNG.integers(0, 2, (5, 12, 20, 3)).astype(kind) * (255 if kind is np.uint8 else 1)
    data = load(x, DataOptions(image_size=16))
    assert data.spec == ImageSpec(3, 16, 16)
    batch = data.train.take(torch.arange(2)).x
    assert batch.min() >= 0
    assert batch.max() <= 1
    assert batch.std() > 0.1


def test_resizing_cuts_out_the_centre() -> None:
    x = np.zeros((4, 10, 30), np.uint8)
    x[:, :, 4:26] = 255  # the centre square is 10:20, and the filter reads a little beyond
    assert (everything(load(x, DataOptions(image_size=5))) == 255).all()


def test_the_fingerprint_is_that_of_the_content() -> None:
    x = RNG.integers(0, 256, (10, 4, 4), dtype=np.uint8)
    y = np.arange(10)
    prints = [load(x), load(x.copy()), load((x, y)), load((x, y[::-1])), load(np.flip(x, 0)), load(x / 255)]
    same, *others = [data.fingerprint for data in prints]
    assert others[0] == same
    assert len({same, *others[1:]}) == 5


def test_the_split_does_not_depend_on_the_global_seed() -> None:
    x = RNG.random((50, 4, 4))
    torch.manual_seed(1)
    np.random.seed(1)
    first = held(load(x).test)
    torch.manual_seed(2)
    np.random.seed(2)
    assert torch.equal(first, held(load(x).test))
    assert not torch.equal(first, held(load(x, DataOptions(split_seed=1)).test))
