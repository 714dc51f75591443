"""Data and networks made for tests: small, and with every number known beforehand."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from understudy.data.captions import CaptionItems
from understudy.data.dataset import Batch, Dataset
from understudy.data.dates import Axis
from understudy.data.domains import DomainItems
from understudy.data.labelled_text import LabelledTexts, packed
from understudy.data.memory import ArrayItems
from understudy.data.pairs import PairItems, Rows
from understudy.data.sentences import learn_language
from understudy.data.series import Series, SeriesItems, Windows, items
from understudy.data.spec import (
    CaptionSpec,
    DomainsSpec,
    ImageSpec,
    LabelledTextSpec,
    PairSpec,
    SequenceSpec,
    SeriesSpec,
    Spec,
    TextSpec,
    VectorSpec,
)
from understudy.data.text import TextBatch, TextItems
from understudy.models.network import Network, Terms, Turn
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import Observer
from understudy.training.session import Session

SPECS: dict[str, Spec] = {
    "grey 1x8x8": ImageSpec(1, 8, 8, tuple("0123456789")),
    "odd 1x7x5": ImageSpec(1, 7, 5),
    "grey 1x28x28": ImageSpec(1, 28, 28),
    "colour 3x32x32": ImageSpec(3, 32, 32),
    "two domains": DomainsSpec(1, 8, 8, ("left", "right"), ("x", "y", "z")),
    "odd domains": DomainsSpec(3, 9, 8, ("left", "right")),
    "rows of 40": VectorSpec(40, (0.0,) * 40, (1.0,) * 40),
    "points": VectorSpec(2, (0.5, -1.0), (2.0, 3.0)),
    "characters": TextSpec("characters", tuple("?abcdefgh"), 8),
    "bytes": TextSpec("bytes", (), 5),
    "pairs": PairSpec(learn_language(["abcdefgh"], "characters"), learn_language(["stuvwxyz"], "characters")),
    "captions": CaptionSpec(1, 8, 12, learn_language(["abcd"], "characters")),
    "labelled texts": LabelledTextSpec("words", tuple("?abcdefgh"), 7, "head", True, ("glad", "sad", "so")),
    "months": SeriesSpec(("a",), "M1", 12, 12, 12, differencing="seasonal", calendar=True, offset=(1.0,), scale=(2.0,)),
    "asked for a number": SequenceSpec(9, 2),
    "asked for symbols": SequenceSpec(7, 5, 3),
    "steps": SeriesSpec(("a", "b"), "n1", 6, 5, 8, offset=(0.0, 5.0), scale=(1.0, 3.0)),
}
POINTS = SPECS["points"]
PICTURES = SPECS["grey 1x8x8"]


def items_of(spec: Spec, count: int, seed: int = 0) -> Tensor:
    """Items with structure, so that a network can learn them: (count, *spec.shape)."""
    generator = torch.Generator().manual_seed(seed)
    if isinstance(spec, TextSpec):
        return tokens_of(spec, count * spec.window, seed).view(count, spec.window)
    if isinstance(spec, PairSpec):
        return pairs_of(spec, count, seed).take(torch.arange(count)).x
    if isinstance(spec, CaptionSpec):
        return captions_of(spec, count, seed).take(torch.arange(count)).x
    if isinstance(spec, LabelledTextSpec):
        return texts_of(spec, count, seed).take(torch.arange(count)).x
    if isinstance(spec, SeriesSpec):
        return batch_of(spec, count, seed).x
    if isinstance(spec, DomainsSpec):
        first, second = (items_of(spec.picture, count, seed + side) for side in (0, 1))
        return torch.stack([first, 1 - second / 2], dim=1)
    basis = torch.randn(3, spec.size, generator=generator)
    rows = torch.randn(count, 3, generator=generator) @ basis
    rows = torch.sigmoid(2 * rows) if isinstance(spec, ImageSpec) else rows / 2
    return rows.reshape(count, *spec.shape)


def tokens_of(spec: TextSpec, count: int, seed: int = 0) -> Tensor:
    """Tokens of which each follows from the one before, but for a tenth: (count,), int64."""
    generator = torch.Generator().manual_seed(seed)
    jumps = torch.where(torch.rand(count, generator=generator) < 0.1, 3, 1)
    return jumps.cumsum(0) % spec.size_of_vocabulary


def pairs_of(spec: PairSpec, count: int, seed: int = 0) -> PairItems:
    """Sentences of 2 to 7 letters, whose targets are their letters' opposites"""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 8, (count,), generator=draw).tolist()
    rows = [torch.randint(8, (length,), generator=draw).tolist() for length in lengths]
    return PairItems.of(
        [tuple("".join(side[n] for n in row) for side in ("abcdefgh", "zyxwvuts")) for row in rows], spec
    )


