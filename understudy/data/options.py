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
    tokens: Literal["characters", "bytes", "words"] = Field(
        default="characters", description="text: what is read and predicted one at a time"
    )
    encoding: str = Field(default="utf-8", description="text, series: how the file's bytes stand for letters")
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
        default="seasonal", description="series: learn the change since the last step, or since the season before"
    )
    scaling: Literal["standard", "min-max", "rms"] = Field(
        default="standard",
        description="series: bring what is learnt to mean 0 and deviation 1, into 0 to 1, or to mean square 1, 0 kept",
    )
    calendar: bool = Field(
        default=False, description="series: phases of the day, the week and the year stand beside the values"
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
