"""Networks in plain NumPy, every gradient derived by hand, and the checker of hand-written gradients.

The plain form, which every layer here follows and `gradient_check` reads:

- `params`: name to array, changed in place by optimizers;
- `forward(x)` returns y and keeps what the backward pass needs;
- `backward(dy)`, with dy = dL/dy, returns dx = dL/dx and fills `grads`, name to array, as `params`.
"""
