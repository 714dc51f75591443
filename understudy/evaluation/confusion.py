"""What does a classifier take for what?"""

import torch

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.evaluation.figures import Figure
from understudy.models.capabilities import WeighsClasses


def confusion(network: WeighsClasses, data: Dataset, *, seed: int) -> list[Figure]:
    """Test items by their class and by what the network says it is."""
    classes = data.spec.classes
    counts = torch.zeros(len(classes), len(classes), dtype=torch.int64)
    for batch in in_order(data.test, at_once(data.spec)):
        if batch.y is None:
            return []
        pairs = (batch.y * len(classes) + network.classify(batch.x)).cpu()
        counts += torch.bincount(pairs, minlength=counts.numel()).view_as(counts)
    shares = counts.diagonal() / counts.sum(1).clamp_min(1)
    rows = [
        [name, *counts[place].tolist(), f"{100 * share:.1f} %"]
        for place, (name, share) in enumerate(zip(classes, shares.tolist(), strict=True))
    ]
    plot = {"kind": "table", "columns": ["class", *(f"said {name}" for name in classes), "named right"], "rows": rows}
    caption = "Test items: a row for each class, a column for each answer."
    return [Figure("confusion", "What it takes for what", caption, plot=plot)]
