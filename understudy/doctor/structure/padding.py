"""Which token fills sentences up, told by where it stands, and whether a token ends them."""

from __future__ import annotations

import torch
from torch import Tensor


def lengths(tokens: Tensor, padding: int) -> Tensor:
    """Tokens before the padding: (batch, time) -> (batch,)."""
    places = torch.arange(1, tokens.shape[1] + 1, device=tokens.device)
    return torch.where(tokens != padding, places, 0).amax(1)


def padding_token(tokens: Tensor) -> int | None:
    """The token that fills the rows of a batch up at their end; None where there is none.

    It ends at least two rows in a run of two or more, the runs are of different lengths, and it stands nowhere else.

    Shapes: (batch, time), int64
    """
    if tokens.dim() != 2 or tokens.shape[1] < 3 or len(tokens) < 2 or tokens.is_floating_point():
        return None
    ends = tokens[:, -1]
    candidate = int(ends.mode().values)
    tails = tokens.shape[1] - lengths(tokens, candidate)
    ended = tails >= 2
    elsewhere = (tokens == candidate).sum(1) != tails
    if int(ended.sum()) < 2 or bool(elsewhere.any()) or len(tails.unique()) < 2:
        return None
    return candidate


def end_token(tokens: Tensor, padding: int) -> int | None:
    """The token before the padding, where it is the same in all rows and so ends a sentence.

    Shapes: (batch, time), int64
    """
    last = lengths(tokens, padding).clamp_min(1) - 1
    filled = last < tokens.shape[1] - 1
    ends = tokens.gather(1, last[:, None])[:, 0][filled].unique()
    return int(ends) if len(ends) == 1 else None
