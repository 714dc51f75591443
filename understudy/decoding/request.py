"""What is to be written for each row: where it begins, where it may end, and what it must have."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from understudy.errors import OptionError

Phrases = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Request:
    """The rows of a search, on the network's device.

    Attributes:
        start: the first token that is read: (rows,).
        end: the token that ends a hypothesis; None: each is as long as it may be.
        max_lengths: tokens that a hypothesis may have, the end apart: (rows,).
        prefixes: tokens that each row's hypotheses begin with.
        required: phrases that each row's hypotheses contain.
        places: places of each row's source, if they are known: (rows,).
    """

    start: Tensor
    end: int | None
    max_lengths: Tensor
    prefixes: tuple[tuple[int, ...], ...]
    required: tuple[Phrases, ...]
    places: Tensor | None

    def __len__(self) -> int:
        return len(self.start)

    def at(self, rows: Sequence[int]) -> "Request":
        """The same for some rows alone."""
        index = torch.tensor(rows, device=self.start.device)
        return Request(
            self.start[index],
            self.end,
            self.max_lengths[index],
            tuple(self.prefixes[row] for row in rows),
            tuple(self.required[row] for row in rows),
            None if self.places is None else self.places[index],
        )


def requested(
    rows: int,
    device: torch.device,
    *,
    start: int | Tensor,
    end: int | None,
    max_lengths: int | Sequence[int] | Tensor,
    prefixes: Sequence[Sequence[int]] | None,
    required: Sequence[Sequence[Sequence[int]]] | None,
    places: Sequence[int] | Tensor | None,
    min_length: int,
) -> Request:
    """A request in full, and checked.

    Raises:
        OptionError: a length is below 1 or min_length, not one for each row, or too short for what must be in it; a
            forced token is the end.
    """
    lengths = _one_each(max_lengths, rows, device, "max_lengths")
    least = max(1, min_length)
    if rows and int(lengths.min()) < least:
        raise OptionError(f"max_lengths are {least} or more, got {int(lengths.min())}; allow more tokens")
    starts = [tuple(prefix) for prefix in prefixes or [()] * rows]
    phrases = [tuple(dict.fromkeys(tuple(phrase) for phrase in row if len(phrase))) for row in required or [()] * rows]
    if len(starts) != rows or len(phrases) != rows:
        raise OptionError(
            f"prefixes and required have one entry for each of {rows} rows, got {len(starts)} and {len(phrases)}"
        )
    for row, (prefix, wanted) in enumerate(zip(starts, phrases, strict=True)):
        if end is not None and end in (*prefix, *(token for phrase in wanted for token in phrase)):
            raise OptionError(f"row {row}: the end, token {end}, cannot be forced or required; leave it out")
        if len(prefix) > int(lengths[row]):
            raise OptionError(f"row {row}: a prefix of {len(prefix)} tokens in at most {int(lengths[row])}; allow more")
    return Request(
        _one_each(start, rows, device, "start"),
        end,
        lengths,
        tuple(starts),
        tuple(phrases),
        None if places is None else _one_each(places, rows, device, "places"),
    )


def _one_each(value: int | Sequence[int] | Tensor, rows: int, device: torch.device, name: str) -> Tensor:
    found = torch.as_tensor(value, dtype=torch.int64, device=device)
    if found.ndim and found.shape != (rows,):
        raise OptionError(f"{name} is one number or one for each of {rows} rows, got {tuple(found.shape)}")
    return found.expand(rows)
