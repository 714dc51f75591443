from pathlib import Path

import numpy as np
import pytest

from understudy.data.labels import checked_labels, numbered, read_labels
from understudy.errors import DataError


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([3, 1, 3], [3, 1, 3]),
        (np.array([[2], [0], [1]]), [2, 0, 1]),
        (np.array([1.0, 2.0, 5.0]), [1, 2, 5]),
        (np.array([True, False, True]), [1, 0, 1]),
        (["cat", "dog", "cat"], ["cat", "dog", "cat"]),
        (np.array([b"cat", b"dog", b"eel"]), ["cat", "dog", "eel"]),
    ],
)
def test_labels_that_can_be_read(labels: object, expected: list[object]) -> None:
    assert checked_labels(labels, 3, "f").tolist() == expected


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 2], "f: 2 labels for 3 items"),
        ([[1, 2, 3]], r"f: labels have shape \(1, 3\)"),
        ([1.0, 2.5, 3.0], "f: label 1 is 2.5; accepted: whole numbers"),
        ([1.0, np.nan, 3.0], "f: label 1 is nan"),
        ([None, 1, "a"], "labels of type object"),
        ([1j, 1, 2], "labels of type complex128"),
        (np.array([b"\xff", b"a", b"b"]), "not UTF-8"),
        (np.array([0, 2**64 - 1, 1], np.uint64), "label 1 is 18446744073709551615"),
    ],
)
def test_labels_that_cannot(labels: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        checked_labels(labels, 3, "f")


def test_numbers_are_sorted_as_numbers_and_counted_over_all_splits() -> None:
    (train, test), classes = numbered([np.array([10, 9]), np.array([2, 10])], "f")
    assert classes == ("2", "9", "10")
    assert (train.tolist(), test.tolist()) == ([2, 1], [0, 2])


def test_numbers_and_names_do_not_mix() -> None:
    with pytest.raises(DataError, match="some labels are numbers and some are strings"):
        numbered([np.array([1]), np.array(["a"])], "f")


def test_label_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("10\n9\n")
    (tmp_path / "b.txt").write_text("cat\ndog \n")
    np.save(tmp_path / "c.npy", np.array([4, 5]))
    assert [read_labels(tmp_path / name).tolist() for name in ("a.txt", "b.txt", "c.npy")] == [
        [10, 9],
        ["cat", "dog"],
        [4, 5],
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"cat\n\ndog\n", "empty line 2"),
        ("a.txt", b"\xff\xfe\x00", "neither .npy nor UTF-8"),
        ("a.npy", b"no", "cannot read labels file"),
        ("a.npy", b"", "cannot read labels file"),
    ],
)
def test_label_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_labels(tmp_path / name)


def test_no_label_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such labels file"):
        read_labels(tmp_path / "none.txt")
