"""Does a network know the classes: does it make what is asked for, and name what it is shown?"""

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Batch, Dataset
from understudy.data.spec import ImageSpec, Spec
from understudy.evaluation.figures import Figure, grid
from understudy.layers.coder import CoderOptions, encoder
from understudy.models.capabilities import Classifies, SamplesClasses
from understudy.models.network import Network, Terms, Turn
from understudy.settings import validated
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.loop import train
from understudy.training.session import Session

JUDGED_PER_CLASS = 100
JUDGE_TRAINING = {"steps": 600, "learning_rate": 2e-3, "schedule": "one-cycle", "validate_every": 600}
DRAWN_PER_CLASS = 12


class ClassJudge(Network):
    """A classifier of real items, to say what made ones look like: two convolutions for pictures, else dense layers."""

    Config: ClassVar[type] = CoderOptions

    def __init__(self, spec: Spec) -> None:
        architecture = "conv" if isinstance(spec, ImageSpec) else "dense"
        options = validated(CoderOptions, {"architecture": architecture, "channels": (16, 32)}, "the judge")
        super().__init__(options, spec)
        self.logits = encoder(spec, options, len(spec.classes))

    def turns(self) -> Sequence[Turn]:
        """One player, one turn: cross-entropy."""
        return [Turn("network", self.loss)]

    def loss(self, batch: Batch) -> Terms:
        """Cross-entropy in nats."""
        assert batch.y is not None
        return {"loss": F.cross_entropy(self.logits(batch.x).float(), batch.y)}

    def classify(self, x: Tensor) -> Tensor:
        """(batch, *spec.shape) -> (batch,)."""
        classes: Tensor = self.logits(x).argmax(1)
        return classes


def trained_judge(data: Dataset, seed: int) -> ClassJudge:
    """A judge that has learnt from the training split. The caller's randomness is left as it was."""
    config = validated(TrainingConfig, JUDGE_TRAINING, "the judge")
    device = data.train.take(torch.tensor([0])).x.device
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.enable_grad():
        torch.manual_seed(seed)
        judge = ClassJudge(data.spec)
        train(Session(judge, data, config, Engine(device, "fp32"), seed))
    return judge.eval().requires_grad_(False)


def score_asked_classes(network: SamplesClasses, data: Dataset, *, seed: int) -> dict[str, float]:
    """Share of the made items that the judge takes for the class that was asked for; beside it, of real test items."""
    judge = trained_judge(data, seed)
    asked = torch.arange(len(data.spec.classes)).repeat_interleave(JUDGED_PER_CLASS)
    generator = torch.Generator().manual_seed(seed)
    parts = asked.split(at_once(data.spec))
    found = torch.cat([judge.classify(network.sample_of(part, generator)).cpu() for part in parts])
    return {"asked_class": _share(found == asked), "real_asked_class": accuracy(judge, data)}


def score_classification(network: Classifies, data: Dataset, *, seed: int) -> dict[str, float]:
    """Share of the test items whose class is named right; beside it, that of naming the most frequent one."""
    counts = torch.zeros(len(data.spec.classes))
    for batch in in_order(data.test, at_once(data.spec)):
        if batch.y is not None:
            counts += torch.bincount(batch.y.cpu(), minlength=len(counts))
    return {"accuracy": accuracy(network, data), "majority_accuracy": float(counts.max() / counts.sum().clamp_min(1))}


def accuracy(network: Classifies, data: Dataset) -> float:
    """Share of the test items whose class is named right."""
    right = [
        (network.classify(batch.x) == batch.y).cpu()
        for batch in in_order(data.test, at_once(data.spec))
        if batch.y is not None
    ]
    return _share(torch.cat(right)) if right else 0.0


def _share(right: Tensor) -> float:
    return right.double().mean().item()


def class_samples(network: SamplesClasses, data: Dataset, *, seed: int) -> list[Figure]:
    """New pictures of each class, a row for each."""
    if not isinstance(data.spec, ImageSpec):
        return []
    asked = torch.arange(len(data.spec.classes)).repeat_interleave(DRAWN_PER_CLASS)
    made = network.sample_of(asked, torch.Generator().manual_seed(seed))
    caption = f"Drawn from noise, a row for each class: {', '.join(data.spec.classes)}. None is left out."
    return [Figure("classes", "Samples by class", caption, image=grid(made.cpu(), DRAWN_PER_CLASS))]
