"""A classifier of digits or a regression whose activation, scale and loss have backward passes of the author's own."""

from typing import Any

import torch
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, digits, learning, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch

WRONG, FACTOR, SPREAD = "wrong term", "factor missing", "gradient spread"


def draw(draw: Draw) -> Settings:
    """Random settings; `where` is where a mistake is made."""
    return {
        **learning(draw, "adam", "adam", "adamw", "rmsprop"),
        "task": draw.choice(("digits", "curve")),
        "activation": draw.choice(("relu", "leaky", "square", "tanh", "swish", "softplus")),
        "width": draw.choice((32, 48, 64, 96)),
        "meant": draw.choice(("", "", "rounded", "bounded", "reversed")),
        "where": draw.choice(("activation", "scale", "loss")),
        "epochs": draw.randint(3, 8),
    }


class Activation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kind: str, mistake: str) -> Tensor:
        y = {
            "relu": lambda: x.clamp(min=0),
            "leaky": lambda: torch.where(x > 0, x, 0.1 * x),
            "square": lambda: x.clamp(min=0) ** 2,
            "tanh": lambda: 1.7159 * torch.tanh(2 * x / 3),
            "swish": lambda: x * torch.sigmoid(x),
            "softplus": lambda: torch.log1p(torch.exp(-x.abs())) + x.clamp(min=0),
        }[kind]()
        ctx.save_for_backward(x, y)
        ctx.kind, ctx.mistake = kind, mistake
        return y

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        x, y = ctx.saved_tensors
        wrong, factor = ctx.mistake == WRONG, 1.0 if ctx.mistake == FACTOR else 2.0
        if ctx.kind == "relu":
            return dy * ((dy if wrong else x) > 0), None, None
        if ctx.kind == "leaky":
            return dy * torch.where((dy if wrong else x) > 0, 1.0, 0.1), None, None
        if ctx.kind == "square":
            return dy * factor * (y if wrong else x).clamp(min=0), None, None
        if ctx.kind == "tanh":  # a factor of 2/3 comes from inside
            slope = 1.7159 * (1 - (x if wrong else y / 1.7159) ** 2)
            return dy * slope * (1.0 if ctx.mistake == FACTOR else 2 / 3), None, None
        s = torch.sigmoid(x)
        if ctx.kind == "swish":
            return dy * (s if wrong else s + y * (1 - s)), None, None
        return dy * (s * (1 - s) if wrong else s), None, None


class Scale(torch.autograd.Function):
    """A gain and a bias for each unit."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor, bias: Tensor, mistake: str) -> Tensor:
        ctx.save_for_backward(x, gain)
        ctx.mistake = mistake
        return x * gain + bias

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        x, gain = ctx.saved_tensors
        dx, dgain, dbias = dy * gain, (dy * x).sum(0), dy.sum(0)
        if ctx.mistake == WRONG:
            dx = dy * x
        if ctx.mistake == FACTOR:
            dgain, dbias = (dy * x).mean(0), dy.mean(0)
        if ctx.mistake == SPREAD:
            dbias = dy.sum().expand(gain.shape)
        return dx, dgain, dbias, None


class SquaredError(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, said: Tensor, y: Tensor, mistake: str) -> Tensor:
        ctx.save_for_backward(said, y)
        ctx.mistake = mistake
        return ((said.squeeze(1) - y) ** 2).mean()

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        said, y = ctx.saved_tensors
        if ctx.mistake == SPREAD:
            return dy * 2 * (said - y) / len(y), None, None
        difference = said if ctx.mistake == WRONG else said - y[:, None]
        return dy * (1 if ctx.mistake == FACTOR else 2) * difference / len(y), None, None


class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, y: Tensor, mistake: str) -> Tensor:
        log_p = torch.log_softmax(logits, 1)
        ctx.save_for_backward(log_p, y)
        ctx.mistake = mistake
        return -log_p[torch.arange(len(y)), y].mean()

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        log_p, y = ctx.saved_tensors
        p, wanted = log_p.exp(), torch.nn.functional.one_hot(y, log_p.shape[1])
        if ctx.mistake == WRONG:
            return dy * p * (p - wanted) / len(y), None, None
        if ctx.mistake == SPREAD:
            return dy * (p - wanted).sum(0, keepdim=True).expand_as(p) / len(y), None, None
        return dy * (p - wanted) / (1 if ctx.mistake == FACTOR else len(y)), None, None


class Meant(torch.autograd.Function):
    """Its gradient is another one on purpose: of a rounded value, a bounded one, a reversed one."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kind: str) -> Tensor:
        ctx.kind = kind
        return torch.round(8 * x) / 8 if kind == "rounded" else x.clone()

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return {"rounded": dy, "bounded": dy.clamp(-1e-2, 1e-2), "reversed": -0.1 * dy}[ctx.kind], None


class Network(nn.Module):
    def __init__(self, s: Settings, inputs: int, outputs: int, mistakes: dict[str, str]) -> None:
        super().__init__()
        self.s, self.mistakes = s, mistakes
        self.first, self.last = nn.Linear(inputs, s["width"]), nn.Linear(s["width"], outputs)
        self.gain, self.bias = nn.Parameter(torch.ones(s["width"])), nn.Parameter(torch.zeros(s["width"]))
        self.second = nn.Linear(inputs, s["width"])

    def forward(self, x: Tensor) -> Tensor:
        scaled = Scale.apply(self.first(x), self.gain, self.bias, self.mistakes["scale"])
        hidden = Activation.apply(scaled, self.s["activation"], self.mistakes["activation"])
        if self.s["meant"]:
            hidden = hidden + 0.1 * Meant.apply(self.second(x), self.s["meant"])
        made: Tensor = self.last(hidden)
        return made


def place(s: Settings, mistake: str) -> dict[str, str]:
    """Who makes the mistake: not every function can make every one."""
    where = s["where"]
    if mistake == FACTOR and where == "activation" and s["activation"] not in ("square", "tanh"):
        where = "loss"
    if mistake == SPREAD and where == "activation":
        where = "scale"
    return {name: mistake if name == where else "" for name in ("activation", "scale", "loss")}


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    mistakes = place(s, mistake)
    if s["task"] == "digits":
        x, y = digits()
        model, criterion = Network(s, 64, 10, mistakes), CrossEntropy
    else:
        x = torch.randn(1000, 4)
        y = torch.sin(1.5 * x[:, 0]) + 0.1 * torch.randn(1000)
        model, criterion = Network(s, 4, 1, mistakes), SquaredError  # type: ignore[assignment]
    opt = optimizer(s, model.parameters())
    with us.watch(model, opt, quiet=True) as doctor:
        for _ in range(s["epochs"]):
            for batch in torch.randperm(800).split(s["batch"])[:-1]:
                opt.zero_grad()
                loss = criterion.apply(model(x[batch]), y[batch], mistakes["loss"])
                loss.backward()
                opt.step()
    return doctor
