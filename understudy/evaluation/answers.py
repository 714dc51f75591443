"""Does a network remember what it is asked for?"""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import SequenceSpec
from understudy.evaluation.figures import Figure, scatter
from understudy.models.capabilities import Answers

KNOWN = 2000
"""Training items from which the best answer without a memory is learnt, at most."""
SHOWN = 500
RARE = 1e-5
"""Share that is given to a symbol that no training item has at a step."""


def score_answers(network: Answers, data: Dataset, *, seed: int) -> dict[str, float]:
    """Squared error of the number that is asked for, or nats per symbol and the share that is right where it varies.

    The baseline answers without a memory: the mean training answer, or how frequent each symbol is at each step.
    """
    found, truth = answers(network, data)
    known = known_answers(data)
    if not cast(SequenceSpec, data.spec).symbols:
        constant = known.mean().expand_as(truth)
        return {"mse": F.mse_loss(found, truth).item(), "memoryless_mse": F.mse_loss(constant, truth).item()}
    without = frequencies(known, found.shape[-1]).log().expand_as(found)
    scores = {}
    asked = varying(known)
    for prefix, logits in (("", found), ("memoryless_", without)):
        scores[f"{prefix}nats_per_token"] = F.cross_entropy(logits.flatten(0, 1), truth.flatten()).item()
        scores[f"{prefix}accuracy"] = (logits.argmax(-1) == truth)[:, asked].float().mean().item()
    return scores


def answers(network: Answers, data: Dataset) -> tuple[Tensor, Tensor]:
    """What the network answers to the test items, and what is right."""
    batches = list(in_order(data.test, at_once(data.spec)))
    found = torch.cat([network.answer(batch.x).float() for batch in batches])
    return found, torch.cat([cast(Tensor, batch.y) for batch in batches])


def known_answers(data: Dataset) -> Tensor:
    """The answers of some training items."""
    known = data.train.take(torch.arange(min(KNOWN, len(data.train)))).y
    assert known is not None
    return known


def frequencies(known: Tensor, symbols: int) -> Tensor:
    """How frequent each symbol is at each step: (items, steps) -> (steps, symbols)."""
    shares = F.one_hot(known, symbols).float().mean(0) + RARE
    return shares / shares.sum(-1, keepdim=True)


def varying(known: Tensor) -> Tensor:
    """The steps at which not all items have the same symbol: (items, steps) -> (steps,), bool."""
    return (known != known[:1]).any(0)


def answered(network: Answers, data: Dataset, *, seed: int) -> list[Figure]:
    """What is right beside what the network says: of numbers both, of symbols the share of each step."""
    found, truth = (part.cpu() for part in answers(network, data))
    if not cast(SequenceSpec, data.spec).symbols:
        plot = scatter(torch.stack([truth, found], 1)[:SHOWN], None, (), ("what is right", "what it says"))
        caption = f"{min(SHOWN, len(truth))} test items. A network without a memory says the mean to all of them."
        return [Figure("answers", "What it says, and what is right", caption, plot=plot)]
    known = known_answers(data).cpu()
    places = varying(known).nonzero()[:, 0]
    without = frequencies(known, found.shape[-1]).argmax(-1)
    rights = {"network": (found.argmax(-1) == truth), "without a memory": (without == truth)}
    lines = [_share(name, right[:, places], places, dashed=name != "network") for name, right in rights.items()]
    plot = {"kind": "lines", "x_label": "step", "y_label": "share right", "log_x": False, "log_y": False}
    caption = f"{len(truth):,} test items, at the {len(places)} steps where not all items have the same answer."
    return [Figure("answers", "Which symbols it remembers", caption, plot={**plot, "series": lines})]


def _share(name: str, right: Tensor, places: Tensor, *, dashed: bool) -> dict[str, Any]:
    style = "dashed" if dashed else "line"
    return {"name": name, "x": places.tolist(), "y": right.float().mean(0).tolist(), "style": style}
