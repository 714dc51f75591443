"""What every layer is."""

from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]


class Layer(Protocol):
    """The plain form."""

    @property
    def params(self) -> dict[str, Array]:
        """The arrays that learn."""
        ...

    @property
    def grads(self) -> dict[str, Array]:
        """dL/dparam of the last `backward`, by the names of `params`."""
        ...

    def forward(self, x: Array) -> Array:
        """The output for x."""
        ...

    def backward(self, dy: Array) -> Array:
        """The gradient dL/dx of the last `forward`, given dL/dy."""
        ...