def captions_of(spec: CaptionSpec, count: int, seed: int = 0) -> CaptionItems:
    """Two or three letters, and a picture in which each has a stripe as bright as it is late in the alphabet."""
    draw = np.random.RandomState(seed)
    letters = [draw.randint(4, size=draw.randint(2, 4)) for _ in range(count)]
    pictures = np.zeros((count, *spec.shape), np.uint8)
    for picture, row in zip(pictures, letters, strict=True):
        for place, letter in enumerate(row):
            picture[..., 4 * place : 4 * place + 4] = 60 + 60 * letter
    written = tuple("".join("abcd"[letter] for letter in row) for row in letters)
    return CaptionItems(torch.from_numpy(pictures), Rows.of([spec.target.encode(text) for text in written]), written)


def texts_of(spec: LabelledTextSpec, count: int, seed: int = 0) -> LabelledTexts:
    """Texts of different lengths, some of them longer than what is read; each has its class's own token oftener."""
    draw = np.random.default_rng(seed)
    classes = np.arange(count) % len(spec.classes)
    texts = [draw.integers(0, spec.size_of_vocabulary, draw.integers(1, spec.length + 3)) for _ in range(count)]
    told = [np.where(draw.random(len(text)) < 0.5, one + 1, text) for text, one in zip(texts, classes, strict=True)]
    return packed([text.astype(np.int32) for text in told], torch.from_numpy(classes), spec)


def batch_of(spec: Spec, count: int = 32, seed: int = 0) -> Batch:
    if isinstance(spec, TextSpec):
        rows = tokens_of(spec, count * spec.window + 1, seed)
        return TextBatch(rows[:-1].view(count, -1), rows[1:].view(count, -1))
    if isinstance(spec, PairSpec):
        return pairs_of(spec, count, seed).take(torch.arange(count))
    if isinstance(spec, CaptionSpec):
        return captions_of(spec, count, seed).take(torch.arange(count))
    if isinstance(spec, SeriesSpec):
        return windows_of(spec, count, seed).take(torch.arange(count))
    if isinstance(spec, DomainsSpec):
        return Batch(items_of(spec, count, seed))
    if isinstance(spec, SequenceSpec):
        x = items_of(spec, count, seed)
        return Batch(x, answers_of(spec, x))
    return Batch(items_of(spec, count, seed), torch.arange(count) % (len(spec.classes) or 10))


def answers_of(spec: SequenceSpec, x: Tensor) -> Tensor:
    """What the first step says, at the end; or at each step which number was the largest one step before."""
    return x[:, :, : spec.symbols].argmax(2).roll(1, 1) if spec.symbols else x[:, 0, 0]


def series_of(spec: SeriesSpec, steps: int, seed: int = 0) -> Series:
    """A season, a slope and a little noise, all above 0: as many series as the spec has names."""
    draw, time = np.random.RandomState(seed), np.arange(steps)
    values = [
        20 + number + 3 * np.sin(2 * np.pi * time / spec.season) + 0.05 * time + draw.normal(0, 0.3, steps)
        for number in range(len(spec.names))
    ]
    return Series(Axis(spec.spacing[0], int(spec.spacing[1:]), 0), spec.names, np.stack(values))


def windows_of(spec: SeriesSpec, count: int, seed: int = 0) -> SeriesItems:
    """That many origins, or a few more items."""
    first = spec.window + (spec.season if spec.differencing == "seasonal" else 0)
    series = series_of(spec, first + count + spec.horizon, seed)
    return items(Windows(series, spec, np.array(spec.offset), np.array(spec.scale)), np.arange(first, first + count))


def dataset_of(spec: Spec, train: int = 64, validation: int = 16, test: int = 16) -> Dataset:
    """Three splits; of classes in turn where the spec has any."""
    if isinstance(spec, TextSpec):
        texts = [tokens_of(spec, count * spec.window, seed) for seed, count in enumerate((train, validation, test))]
        return Dataset("made", spec, *(TextItems(it, spec.window, texts[0][-6:]) for it in texts), fingerprint="")
    if isinstance(spec, PairSpec):
        pairs = [pairs_of(spec, count, seed) for seed, count in enumerate((train, validation, test))]
        return Dataset("made", spec, *pairs, fingerprint="")
    if isinstance(spec, CaptionSpec):
        parts = [captions_of(spec, count, seed) for seed, count in enumerate((train, validation, test))]
        return Dataset("made", spec, *parts, fingerprint="")
    if isinstance(spec, LabelledTextSpec):
        texts = [texts_of(spec, count, seed) for seed, count in enumerate((train, validation, test))]
        return Dataset("made", spec, *texts, fingerprint="")
    if isinstance(spec, SeriesSpec):
        parts = [windows_of(spec, count, seed) for seed, count in enumerate((train, validation, 1))]
        return Dataset("made", spec, *parts, fingerprint="")
    if isinstance(spec, DomainsSpec):
        parts = [domains_of(spec, count, seed) for seed, count in enumerate((train, validation, test))]
        return Dataset("made", spec, *parts, fingerprint="")
    if isinstance(spec, SequenceSpec):
        made = [batch_of(spec, count, seed) for seed, count in enumerate((train, validation, test))]
        return Dataset("made", spec, *(ArrayItems(batch.x, batch.y) for batch in made), fingerprint="")
    splits = [
        ArrayItems(items_of(spec, count, seed), labels_of(spec, count))
        for seed, count in enumerate((train, validation, test))
    ]
    return Dataset("made", spec, *splits, fingerprint="")


def domains_of(spec: DomainsSpec, count: int, seed: int = 0) -> DomainItems:
    """As many pictures of the one domain, and half as many of the other."""
    x = items_of(spec, count, seed)
    first, second = (ArrayItems(x[: count // it, it - 1], labels_of(spec, count // it)) for it in (1, 2))
    return DomainItems((first, second))


def labels_of(spec: Spec, count: int) -> Tensor | None:
    return torch.arange(count) % len(spec.classes) if spec.classes else None


def session_of(network: Network, data: Dataset | None = None, precision: Any = "fp32", **settings: Any) -> Session:
    """A session of 5 steps, 4 to the epoch, unless the settings say otherwise."""
    budget = {} if {"epochs", "minutes"} & set(settings) else {"steps": 5}
    config = TrainingConfig(**{**budget, "batch": 16, "log_every": 1, **settings})
    return Session(network, data or dataset_of(network.spec), config, Engine(torch.device("cpu"), precision), seed=0)


class Heard(Observer):
    """Keeps every event, the clock's apart, and calls back after every step."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def on_event(self, event: Mapping[str, Any]) -> None:
        self.events.append({key: value for key, value in event.items() if key != "time"})

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ToyConfig:
    """Options of the toy."""

    breaks_at: int = Field(0, description="training step at which a term stops being finite; 0: never")
    term: str = Field("loss", description="which term does")
    value: float = Field(float("inf"), description="what it becomes")


class Toy(Network):
    """One weight that each plain gradient step of rate 1 raises by 1: after n steps it is n, and copies err by n."""

    Config: ClassVar[type] = ToyConfig
    recipe: ClassVar[dict[str, Any]] = {"epochs": 3, "batch": 16, "optimizer": "sgd", "learning_rate": 1.0}
    script: ClassVar[Sequence[float]] = ()
    """Validation losses in the order in which they are asked for; then 1 for ever."""

    def __init__(self, config: ToyConfig = ToyConfig(), spec: Spec = POINTS) -> None:  # noqa: B008
        super().__init__(config, spec)
        self.weight = nn.Parameter(torch.tensor(0.0))
        self.trained = self.validated = 0

    def turns(self) -> Sequence[Turn]:
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        self.trained += 1
        terms = {"loss": -self.weight, "extra": torch.tensor(1.0)}
        if self.trained == self.config.breaks_at:
            terms[self.config.term] = terms[self.config.term] * 0 + self.config.value
        return terms

    def validate(self, batch: Batch) -> Terms:
        self.validated += 1
        return {"loss": torch.tensor([*self.script, *[1.0] * self.validated][self.validated - 1])}

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :1]

    def reconstruct(self, x: Tensor) -> Tensor:
        return x + self.weight

    forward = reconstruct


class Duel(Network):
    """Two players whose losses both fall along both weights, yet each moves its own alone."""

    def __init__(self, times: tuple[int, int] = (5, 1)) -> None:
        super().__init__(None, POINTS)
        self.critic, self.generator = nn.ParameterList([torch.zeros(2)]), nn.ParameterList([torch.zeros(2)])
        self.times = times

    def loss(self, batch: Batch) -> Terms:
        return {"loss": -(self.critic[0].sum() + self.generator[0].sum())}

    def turns(self) -> Sequence[Turn]:
        return [Turn(name, self.loss, times) for name, times in zip(self.players(), self.times, strict=True)]

    def players(self) -> dict[str, nn.Module]:
        return {"critic": self.critic, "generator": self.generator}
