"""How data is read and split: the [data] table of a run file."""

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass


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
        description="text, pairs: what is read and predicted one at a time; unset: characters, of multi30k-de-en bpe",
    )
    target_tokens: Literal["characters", "words", "bpe"] | None = Field(
        default=None, description="pairs: what is predicted one at a time, where that is not what `tokens` says"
    )
    bpe_size: int | None = Field(
        default=None, ge=64, le=100_000, description="tokens=bpe: pieces in a vocabulary; unset: 8000"
    )
    reverse: bool = Field(default=False, description="pairs: read the second of each, and write the first")
    encoding: str = Field(default="utf-8", description="text, pairs: how the file's bytes stand for letters")
    memory: Literal["auto", "keep", "stream"] = Field(
        default="auto",
        description="keep decoded pictures in memory, or read them from disk when needed; auto: if they fit",
    )
    memory_mb: int | None = Field(
        default=None, ge=1, description="what `auto` may fill; default a quarter of what is there"
    )
