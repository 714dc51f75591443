"""Recurrent layers with the backward pass through time by hand: the weights' gradient is one product for all steps.

A library's layer on a CPU, and a loop left to autograd, add each step's share to the weights' gradient, which is read
and written once a step. Here a step back only finds what its gates receive; the products with what they had read
follow at once for all steps (benchmarks/cells.py has what it saves).

Shapes, in all of the file: time comes first; drive (time, batch, gates * hidden), what the input sends to the gates; h
and c (batch, hidden); weight (gates * hidden, hidden). The products take drive's type, gates and memories are float32.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from understudy.layers.precision import full_precision

through_tanh, through_sigmoid = torch.ops.aten.tanh_backward, torch.ops.aten.sigmoid_backward
"""(gradient, the function's output) -> the gradient of its argument, in one pass over memory."""


def through_relu(gradient: Tensor, y: Tensor) -> Tensor:
    """The same of a rectifier."""
    return gradient * (y > 0)


SQUASHES: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]] = {
    "rnn": (torch.tanh, through_tanh),
    "sigmoid-rnn": (torch.sigmoid, through_sigmoid),
    "relu-rnn": (torch.relu, through_relu),
    "irnn": (torch.relu, through_relu),
}


def _wide(x: Tensor) -> Tensor:
    return x.double() if x.dtype == torch.float64 else x.float()


def _weight_gradient(received: Tensor, read: Tensor) -> Tensor:
    """sum over steps and rows of what each gate received times what it had read."""
    return received.flatten(0, 1).T @ read.flatten(0, 1)


