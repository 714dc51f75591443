"""What one item looks like. Networks are built from a spec, never from hard-coded sizes."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from understudy.data.dates import cycles, words
from understudy.data.differences import Differencing
from understudy.data.options import Cut
from understudy.data.sentences import Language
from understudy.data.vocabulary import Unit
from understudy.errors import DataError, UnknownName


class AsSeen:
    """What most specs share: an item has as many values as its shape says, and a network sees them as a user does."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item."""
        raise NotImplementedError

    @property
    def size(self) -> int:
        """Values of one item."""
        return math.prod(self.shape)

    def to_user(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Network values to the user's units: as they are."""
        return x


@dataclass(frozen=True)
class ImageSpec(AsSeen):
    """Pictures with values in [0, 1]; those that come as 8 bits are held as 8 bits.

    Shapes: one item is (channels, height, width).
    """

    kind: ClassVar[str] = "image"
    such_as: ClassVar[str] = "digits or a folder of pictures"
    dtype: ClassVar[str] = "float32"
    channels: int
    height: int
    width: int
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item."""
        return (self.channels, self.height, self.width)

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"{self.channels}x{self.height}x{self.width} images"


@dataclass(frozen=True)
class DomainsSpec(AsSeen):
    """Pictures of two domains, with values in [0, 1]; nobody has said which of one belongs to which of the other.

    Attributes:
        names: of the two domains.
        classes: of both domains' pictures, where they have the same ones; known to scores, not to training.

    Shapes: one item is (2, channels, height, width): a picture of each domain.
    """

    kind: ClassVar[str] = "domains"
    such_as: ClassVar[str] = "digits-to-outlines or a folder with trainA and trainB"
    dtype: ClassVar[str] = "float32"
    channels: int
    height: int
    width: int
    names: tuple[str, str]
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a picture of each domain."""
        return (2, *self.picture.shape)

    @property
    def picture(self) -> ImageSpec:
        """What one picture of either domain looks like."""
        return ImageSpec(self.channels, self.height, self.width, self.classes)

    def number(self, name: str) -> int:
        """A domain's place among the two.

        Raises:
            UnknownName: neither has that name.
        """
        if name not in self.names:
            raise UnknownName("domain", name, self.names)
        return self.names.index(name)

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"{self.picture.describe()} of two domains, {' and '.join(self.names)}"


@dataclass(frozen=True)
class VectorSpec(AsSeen):
    """Rows of measurements; networks see (row - mean) / std, both taken from the training split.

    Shapes: one item is (features,).
    """

    kind: ClassVar[str] = "vector"
    such_as: ClassVar[str] = "gaussians or table.npy"
    dtype: ClassVar[str] = "float32"
    features: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item."""
        return (self.features,)

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"rows of {self.features} values"

    def to_user(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Network values to the user's units: the scaling undone."""
        return x * np.asarray(self.std, np.float32) + np.asarray(self.mean, np.float32)


@dataclass(frozen=True)
class TextSpec(AsSeen):
    """Text as a row of tokens.

    Attributes:
        vocabulary: the tokens by their numbers; bytes have none, their numbers are themselves.
        window: tokens that are read between two steps of training.

    Shapes: a window is (window,), int64.
    """

    kind: ClassVar[str] = "text"
    such_as: ClassVar[str] = "pydoc or story.txt"
    dtype: ClassVar[str] = "int64"
    unit: Unit
    vocabulary: tuple[str, ...]
    window: int
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one window."""
        return (self.window,)

    @property
    def size_of_vocabulary(self) -> int:
        """Different tokens."""
        return len(self.vocabulary) or 256

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"text of {self.size_of_vocabulary:,} different {self.unit}"


@dataclass(frozen=True)
class PairSpec(AsSeen):
    """Pairs of sentences: one to read, one to write.

    Attributes:
        surplus: tokens that a training target had more than its source, at most; None: not known.

    Shapes: a source is (time,), int64, filled up with `sentences.PADDING` to the longest of its batch.
    """

    kind: ClassVar[str] = "pairs"
    such_as: ClassVar[str] = "dates or pairs.tsv"
    dtype: ClassVar[str] = "int64"
    source: Language
    target: Language
    surplus: int | None = None
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the longest source."""
        return (self.source.longest,)

    @property
    def size(self) -> int:
        """Tokens of the longest source and target."""
        return self.source.longest + self.target.longest

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"pairs of sentences, {self.source} to {self.target}"


@dataclass(frozen=True)
class CaptionSpec(AsSeen):
    """Pictures with values in [0, 1], and a sentence about each.

    Shapes: one picture is (channels, height, width).
    """

    kind: ClassVar[str] = "captions"
    such_as: ClassVar[str] = "digit-captions or pictures with a captions.csv"
    dtype: ClassVar[str] = "float32"
    channels: int
    height: int
    width: int
    target: Language
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one picture."""
        return (self.channels, self.height, self.width)

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"{self.channels}x{self.height}x{self.width} images with captions of {self.target}"


@dataclass(frozen=True)
class LabelledTextSpec(AsSeen):
    """Texts of a class each, every one a row of tokens, filled up with `PADDING` where a longer one is beside it.

    Attributes:
        vocabulary: the tokens by their numbers; bytes have none, their numbers are themselves.
        length: tokens of a text that are read at most.
        cut: which part of a longer text is read.
        lower_case: capital letters are read as small ones.

    Shapes: one text is (time,), int64, with time at most `length`.
    """

    kind: ClassVar[str] = "labelled text"
    such_as: ClassVar[str] = "review-polarity or texts in a folder for each class"
    dtype: ClassVar[str] = "int64"
    unit: Unit
    vocabulary: tuple[str, ...]
    length: int
    cut: Cut
    lower_case: bool
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the longest text."""
        return (self.length,)

    @property
    def size_of_vocabulary(self) -> int:
        """Different tokens."""
        return len(self.vocabulary) or 256

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"labelled texts of {self.size_of_vocabulary:,} different {self.unit}"


@dataclass(frozen=True)
class SeriesSpec(AsSeen):
    """Series at even spacing; a network sees (log) (differences of) values, less `offset`, over `scale`.

    Attributes:
        names: the series that the network learnt from.
        spacing: from one step to the next, such as M1; see `dates.HABITS`.
        offset, scale: of each series, taken from the training split.
        calendar: whether phases of the day, the week and the year stand beside the values.

    Shapes: a window and the horizon after it are (window + horizon, features), the values of the horizon 0.
    """

    kind: ClassVar[str] = "series"
    such_as: ClassVar[str] = "tides or sales.csv"
    dtype: ClassVar[str] = "float32"
    names: tuple[str, ...]
    spacing: str
    season: int
    horizon: int
    window: int
    logarithm: bool = False
    differencing: Differencing = "none"
    calendar: bool = False
    offset: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def features(self) -> int:
        """The value, and two numbers for each cycle of the calendar."""
        return 1 + 2 * len(cycles(self.spacing)) * self.calendar

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a window and its horizon."""
        return (self.window + self.horizon, self.features)

    def describe(self) -> str:
        """The spec in words, for messages."""
        return f"{words(self.spacing)} series, read {self.window} steps back for {self.horizon} ahead"


@dataclass(frozen=True)
class SequenceSpec(AsSeen):
    """Rows of numbers, one after the other, and a question about them.

    Attributes:
        symbols: answers to choose from at each step; 0: a number is asked for at the last.

    Shapes: one item is (steps, inputs); its answers are (steps,), int64, or one number.
    """

    kind: ClassVar[str] = "sequences"
    such_as: ClassVar[str] = "adding or copy-memory"
    dtype: ClassVar[str] = "float32"
    steps: int
    inputs: int
    symbols: int = 0
    classes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item."""
        return (self.steps, self.inputs)

    def describe(self) -> str:
        """The spec in words, for messages."""
        asked = f"one of {self.symbols} symbols at each" if self.symbols else "a number at the last"
        return f"sequences of {self.steps} steps of {self.inputs} values, asked for {asked}"


Spec = (
    ImageSpec
    | DomainsSpec
    | VectorSpec
    | TextSpec
    | PairSpec
    | CaptionSpec
    | LabelledTextSpec
    | SeriesSpec
    | SequenceSpec
)
_KINDS: dict[str, Callable[..., Spec]] = {
    spec.kind: spec
    for spec in (
        ImageSpec,
        DomainsSpec,
        VectorSpec,
        TextSpec,
        PairSpec,
        CaptionSpec,
        LabelledTextSpec,
        SeriesSpec,
        SequenceSpec,
    )
}


def spec_to_json(spec: Spec) -> dict[str, Any]:
    """A spec as plain JSON values."""
    return {"kind": spec.kind, **dataclasses.asdict(spec)}


def spec_from_json(value: dict[str, Any]) -> Spec:
    """The inverse of `spec_to_json`.

    Raises:
        DataError: the kind or a field is not one that this version knows.
    """
    try:
        return _KINDS[value["kind"]](**{key: _field(item) for key, item in value.items() if key != "kind"})
    except (KeyError, TypeError) as error:
        raise DataError(f"unreadable data spec {value!r}: {error}") from error


def _field(value: Any) -> Any:
    """Lists were tuples, and the only parts with fields of their own are languages."""
    if isinstance(value, dict):
        return Language(**{key: _field(item) for key, item in value.items()})
    return tuple(value) if isinstance(value, list) else value
