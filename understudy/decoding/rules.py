"""Which tokens a hypothesis may take next, beside what the network finds likely."""

import torch
from torch import Tensor

from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.repetition import penalise_repetition, repeated_ngrams, unless_nothing_is_left
from understudy.decoding.request import Request
from understudy.decoding.required import Banks, Progress
from understudy.errors import OptionError


class Rules:
    """The rules of one search, and what they must know of each row of its batch. Those that are off cost nothing.

    A rule that would leave a row no token at all is not applied to it, so that every hypothesis can go on; a forced
    prefix and what required phrases need are above the other rules.

    Raises:
        OptionError: required phrases do not fit.
    """

    def __init__(self, request: Request, options: BeamOptions) -> None:
        self.request, self.options = request, options
        self.remembers = options.no_repeat_ngram > 0 or options.repetition_penalty != 1
        self.history = torch.empty(len(request) * options.groups, 0, dtype=torch.int64, device=request.start.device)
        self.longest_prefix = max(map(len, request.prefixes), default=0)
        self.banks = _banks(request, options) if any(request.required) else None
        early = request.end is not None and options.min_length > 0
        self.restrict = bool(options.no_repeat_ngram or early or self.longest_prefix or self.banks)

    def follow(self, parents: Tensor, tokens: Tensor) -> None:
        """Go on with the batch whose row n is row parents[n] of this one, having read tokens[n]."""
        if self.remembers:
            self.history = torch.cat([self.history[parents], tokens[:, None]], 1)
        if self.banks:
            self.banks.follow(parents, tokens)

    def penalised(self, logits: Tensor) -> Tensor:
        """Logits after the repetition penalty."""
        if self.options.repetition_penalty == 1:
            return logits
        return penalise_repetition(logits, self.history, self.options.repetition_penalty)

    def allowed(self, logs: Tensor, owners: Tensor, step: int) -> Tensor:
        """Log-probabilities, those of tokens that must not come next -inf.

        Args:
            owners: the row that each row of the batch belongs to: (batch,).
            step: tokens that are written.

        Shapes: (batch, vocabulary) -> the same
        """
        likely, vocabulary = logs, logs.shape[1]
        barred = self._unwanted(len(logs), vocabulary, step)
        if barred is not None:
            logs = unless_nothing_is_left(logs, barred)
        if self.banks:
            room = self.request.max_lengths[owners] - step
            logs = logs.masked_fill(self.banks.barred(room, vocabulary), -torch.inf)
        if step < self.longest_prefix:
            logs = self._forced(logs, likely, owners, step)
        return logs

    def _unwanted(self, batch: int, vocabulary: int, step: int) -> Tensor | None:
        size, end = self.options.no_repeat_ngram, self.request.end
        early = end is not None and step < self.options.min_length
        if not size and not early:
            return None
        device = self.history.device
        barred = torch.zeros(batch, vocabulary, dtype=torch.bool, device=device)
        if size:
            barred |= repeated_ngrams(self.history, size, vocabulary)
        if self.banks:
            barred &= ~self.banks.useful(vocabulary).to(device)
        if early:
            barred[:, end] = True
        return barred

    def _forced(self, logs: Tensor, likely: Tensor, owners: Tensor, step: int) -> Tensor:
        """Where there is a prefix, its next token alone, as likely as it is without any rule."""
        tokens = [prefix[step] if step < len(prefix) else -1 for prefix in self.request.prefixes]
        forced = torch.tensor(tokens, device=owners.device)[owners][:, None]
        others = torch.arange(logs.shape[1], device=owners.device) != forced
        return torch.where(forced >= 0, likely.masked_fill(others, -torch.inf), logs)


def _banks(request: Request, options: BeamOptions) -> Banks:
    begun = [Progress(phrases) for phrases in request.required]
    for row, (progress, prefix) in enumerate(zip(begun, request.prefixes, strict=True)):
        for token in prefix:
            progress = progress.after(token)
        room = int(request.max_lengths[row]) - len(prefix)
        if progress.need > room:
            raise OptionError(
                f"row {row}: required phrases need {progress.need} tokens, there is room for {room}; allow more"
            )
    return Banks([progress for progress in begun for _ in range(options.groups)], request.end)