class Simple(torch.autograd.Function):
    """h_t = squash(drive_t + U h_(t-1)).

    Backward, from the last step: dz_t = dh_t squash'(z_t), dh_(t-1) = dy_(t-1) + dz_t U; at the end dU = sum_t dz_t
    h_(t-1)^T.
    """

    @staticmethod
    def forward(ctx: Any, cell: str, drive: Tensor, weight: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """All outputs, and the last h."""
        squash, _ = SQUASHES[cell]
        u = weight.to(drive.dtype)
        outputs = torch.empty((len(drive) + 1, *h.shape), dtype=drive.dtype, device=drive.device)
        outputs[0] = h
        with full_precision(drive.device):
            for t, now in enumerate(drive.unbind()):
                outputs[t + 1] = squash(torch.addmm(now, outputs[t], u.T))
        ctx.save_for_backward(outputs, u)
        ctx.cell = cell
        return outputs[1:], _wide(outputs[-1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dh: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of drive, weight and h."""
        outputs, u = ctx.saved_tensors
        through = SQUASHES[ctx.cell][1]
        dz = torch.empty_like(outputs[1:])
        back = dh.to(u.dtype)
        for t in range(len(dz) - 1, -1, -1):
            dz[t] = through(dy[t] + back, outputs[t + 1])
            back = dz[t] @ u
        return None, dz, _weight_gradient(dz, outputs[:-1]), _wide(back)


class LSTM(torch.autograd.Function):
    """c_t = f c_(t-1) + i g, h_t = o tanh(c_t); the gates i, f, g, o squash z_t = drive_t + U h_(t-1).

    Backward: dc_t = f_(t+1) dc_(t+1) + dh_t o (1 - tanh(c_t)^2). The arguments of the gates receive, i: dc g i (1 - i),
    f: dc c_(t-1) f (1 - f), g: dc i (1 - g^2), o: dh tanh(c) o (1 - o).
    """

    @staticmethod
    def forward(ctx: Any, drive: Tensor, weight: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """All outputs, the last h and the last c."""
        u, hidden = weight.to(drive.dtype), h.shape[1]
        wide = _wide(drive[:0]).dtype
        gates = torch.empty(drive.shape, dtype=wide, device=drive.device)
        cells = torch.empty((len(drive) + 1, *c.shape), dtype=wide, device=drive.device)
        outputs = torch.empty((len(drive) + 1, *h.shape), dtype=drive.dtype, device=drive.device)
        squashed = torch.empty((len(drive), *c.shape), dtype=wide, device=drive.device)
        outputs[0], cells[0] = h, c
        with full_precision(drive.device):
            for t, now in enumerate(drive.unbind()):
                i, f, g, o = gates[t].split(hidden, 1)
                gates[t] = torch.addmm(now, outputs[t], u.T)
                gates[t, :, : 2 * hidden].sigmoid_()
                g.tanh_()
                o.sigmoid_()
                torch.mul(f, cells[t], out=cells[t + 1]).addcmul_(i, g)
                outputs[t + 1] = o * torch.tanh(cells[t + 1], out=squashed[t])
        ctx.save_for_backward(gates, cells, squashed, outputs, u)
        return outputs[1:], _wide(outputs[-1]), cells[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dh: Tensor, dc: Tensor) -> tuple[Tensor, ...]:
        """Gradients of drive, weight, h and c."""
        gates, cells, squashed, outputs, u = ctx.saved_tensors
        dz = torch.empty(gates.shape, dtype=u.dtype, device=u.device)
        back = _wide(dh)
        for t in range(len(dz) - 1, -1, -1):
            i, f, g, o = gates[t].chunk(4, 1)
            back = back + dy[t]
            dc = dc + through_tanh(back * o, squashed[t])
            received = (
                through_sigmoid(dc * g, i),
                through_sigmoid(dc * cells[t], f),
                through_tanh(dc * i, g),
                through_sigmoid(back * squashed[t], o),
            )
            for part, gradient in zip(dz[t].chunk(4, 1), received, strict=True):
                part.copy_(gradient)
            dc = dc * f
            back = _wide(dz[t] @ u)
        return dz, _weight_gradient(dz, outputs[:-1]), back, dc


class GRU(torch.autograd.Function):
    """h_t = (1 - z) n + z h_(t-1), n = tanh(drive_n + r q_n), where q_t = U h_(t-1) + b and r, z squash drive + q.

    Backward: the arguments of the gates receive, n: dh (1 - z) (1 - n^2), z: dh (h_(t-1) - n) z (1 - z), r: dn q_n r
    (1 - r); q_n receives dn r, and dh_(t-1) = dy_(t-1) + dh_t z + dq_t U.
    """

    @staticmethod
    def forward(ctx: Any, drive: Tensor, weight: Tensor, bias: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """All outputs, and the last h."""
        u, b, hidden = weight.to(drive.dtype), bias.to(drive.dtype), h.shape[1]
        wide = _wide(drive[:0]).dtype
        gates = torch.empty(drive.shape, dtype=wide, device=drive.device)  # r, z, n
        recalled = torch.empty((len(drive), *h.shape), dtype=wide, device=drive.device)  # q_n
        states = torch.empty((len(drive) + 1, *h.shape), dtype=wide, device=drive.device)
        states[0] = h
        with full_precision(drive.device):
            for t, now in enumerate(drive.unbind()):
                q = torch.addmm(b, states[t].to(u.dtype), u.T)
                recalled[t] = q[:, 2 * hidden :]
                r, z, n = gates[t].split(hidden, 1)
                gates[t, :, : 2 * hidden] = now[:, : 2 * hidden] + q[:, : 2 * hidden]
                gates[t, :, : 2 * hidden].sigmoid_()
                torch.addcmul(_wide(now[:, 2 * hidden :]), r, recalled[t], out=n).tanh_()
                torch.lerp(n, states[t], z, out=states[t + 1])
        ctx.save_for_backward(gates, recalled, states, u)
        return states[1:].to(drive.dtype), states[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dh: Tensor) -> tuple[Tensor, ...]:
        """Gradients of drive, weight, bias and h."""
        gates, recalled, states, u = ctx.saved_tensors
        ddrive, dq = (torch.empty(gates.shape, dtype=u.dtype, device=u.device) for _ in range(2))
        hidden = states.shape[2]
        for t in range(len(dq) - 1, -1, -1):
            r, z, n = gates[t].split(hidden, 1)
            dh = dh + dy[t]
            dn = through_tanh(torch.addcmul(dh, dh, z, value=-1), n)
            ddrive[t, :, :hidden] = through_sigmoid(dn * recalled[t], r)
            ddrive[t, :, hidden : 2 * hidden] = through_sigmoid(dh * (states[t] - n), z)
            ddrive[t, :, 2 * hidden :] = dn
            dq[t, :, : 2 * hidden] = ddrive[t, :, : 2 * hidden]
            dq[t, :, 2 * hidden :] = dn * r
            dh = torch.addcmul(_wide(dq[t] @ u), dh, z)
        return ddrive, _weight_gradient(dq, states[:-1].to(dq.dtype)), dq.flatten(0, 1).sum(0), dh


def through_time(
    cell: str, drive: Tensor, weight: Tensor, bias: Tensor, memories: tuple[Tensor, ...]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """All outputs of a layer, and its memories after the last step.

    Args:
        drive: W x + b of all steps.
        weight, bias: U and b', of what is recalled.
        memories: h, and of an LSTM c.
    """
    h = memories[0]
    if cell == "gru":
        y, last = GRU.apply(drive, weight, bias, h)  # type: ignore[no-untyped-call]
        return y, (last,)
    drive = drive + bias.to(drive.dtype)
    if cell == "lstm":
        y, last, c = LSTM.apply(drive, weight, h, memories[1])  # type: ignore[no-untyped-call]
        return y, (last, c)
    y, last = Simple.apply(cell, drive, weight, h)  # type: ignore[no-untyped-call]
    return y, (last,)
