"""Is the whole codebook in use?"""

import torch
from torch import Tensor

from understudy.data.batches import at_once, in_order
from understudy.data.dataset import Dataset
from understudy.data.spec import ImageSpec
from understudy.evaluation.figures import Figure, grid, scatter
from understudy.models.capabilities import Quantises

DRAWN = 64
COLUMNS = 16


def uses(network: Quantises, data: Dataset) -> Tensor:
    """How often each word stands in the test items' codes: (codebook_size,), int64."""
    counts = torch.zeros(network.codebook_size(), dtype=torch.int64)
    for batch in in_order(data.test, at_once(data.spec)):
        counts += torch.bincount(network.tokens(batch.x).flatten().cpu(), minlength=len(counts))
    return counts


def score_codebook(network: Quantises, data: Dataset, *, seed: int) -> dict[str, float]:
    """Perplexity of the words, how many no test item uses, and the bits of one item's code.

    Perplexity is exp of the words' entropy: as many words, used equally, would be as hard to guess.
    """
    counts = uses(network, data)
    shares = counts.double() / counts.sum()
    first = network.tokens(next(iter(in_order(data.test, 1))).x)
    return {
        "codebook_size": len(counts),
        "codebook_perplexity": float(torch.exp(-torch.special.xlogy(shares, shares).sum())),
        "dead_codes": int((counts == 0).sum()),
        "bits_per_item": first.numel() * float(torch.tensor(float(len(counts))).log2()),
    }


def codebook(network: Quantises, data: Dataset, *, seed: int) -> list[Figure]:
    """How often each word is used, and what the most frequent ones look like."""
    counts = uses(network, data).sort(descending=True)
    shares = counts.values.double() / counts.values.sum()
    points = torch.stack([torch.arange(1, len(shares) + 1).double(), 100 * shares], 1)
    plot = scatter(points, None, (), ("word, by rank", "share of all words in %"))
    unused = int((counts.values == 0).sum())
    caption = f"How often each of {len(shares)} words stands in a test item's code; {unused} never do."
    found = [Figure("words", "Use of the codebook", caption, plot=plot)]
    if isinstance(data.spec, ImageSpec):
        words = counts.indices[:DRAWN]
        tokens = network.tokens(next(iter(in_order(data.test, 1))).x)
        everywhere = words.view(-1, *[1] * (tokens.ndim - 1)).expand(-1, *tokens.shape[1:]).to(tokens.device)
        decoded = torch.cat([network.decode_tokens(part).cpu() for part in everywhere.split(at_once(data.spec))])
        picture = grid(decoded, COLUMNS)
        caption = f"The {len(words)} most frequent words, each decoded as if the whole code were that one word."
        found.append(Figure("codebook", "Words", caption, image=picture))
    return found
