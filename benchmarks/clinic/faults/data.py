"""Items, labels and splits."""

from dataclasses import replace
from typing import Any

import torch

from benchmarks.clinic.fault import Fault, House, Loop
from benchmarks.clinic.recipe import Draw
from benchmarks.clinic.settings import autoencoder, gan_of_digits, sequence_classifier, vae
from understudy.data.dataset import Dataset


def emptied(dataset: Dataset, draw: Draw) -> Dataset:
    """Every picture black."""
    parts: Any = {name: dataset.split(name) for name in ("train", "validation", "test")}  # type: ignore[arg-type]
    return replace(dataset, **{name: replace(part, x=torch.zeros_like(part.x)) for name, part in parts.items()})


def relabelled(dataset: Dataset, draw: Draw) -> Dataset:
    """Every label that of some other item."""
    chance = torch.Generator().manual_seed(draw.randrange(2**31))
    parts: Any = {name: dataset.split(name) for name in ("train", "validation")}  # type: ignore[arg-type]
    mixed = {name: replace(part, y=part.y[torch.randperm(len(part), generator=chance)]) for name, part in parts.items()}
    return replace(dataset, **mixed)


def items_in_both(dataset: Dataset, draw: Draw) -> Dataset:
    """A third of the test items are training items."""
    train: Any = dataset.train
    test: Any = dataset.test
    count = len(test) // 3
    return replace(dataset, test=replace(test, x=torch.cat([test.x[count:], train.x[:count]])))


def easy_ones_held_out(dataset: Dataset, draw: Draw) -> Dataset:
    """The test part is what is easiest: the lucky split of the logbook."""
    test: Any = dataset.test
    size = test.x.float().flatten(1).sum(1)
    return replace(dataset, test=test.only(size.argsort()[: len(test) // 3]))


def few_items(draw: Draw) -> dict[str, Any]:
    """So few, for so long, that they are learnt by heart."""
    return {
        "train_items": draw.choice((80, 120)), "steps": 800, "hidden_dim": 96, "dropout": 0.0, "learning_rate": 4e-3,
        "optimizer": "adam", "schedule": "constant", "early_stopping": None, "bidirectional": True,
    }  # fmt: skip


LABELLED = {"early_stopping": None}
FAULTS = (
    Fault("empty-pictures", "every picture is black", ("constant-input",), "structural",
          House(autoencoder, spoil=emptied)),
    Fault("empty-pictures-vae", "every picture is black", ("constant-input",), "structural", House(vae, spoil=emptied)),
    Fault("whole-number-pixels", "pixels divided as whole numbers", ("constant-input",), "structural",
          Loop("classifier", "whole-number pixels")),
    Fault("missing-values", "pictures with NaN", ("non-finite-input",), "numeric",
          Loop("classifier", "missing values")),
    Fault("constant-column", "a constant column divided by its deviation", ("non-finite-input",), "numeric",
          Loop("regression", "constant column scaled")),
    Fault("raw-pixels", "pixels from 0 to 255", ("unscaled-input", "initial-loss"), "structural",
          Loop("classifier", "raw pixels", {"norm": False, "compared": False})),
    Fault("shuffled-labels", "labels of other items", ("shuffled-labels",), "dynamic",
          House(sequence_classifier, lambda draw: LABELLED | {
              "steps": 900, "dropout": 0.0, "hidden_dim": 96, "cell": "gru", "learning_rate": 4e-3, "optimizer": "adam",
              "schedule": "constant", "train_items": 300,
          }, spoil=relabelled)),
    Fault("shuffled-labels-in-loop", "labels of other items", ("shuffled-labels",), "dynamic",
          Loop("classifier", "labels of others",
               {"optimizer": "adam", "rate": 2e-3, "dropout": 0.0, "epochs": 25, "widths": [256]})),
    Fault("learnt-by-heart", "far too few items", ("overfitting",), "dynamic",
          House(sequence_classifier, lambda draw: LABELLED, few_items)),
    Fault("items-in-both", "training items in the test part", ("shared-items",), "structural",
          House(gan_of_digits, spoil=items_in_both)),
    Fault("items-twice", "items were there twice before the split", ("shared-items",), "structural",
          Loop("classifier", "items twice", {"compared": True})),
    Fault("sorted-split", "sorted by class, then split", ("missing-class", "biased-split"), "structural",
          Loop("classifier", "sorted split", {"compared": True})),
    Fault("lucky-split", "the test part has the easiest items: its error is far below training's",
          ("biased-split",), "structural", House(autoencoder, spoil=easy_ones_held_out)),
)  # fmt: skip
