"""The vanilla recurrent cell."""

import numpy as np

from understudy.scratch.layer import Array


class RNN:
    """h_t = tanh(x_t Wx + h_(t-1) Wh + b) over time, from h_0 = 0; the output is every h_t.

    Backpropagation through time: h_t reaches the loss through its own output and through h_(t+1). With z_t the tanh's
    argument, from the last step to the first,

        dh_t = dy_t + dz_(t+1) @ Wh.T     (the second term is 0 at the last step)
        dz_t = dh_t * (1 - h_t^2)
        dx_t = dz_t @ Wx.T
        dWx = sum_t x_t.T @ dz_t    dWh = sum_t h_(t-1).T @ dz_t    db = sum_t dz_t.sum(batch)

    Shapes: (batch, time, inputs) -> (batch, time, hidden)

    Args:
        inputs: values in at each step.
        hidden: values in the state.
        generator: draws the weights, uniform within 1 / sqrt(hidden).

    Reference: Elman, 1990, Finding Structure in Time; Werbos, 1990, Backpropagation Through Time.
    """

    def __init__(self, inputs: int, hidden: int, generator: np.random.Generator) -> None:
        bound = 1 / np.sqrt(hidden)
        self.params: dict[str, Array] = {
            "Wx": generator.uniform(-bound, bound, (inputs, hidden)),
            "Wh": generator.uniform(-bound, bound, (hidden, hidden)),
            "b": np.zeros(hidden),
        }
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array) -> Array:
        """The state after each step."""
        drive = x @ self.params["Wx"] + self.params["b"]  # (batch, time, hidden)
        self.x, self.h = x, np.zeros_like(drive)
        state = np.zeros_like(drive[:, 0])
        for t in range(x.shape[1]):
            state = np.tanh(drive[:, t] + state @ self.params["Wh"])
            self.h[:, t] = state
        return self.h

    def backward(self, dy: Array) -> Array:
        """Gradients of the last `forward`; returns dx."""
        dz = np.zeros_like(self.h)
        carried = np.zeros_like(self.h[:, 0])
        for t in reversed(range(dz.shape[1])):
            dz[:, t] = (dy[:, t] + carried) * (1 - self.h[:, t] ** 2)
            carried = dz[:, t] @ self.params["Wh"].T
        before = np.concatenate([np.zeros_like(self.h[:, :1]), self.h[:, :-1]], axis=1)  # h_(t-1)
        self.grads = {
            "Wx": np.einsum("nti,ntj->ij", self.x, dz),
            "Wh": np.einsum("nti,ntj->ij", before, dz),
            "b": dz.sum((0, 1)),
        }
        dx: Array = dz @ self.params["Wx"].T
        return dx
