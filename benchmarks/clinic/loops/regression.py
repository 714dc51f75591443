"""A dense network that learns a curve with noise."""

import warnings

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, learning, mlp, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        **learning(draw, "adam", "adam", "adamw", "rmsprop", "momentum"),
        "features": draw.choice((1, 2, 4, 8)),
        "widths": list(draw.layers((32, 64, 128), 1, 2)),
        "activation": draw.choice(("relu", "tanh", "gelu", "silu", "elu")),
        "noise": draw.choice((0.05, 0.1, 0.3)),
        "by_hand": draw.random() < 0.4,
        "epochs": draw.randint(10, 25),
    }


def data(s: Settings) -> tuple[Tensor, Tensor]:
    """Items of unit size and a bent function of them, (items,)."""
    x = torch.randn(1000, s["features"])
    y = torch.sin(1.5 * x[:, 0]) + 0.5 * x.square().mean(1) + s["noise"] * torch.randn(1000)
    return x, y


def penalty(s: Settings, said: Tensor, y: Tensor, mistake: str) -> Tensor:
    """The mean square."""
    if mistake == "shapes spread":
        warnings.simplefilter("ignore", UserWarning)  # torch's own, of one of the two ways
        return ((said - y) ** 2).mean() if s["by_hand"] else F.mse_loss(said, y)
    if mistake == "exponential overflows":
        return (torch.exp(400 * said.squeeze(1).abs()) - y).square().mean()
    if mistake == "root of 0":
        return (said.squeeze(1) - said.squeeze(1)).square().sum().sqrt() + F.mse_loss(said.squeeze(1), y)
    return ((said.squeeze(1) - y) ** 2).mean() if s["by_hand"] else F.mse_loss(said, y[:, None])


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    x, y = data(s)
    if mistake == "constant column scaled":
        x = torch.cat([x, torch.full((len(x), 1), 3.0)], 1)
        x = (x - x.mean(0)) / x.std(0, correction=0)
    if mistake == "targets of other items":
        y = y[torch.randperm(len(y))]
    model = mlp([x.shape[1], *s["widths"], 1], s["activation"])
    factor = {"rate too high": 300.0, "rate too low": 1e-6}.get(mistake, 1.0)
    opt = optimizer(s, model.parameters(), factor)
    with us.watch(model, opt, quiet=True) as doctor:
        for _ in range(s["epochs"]):
            for batch in torch.randperm(800).split(s["batch"]):
                opt.zero_grad()
                loss = penalty(s, model(x[batch]), y[batch], mistake)
                loss.backward()
                if s["optimizer"] == "momentum":
                    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                opt.step()
            with torch.no_grad():
                model.eval()
                penalty(s, model(x[800:]), y[800:], "").item()
                model.train()
    return doctor
