"""How data is read and split: the [data] table of a run file."""

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

Cut = Literal["head", "tail"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid", coerce_numbers_to_str=True))
class DataOptions:
    """Options of the data; every one can be given as `--set name=value`."""

    image_size: int | None = Field(
        default=None, ge=1, le=4096, description="resize every picture to this height and width"
    )
    labels: str | None = Field(
        default=None, description="file of one label per item (.npy or text), for a .npy of items"
    )
    leave_out: str | None = Field(
        default=None, description="class to keep out of training, validation and test; scored as anomalies"
    )
    train_items: int | None = Field(
        default=None, ge=1, description="pictures to learn from, drawn by split_seed; unset: the whole training split"
    )
    split_seed: int = Field(
        default=0, ge=0, description="seed of the split; apart from --seed, so that seeds share a test set"
    )
    validation_fraction: float | None = Field(
        default=None, gt=0, lt=1, description="share of the training items kept for validation; unset: 0.1, text 0.05"
    )
    test_fraction: float | None = Field(
        default=None, gt=0, lt=1, description="share held out where the set names none; unset: 0.2, text 0.1"
    )
    sequence_length: int = Field(default=64, ge=2, le=8192, description="text: tokens that a training step reads on")
    tokens: Literal["characters", "bytes", "words", "bpe"] | None = Field(
        default=None,
        description="what is read one at a time; unset: characters, of captions and labelled texts words, of "
        "multi30k-de-en bpe",
    )
    target_tokens: Literal["characters", "words", "bpe"] | None = Field(
        default=None, description="pairs: what is predicted one at a time, where that is not what `tokens` says"
    )
    bpe_size: int | None = Field(
        default=None, ge=64, le=100_000, description="tokens=bpe: pieces in a vocabulary; unset: 8000"
    )
    reverse: bool = Field(default=False, description="pairs: read the second of each, and write the first")
    encoding: str = Field(default="utf-8", description="text of every kind: how the file's bytes stand for letters")
    most_tokens: int | None = Field(
        default=None, ge=1, description="labelled texts: tokens of one that are read at most; unset: all"
    )
    cut: Cut = Field(default="head", description="labelled texts: which part of one with more than most_tokens is read")
    least_count: int = Field(
        default=2, ge=1, description="labelled texts: training texts that a word must be in, so as not to be unknown"
    )
    lower_case: bool = Field(default=True, description="labelled texts: capital letters are read as small ones")
    folds: int | None = Field(default=None, ge=2, description="labelled texts: parts of which `fold` is held out")
    fold: int | None = Field(
        default=None, ge=0, description="labelled texts: which of `folds` is the test split, from 0"
    )
    length: int | None = Field(
        default=None, ge=1, le=100_000, description="adding, copy-memory: steps over which to remember; unset: 100"
    )
    season: int | None = Field(
        default=None, ge=1, description="series: steps to a season; unset: by the dates, such as 12 for months"
    )
    horizon: int | None = Field(
        default=None, ge=1, description="series: steps to forecast, of which the last are held out; unset: by the dates"
    )
    window: int | None = Field(
        default=None, ge=1, description="series: steps that the network looks back on; unset: by the dates"
    )
    logarithm: bool = Field(default=False, description="series: learn logarithms, where growth is by shares")
    differencing: Literal["none", "first", "seasonal"] = Field(
        default="first", description="series: learn the change since the last step, or since the season before"
    )
    scaling: Literal["standard", "min-max", "rms"] = Field(
        default="standard",
        description="series: bring what is learnt to mean 0 and deviation 1, into 0 to 1, or to mean square 1, 0 kept",
    )
    calendar: bool | None = Field(
        default=None,
        description="series: phases of day, week and year stand beside the values; unset: where dates tell any",
    )
    validation_origins: int | None = Field(
        default=None, ge=0, description="series: rolling origins kept for validation; unset: a horizon, at least 10"
    )
    until: str | None = Field(default=None, description="series: the last date that is read; for looking at the past")
    memory: Literal["auto", "keep", "stream"] = Field(
        default="auto",
        description="keep decoded pictures in memory, or read them from disk when needed; auto: if they fit",
    )
    memory_mb: int | None = Field(
        default=None, ge=1, description="what `auto` may fill; default a quarter of what is there"
    )

    def __post_init__(self) -> None:
        if (self.fold is None) != (self.folds is None):
            raise ValueError(f"fold and folds go together; got fold={self.fold} and folds={self.folds}")
        if self.fold is not None and self.folds is not None and self.fold >= self.folds:
            raise ValueError(f"fold is from 0 to {self.folds - 1} with folds={self.folds}; got {self.fold}")
        if self.cut != "head" and self.most_tokens is None:
            raise ValueError(f"cut={self.cut} goes with most_tokens, which says when a text is long")
        if self.fold is not None and self.test_fraction is not None:
            raise ValueError("a fold is a share of 1/folds; leave test_fraction out")
