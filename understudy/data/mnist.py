"""MNIST and its kin: the same four files, from different makers.

Reference:
    LeCun, Cortes and Burges 1998, MNIST, http://yann.lecun.com/exdb/mnist/
    Xiao, Rasul and Vollgraf 2017, Fashion-MNIST, arXiv:1708.07747
    Clanuwat et al. 2018, "Deep Learning for Classical Japanese Literature" (KMNIST), arXiv:1812.01718
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.data.download import fetch
from understudy.data.idx_names import FOUR, find_four
from understudy.data.places import cache_folder, folders
from understudy.errors import DataError

if TYPE_CHECKING:
    from understudy.data.dataset import Dataset
    from understudy.data.fit import Fit
    from understudy.data.options import DataOptions


@dataclass(frozen=True)
class Published:
    """A set as its makers publish it.

    Attributes:
        mirrors: addresses of the folder with the four `.gz` files.
        md5: their checksums, in the order of `FOUR`.
        classes: names of the classes 0 to 9.
    """

    name: str
    summary: str
    mirrors: tuple[str, ...]
    md5: tuple[str, str, str, str]
    classes: tuple[str, ...]


# Addresses and checksums as in torchvision/datasets/mnist.py (BSD-3-Clause); the second mirror of MNIST is CVDF's.
PUBLISHED = {
    "mnist": Published(
        "mnist",
        "70,000 handwritten digits, 1x28x28, 10 classes",
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        tuple("0123456789"),
    ),
    "fashion-mnist": Published(
        "fashion-mnist",
        "70,000 pieces of clothing, 1x28x28, 10 classes",
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ),
    "kmnist": Published(
        "kmnist",
        "70,000 cursive Japanese characters, 1x28x28, 10 classes",
        ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
}


def located(name: str) -> Path | None:
    """The folder that already has the set's four files; None where none has."""
    return next((folder for folder in folders(name) if not find_four(folder)[1]), None)


def loader(name: str) -> "Callable[[DataOptions, Fit | None], Dataset]":
    """What loads the set, downloading it the first time."""

    def load(options: "DataOptions", fit: "Fit | None" = None) -> "Dataset":
        from understudy.data.idx_files import load_idx_folder  # imports torch, which listing does not need

        published = PUBLISHED[name]
        return load_idx_folder(located(name) or download(published), options, fit, name, published.classes)

    return load


def download(published: Published) -> Path:
    """Fetch those of the four files that the cache lacks; returns its folder.

    Raises:
        DataError: a file cannot be had; the message says where to put the files by hand.
    """
    folder = cache_folder(published.name)
    missing = find_four(folder)[1]
    for file, md5 in zip(FOUR, published.md5, strict=True):
        if file in missing:
            _fetch(f"{file}.gz", md5, published, folder)
    return folder


def _fetch(file: str, md5: str, published: Published, folder: Path) -> None:
    try:
        fetch(file, published.mirrors, md5, folder)
    except (DataError, OSError) as error:
        wanted = ", ".join(f"{name}.gz" for name in FOUR)
        by_hand = " or ".join(f"'{place}'" for place in [f"$UNDERSTUDY_DATA/{published.name}", folder])
        raise DataError(f"cannot download {published.name} ({error}); put {wanted} into {by_hand}") from error
