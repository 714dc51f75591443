"""Pictures of balance: how often each class, or each known mode, comes up among made and among real items."""

import torch
from torch import Tensor

from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec, VectorSpec
from understudy.evaluation.figures import Figure
from understudy.evaluation.generation import SURE, chosen, drawn, labelled, read
from understudy.evaluation.judge import judge_of
from understudy.evaluation.modes import shares
from understudy.evaluation.vectors import nearest_modes
from understudy.models.capabilities import Samples

SHOWN = 2_000
"""Items that shares are drawn of."""


def class_shares(network: Samples, data: Dataset, *, seed: int) -> list[Figure]:
    """Shares of the classes; none where there are no classes, too many to draw, or a judge that does not know them."""
    if not isinstance(data.spec, ImageSpec) or not labelled(data):
        return []
    judge, count = judge_of(data, seed), min(SHOWN, len(data.test))
    ways = {"class": judge.classify}
    real = read(chosen(data.test, count, data.spec, seed), ways)
    if (real["class"] == real["y"]).double().mean() < SURE:
        return []
    made = read(drawn(network, count, data.spec, seed), ways)
    caption = f"Of {count:,} test items as they are labelled, and of as many samples as the judge names them."
    return [_bars("class-shares", "Classes", "class", caption, data.spec.classes, real["y"], made["class"])]


def mode_shares(network: Samples, data: Dataset, *, seed: int) -> list[Figure]:
    """Shares of the modes that points are nearest to, where they are known."""
    if not isinstance(data.spec, VectorSpec) or data.modes is None:
        return []
    count = min(SHOWN, len(data.test))
    rows = [torch.cat(list(drawn(network, count, data.spec, seed))), data.test.take(torch.arange(count)).x]
    made, real = (nearest_modes(it.cpu(), data.spec, data.modes)[1] for it in rows)
    caption = f"Each of {count:,} test items and as many samples counts for the mode that it is nearest to."
    return [_bars("mode-shares", "Modes", "mode", caption, data.spec.classes, real, made)]


def _bars(
    name: str, title: str, what: str, caption: str, labels: tuple[str, ...], real: Tensor, made: Tensor
) -> Figure:
    series = [
        {
            "name": who,
            "values": [round(share, 5) for share in shares(torch.bincount(y, minlength=len(labels))).tolist()],
        }
        for who, y in (("test items", real), ("samples", made))
    ]
    return Figure(
        name,
        title,
        caption,
        plot={"kind": "bars", "x_label": what, "y_label": "share", "labels": list(labels), "series": series},
    )
