"""Which options of the data go with which kinds of it."""

from typing import TYPE_CHECKING

from understudy.data.options import DataOptions
from understudy.errors import OptionError

if TYPE_CHECKING:
    from understudy.data.dataset import Dataset

WORDS = {
    "image": "pictures",
    "domains": "pictures of two domains",
    "vector": "rows of values",
    "text": "a text",
    "pairs": "pairs of sentences",
    "captions": "pictures with captions",
    "labelled text": "labelled texts",
    "series": "series",
    "sequences": "adding or copy-memory",
}
_ITEMS = ("image", "vector")

# An option that is not here goes with every kind.
HEEDED: dict[str, tuple[str, ...]] = {
    "train_items": ("image",),
    "image_size": ("image", "domains", "captions"),
    "leave_out": _ITEMS,
    **dict.fromkeys(("memory", "memory_mb"), (*_ITEMS, "domains")),
    "split_seed": (*_ITEMS, "domains", "pairs", "captions", "labelled text"),
    **dict.fromkeys(
        ("test_fraction", "validation_fraction"), (*_ITEMS, "domains", "text", "pairs", "captions", "labelled text")
    ),
    "sequence_length": ("text",),
    "length": ("sequences",),
    "tokens": ("text", "pairs", "captions", "labelled text"),
    "bpe_size": ("text", "pairs", "captions"),
    **dict.fromkeys(("target_tokens", "reverse"), ("pairs",)),
    "encoding": ("text", "pairs", "captions", "labelled text", "series"),
    **dict.fromkeys(("most_tokens", "cut", "least_count", "lower_case", "folds", "fold"), ("labelled text",)),
    **dict.fromkeys(("season", "horizon", "window", "logarithm", "differencing", "scaling"), ("series",)),
    **dict.fromkeys(("calendar", "validation_origins", "until"), ("series",)),
}


def goes_with(name: str, kind: str) -> bool:
    """Whether an option has a meaning for this kind of data."""
    return kind in HEEDED.get(name, (kind,))


def refuse_foreign(options: DataOptions, data: "Dataset") -> None:
    """What only some kinds of data have must not be asked of another, and be ignored.

    Raises:
        OptionError: it was.
    """
    usual = DataOptions()
    for name, kinds in HEEDED.items():
        if getattr(options, name) != getattr(usual, name) and not goes_with(name, data.spec.kind):
            goes = " or ".join(WORDS[kind] for kind in kinds)
            raise OptionError(f"{name} goes with {goes}, but '{data.name}' has {data.spec.describe()}")
