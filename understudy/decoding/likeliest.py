"""The largest of many numbers, without sorting them all: they stand in the chunks whose largest is largest."""

import torch
from torch import Tensor

CHUNK = 64


def peaks(values: Tensor) -> Tensor:
    """The largest of each chunk of 64; the last may have fewer: (rows, numbers) -> (rows, chunks)."""
    whole = values.shape[1] // CHUNK * CHUNK
    found = values[:, :whole].unflatten(1, (-1, CHUNK)).amax(2)
    return found if whole == values.shape[1] else torch.cat([found, values[:, whole:].amax(1, keepdim=True)], 1)


def likeliest(values: Tensor, peaks: Tensor) -> tuple[Tensor, Tensor]:
    """The largest number of each row, and its place; of several the first: (rows, numbers) -> (rows,) each."""
    value, chunk = peaks.max(1)
    own, places = _of(values, torch.arange(len(values), device=values.device)[:, None], chunk[:, None])
    return value, places[:, 0].gather(1, own[:, 0].argmax(1, keepdim=True))[:, 0]


def together(
    logs: Tensor, peaks: Tensor, before: Tensor, rows: Tensor, live: Tensor, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The best continuations of each search: their scores, tokens, and the slots that they come from.

    Args:
        logs: log-probabilities of the next token, and `peaks` of them: (batch, vocabulary).
        before: those of the hypotheses: (batch,).
        rows: each slot's row in the batch: (searches, slots).
        live: which slots have one: (searches, slots).

    Shapes: -> (searches, count) each
    """
    chunks = peaks.shape[1]
    bounds, first = (peaks + before[:, None])[rows].masked_fill(~live[:, :, None], -torch.inf).flatten(1).topk(count)
    slots = first // chunks
    own = rows.gather(1, slots)
    numbers, tokens = _of(logs, own, first % chunks)
    scores = (numbers + before[own][:, :, None]).masked_fill(bounds[:, :, None] == -torch.inf, -torch.inf)
    best, index = scores.flatten(1).topk(count)
    return best, tokens.flatten(1).gather(1, index), slots.gather(1, index // CHUNK)


def _of(values: Tensor, rows: Tensor, chunks: Tensor) -> tuple[Tensor, Tensor]:
    """The numbers of some rows' chunks and their places, -inf behind the last: (..., n) each -> (..., n, 64) each."""
    places = chunks[..., None] * CHUNK + torch.arange(CHUNK, device=chunks.device)
    last = values.shape[1] - 1
    return values[rows[..., None], places.clamp_max(last)].masked_fill(places > last, -torch.inf), places
