"""Layers in a row."""

from collections.abc import Sequence

from understudy.scratch.layer import Array, Layer


class Sequential:
    """y = f_n(... f_2(f_1(x))).

    The chain rule walks it backwards: the dx of a layer is the dy of the one before it. A parameter's name is its
    layer's number and its name there: `0.W`.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)

    @property
    def params(self) -> dict[str, Array]:
        """The layers' arrays themselves, so that a change in place reaches the layer."""
        return {f"{i}.{name}": array for i, layer in enumerate(self.layers) for name, array in layer.params.items()}

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients of the last `backward`."""
        return {f"{i}.{name}": array for i, layer in enumerate(self.layers) for name, array in layer.grads.items()}

    def forward(self, x: Array) -> Array:
        """The last layer's output."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy: Array) -> Array:
        """Gradients of the last `forward`; returns dx."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy
