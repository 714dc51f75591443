"""The names that IDX files go by."""

from pathlib import Path

FOUR = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def find_four(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Those of the four files that are there, by name, and the names of the missing ones; `.gz` is optional."""
    found = {name: path for name in FOUR for path in _forms(folder, name) if path.is_file()}
    return found, [name for name in FOUR if name not in found]


def beside(images: Path) -> Path | None:
    """The labels file that lies beside a file of pictures, by its name."""
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    if name == images.name.removesuffix(".gz"):
        return None
    return next((path for path in _forms(images.parent, name) if path.is_file()), None)


def _forms(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.gz", folder / name
