"""Rules against saying the same again: filters of logits that any way of decoding may use."""

import torch
from torch import Tensor


def repeated_ngrams(history: Tensor, size: int, vocabulary: int) -> Tensor:
    """Tokens that would end an n-gram for a second time.

    Shapes: history (rows, time) -> (rows, vocabulary), bool

    Reference:
        Paulus et al., 2018, arXiv:1705.04304, section 2.5.
    """
    rows, time = history.shape
    barred = torch.zeros(rows, vocabulary + 1, dtype=torch.bool, device=history.device)  # the last column is no token
    if time >= size:
        grams = history.unfold(1, size, 1)  # (rows, grams, size)
        begun = (grams[..., :-1] == history[:, None, time - size + 1 :]).all(-1)
        barred.scatter_(1, torch.where(begun, grams[..., -1], vocabulary), True)
    return barred[:, :vocabulary]


def penalise_repetition(logits: Tensor, history: Tensor, penalty: float) -> Tensor:
    """Logits of the tokens in the history divided by the penalty, negative ones multiplied by it.

    Shapes: logits (rows, vocabulary), history (rows, time) -> (rows, vocabulary)

    Reference:
        Keskar et al., 2019, arXiv:1909.05858, section 4.1.

    Differs from the paper:
        It divides negative logits too, which makes them likelier.
    """
    seen = logits.gather(1, history)
    return logits.scatter(1, history, torch.where(seen > 0, seen / penalty, seen * penalty))


def unless_nothing_is_left(logits: Tensor, barred: Tensor) -> Tensor:
    """Logits, barred ones -inf; a row in which none would be left keeps all.

    Shapes: (rows, vocabulary) both -> the same
    """
    left = logits.masked_fill(barred, -torch.inf)
    return torch.where(left.amax(1, keepdim=True) == -torch.inf, logits, left)
