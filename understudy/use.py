"""A trained network put to work on a data set's items."""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import SPLITS
from understudy.errors import OptionError
from understudy.evaluation.figures import save_figures
from understudy.evaluation.gradient_flow import figures, gradient_flow, untrained
from understudy.evaluation.jacobians import Flow
from understudy.evaluation.latent import interpolate, traverse
from understudy.evaluation.noise import walk
from understudy.models.capabilities import Encodes, Generates
from understudy.run import Run
from understudy.runs.sources import data_of


def held_out(run: Run, source: str | None, count: int) -> Tensor:
    """The first `count` test items, as the network sees them: (count, *spec.shape)."""
    items = data_of(run.record, source).test
    return items.take(torch.arange(min(count, len(items)))).x


def codes(run: Run, source: str | None, split: str) -> NDArray[np.float32]:
    """Codes of a split's items: (items, latent_dim). `all` is every item in the order of the user's own files.

    Where the data names splits of its own, `all` is training, validation and test items, one after the other.

    Raises:
        OptionError: there is no such split.
    """
    if split not in (*SPLITS, "all"):
        raise OptionError(f"--split '{split}': takes {', '.join(SPLITS)} or all")
    data = data_of(run.record, source, whole=split == "all")
    encode = cast(Any, run.able("encode")).encode
    chosen = [name for name in SPLITS if split in (name, "all") and len(data.split(name))]
    if not chosen:
        raise OptionError(f"--split {split}: '{data.name}' has no such items; all of it is in the test split")
    with torch.no_grad():
        parts = [encode(batch.x) for name in chosen for batch in in_order(data.split(name), at_once(data.spec))]
    return torch.cat(parts).numpy()


def traversed(run: Run, source: str | None, item: int, dimensions: int, steps: int) -> NDArray[np.float32]:
    """Items decoded from one item's code with one number changed at a time: (dimensions * steps, *item).

    Raises:
        OptionError: there is no such item.
    """
    data = data_of(run.record, source)
    if item >= len(data.test):
        raise OptionError(f"--item {item}: the test split has items 0 to {len(data.test) - 1}")
    network = cast(Any, _coder(run))
    with torch.no_grad():
        decoded, _ = traverse(network, data, data.test.take(torch.tensor([item])).x[0], dimensions, steps)
    return run.spec.to_user(decoded.numpy())


def interpolated(run: Run, source: str | None, count: int, steps: int, seed: int = 0) -> NDArray[np.float32]:
    """Items between `count` pairs of test items, through their codes, or of noises: (count * steps, *item).

    Args:
        seed: of the noises, for a network that has no codes.

    Raises:
        RunError: the network neither has codes and a way back nor makes items from noise.
        OptionError: data for a network without codes, or too little of it.
    """
    network = run.model
    if isinstance(network, Generates) and not isinstance(network, Encodes):
        if source is not None:
            raise OptionError(
                f"{run.record['network']} goes from noise to noise, not from item to item; leave --data out"
            )
        with torch.no_grad():
            return run.spec.to_user(walk(network, run.spec, count, steps, seed).numpy())
    items = held_out(run, source, 2 * count)
    pairs = len(items) // 2
    if not pairs:
        raise OptionError("a line needs two ends, and the test split has one item")
    with torch.no_grad():
        decoded = interpolate(cast(Any, _coder(run)), items[:pairs], items[pairs : 2 * pairs], steps)
    return run.spec.to_user(decoded.numpy())


def gradient_flow_of(run: Run, source: str | None, steps: int, count: int | None) -> dict[str, dict[str, Flow]]:
    """The gradient through time on `count` test items, or as many as are quick: trained, and as it began.

    Raises:
        RunError: the network has no recurrent layer, or none that reads its items.
        DataError: the items are too short.
    """
    network, seed = run.able("remember"), int(run.record["config"]["seed"])
    items = data_of(run.record, source).test
    twins = {"trained": network, "untrained": untrained(network, seed)}
    return {name: gradient_flow(twin, items, seed=seed, steps=steps, count=count) for name, twin in twins.items()}


def keep_gradient_flow(run: Run, flows: dict[str, dict[str, Flow]]) -> None:
    """Put the gradient's figures among the run's."""
    save_figures(figures(flows), run.directory.figures, by="gradient-flow")


def _coder(run: Run) -> Any:
    run.able("encode")
    return run.able("decode")
