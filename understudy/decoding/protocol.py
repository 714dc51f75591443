"""What a network must offer to be decoded, one token at a time."""

from typing import Any, Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Decodable(Protocol):
    """A network that reads tokens step by step. The state is its own; decoding only hands it back."""

    def init_state(self, batch: int) -> Any:
        """The state of `batch` rows before anything is read."""
        ...

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits of the next token, given one more: (batch,) -> (batch, vocabulary)."""
        ...

    def reorder(self, state: Any, places: Tensor) -> Any:
        """The state whose row n is row places[n] of this one: (count,)."""
        ...
