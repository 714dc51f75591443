"""Pictures of the latent space: where the items lie, and what lies between and beyond them."""

import torch
from torch import Tensor

from understudy.data.batches import in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec
from understudy.evaluation.codes import codes_of
from understudy.evaluation.figures import Figure, grid, scatter
from understudy.evaluation.pictures import some
from understudy.models.capabilities import Decodes, Encodes

SCATTERED = 2000
TRAVERSED_DIMENSIONS = 10
TRAVERSAL_STEPS = 11
TRAVERSAL_REACH = 3.0  # standard deviations of the codes, to either side
INTERPOLATIONS = 6
MANIFOLD_SIDE = 18


class Coder(Encodes, Decodes):
    """A network with a way to its codes and back."""


def latent_space(network: Encodes, data: Dataset, *, seed: int) -> list[Figure]:
    """Test codes in the plane: the codes themselves where they have two numbers, else their principal components."""
    codes, labels = codes_of(network.encode, data.test, data.spec, SCATTERED)
    if min(codes.shape) < 2:  # one number, or one item, makes no plane
        return []
    axes, caption = ("code 1", "code 2"), "Codes of test items."
    if codes.shape[1] > 2:
        centred = codes - codes.mean(0)
        _, spread, directions = torch.linalg.svd(centred, full_matrices=False)
        codes = centred @ directions[:2].T
        share = 100 * float(spread[:2].square().sum() / spread.square().sum().clamp_min(1e-12))
        axes = ("first principal component", "second")
        caption = f"Codes of test items, along their two widest directions ({share:.0f}% of their variance)."
    return [Figure("latent", "Latent space", caption, plot=scatter(codes, labels, data.spec.classes, axes))]


def traverse(network: Coder, data: Dataset, start: Tensor, dimensions: int, steps: int) -> tuple[Tensor, list[int]]:
    """Decode codes that differ from `start` in one number, for each of the most spread-out numbers.

    Shapes: start (*spec.shape) -> (dimensions * steps, *spec.shape), and the numbers' positions in the code
    """
    codes, _ = codes_of(network.encode, data.test, data.spec, SCATTERED)
    centre, spread = codes.mean(0), codes.std(0, correction=0)
    widest = spread.argsort(descending=True)[:dimensions].tolist()
    base = network.encode(start.unsqueeze(0))[0]
    reach = torch.linspace(-TRAVERSAL_REACH, TRAVERSAL_REACH, steps)
    rows = []
    for position in widest:
        row = base.repeat(steps, 1)
        row[:, position] = (centre[position] + reach * spread[position]).to(row.device)
        rows.append(row)
    return network.decode(torch.cat(rows)), widest


def traversal(network: Coder, data: Dataset, *, seed: int) -> list[Figure]:
    """One test item with one number of its code changed at a time."""
    if not isinstance(data.spec, ImageSpec):
        return []
    start = some(data.test, 1, seed).x[0]
    decoded, numbers = traverse(network, data, start, TRAVERSED_DIMENSIONS, TRAVERSAL_STEPS)
    caption = (
        f"One test item; each row changes one number of its code by up to {TRAVERSAL_REACH:g} standard deviations to "
        f"either side. From the top: {', '.join(str(number + 1) for number in numbers)}, the most spread-out ones."
    )
    return [Figure("traversal", "Traversals", caption, image=grid(decoded.cpu(), TRAVERSAL_STEPS))]


def manifold(network: Coder, data: Dataset, *, seed: int) -> list[Figure]:
    """The plane of a code of two numbers, decoded place by place (Kingma and Welling, 2014, figure 4)."""
    if not isinstance(data.spec, ImageSpec):
        return []
    codes, _ = codes_of(network.encode, data.test, data.spec, SCATTERED)
    if codes.shape[1] != 2:
        return []
    # Equal steps in probability under a normal distribution, so that each place is as likely as its neighbours.
    quantiles = torch.special.ndtri((torch.arange(MANIFOLD_SIDE) + 0.5) / MANIFOLD_SIDE)
    places = torch.cartesian_prod(quantiles.flip(0), quantiles).flip(1)  # top row: the highest second number
    device = next(iter(in_order(data.test, 1))).x.device
    decoded = network.decode((codes.mean(0) + places * codes.std(0, correction=0)).to(device))
    caption = "The plane of the code, decoded place by place: the first number grows rightwards, the second upwards."
    return [Figure("manifold", "The plane of the code", caption, image=grid(decoded.cpu(), MANIFOLD_SIDE))]


def interpolate(network: Coder, first: Tensor, last: Tensor, steps: int) -> Tensor:
    """Decode the straight line between two items' codes.

    Shapes: twice (pairs, *spec.shape) -> (pairs * steps, *spec.shape)
    """
    begin, end = network.encode(first), network.encode(last)
    share = torch.linspace(0, 1, steps, device=begin.device).view(1, steps, 1)
    return network.decode((begin.unsqueeze(1) * (1 - share) + end.unsqueeze(1) * share).flatten(0, 1))


def interpolation(network: Coder, data: Dataset, *, seed: int) -> list[Figure]:
    """Test items turning into others."""
    if not isinstance(data.spec, ImageSpec) or len(data.test) < 2:
        return []
    pairs = some(data.test, 2 * INTERPOLATIONS, seed).x
    half = len(pairs) // 2
    decoded = interpolate(network, pairs[:half], pairs[half : 2 * half], TRAVERSAL_STEPS)
    caption = (
        "From the copy of one test item, left, to that of another, right, along a straight line between their codes."
    )
    return [Figure("interpolation", "Interpolation", caption, image=grid(decoded.cpu(), TRAVERSAL_STEPS))]
