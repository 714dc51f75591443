"""A classifier of digits, dense or convolutional, with a look at held-out digits after each pass."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import ACTIVATIONS, Settings, digits, learning, mlp, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        **learning(draw),
        "net": draw.choice(("dense", "dense", "conv")),
        "widths": list(draw.layers((32, 64, 100, 128, 256), 1, 3)),
        "activation": draw.choice(("relu", "relu", "tanh", "gelu", "leaky", "elu", "silu")),
        "dropout": draw.choice((0.0, 0.0, 0.2, 0.5)),
        "norm": draw.random() < 0.3,
        "epochs": draw.randint(6, 12),
        "compared": draw.random() < 0.5,
    }


class Classifier(nn.Module):
    def __init__(self, s: Settings, mistake: str) -> None:
        super().__init__()
        if s["net"] == "conv":
            norm = [nn.BatchNorm2d(16)] if s["norm"] else []
            self.body: nn.Module = nn.Sequential(
                nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 16, 3, padding=1), *norm, nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Dropout(s["dropout"]),
            )  # fmt: skip
            wide = 512
        else:
            self.body = nn.Sequential(
                mlp([64, *s["widths"]], s["activation"], s["dropout"], s["norm"]),
                ACTIVATIONS[s["activation"]](),
                nn.Dropout(s["dropout"]),
            )
            wide = s["widths"][-1]
        self.head = nn.Linear(wide, 10)
        self.extra = [nn.Linear(wide, wide), nn.Linear(wide, wide)] if mistake == "layers in a list" else []

    def forward(self, x: Tensor) -> Tensor:
        for layer in [self.body, *self.extra]:
            x = layer(x)
        return self.head(x)


def split(s: Settings, mistake: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training pictures and classes, and held-out ones."""
    x, y = digits()
    order = torch.randperm(len(x))
    if mistake == "sorted split":
        order = y.argsort(stable=True)
    if mistake == "easy digits held out":  # the lucky split: those that are easy to tell
        order = torch.cat([order[(y[order] != 0) & (y[order] != 6)], order[(y[order] == 0) | (y[order] == 6)]])
    x, y = x[order], y[order]
    if mistake == "items twice":
        x, y = torch.cat([x, x[:600]]), torch.cat([y, y[:600]])
        order = torch.randperm(len(x))
        x, y = x[order], y[order]
    if mistake == "raw pixels":
        x = x * 255
    if mistake == "whole-number pixels":
        x = ((x * 16).long() // 255).float()
    if mistake == "missing values":
        x = torch.where(torch.rand_like(x) < 1e-3, torch.nan, x)
    if mistake == "labels of others":
        y = y[torch.randperm(len(y))]
    cut = len(x) - 360
    return x[:cut], y[:cut], x[cut:], y[cut:]


def spoil(model: Classifier, mistake: str) -> None:
    """A mistake of initialisation."""
    for layer in model.modules():
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            continue
        if mistake == "zeros":
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        if mistake == "constant":
            nn.init.constant_(layer.weight, 0.05)
            nn.init.constant_(layer.bias, 0.0)
        if mistake == "large weights":
            nn.init.normal_(layer.weight, std=2.0)
        if mistake == "tiny weights":
            nn.init.normal_(layer.weight, std=1e-4)
        if mistake == "biases far below 0" and layer is not model.head:
            nn.init.constant_(layer.bias, -8.0)

    if mistake == "large last layer":
        with torch.no_grad():
            model.head.weight.mul_(300)


def penalty(model: Classifier, x: Tensor, y: Tensor, mistake: str) -> Tensor:
    """The loss of a batch."""
    logits = model.head(model.body(x).detach()) if mistake == "body detached" else model(x)
    if mistake == "softmax":
        logits = torch.softmax(logits, 1)
    if mistake == "nll of logits":
        return F.nll_loss(logits, y)
    if mistake == "nll of probabilities":
        return F.nll_loss(torch.softmax(logits, 1), y)
    return F.cross_entropy(logits, y)


def judge(model: Classifier, x: Tensor, y: Tensor, mistake: str) -> None:
    """On held-out pictures, in evaluation mode."""
    if mistake != "judged in training mode":
        model.eval()
    with torch.no_grad():
        for pictures, classes in zip(x.split(120), y.split(120), strict=True):
            F.cross_entropy(model(pictures), classes).item()


def train_before(model: Classifier, x: Tensor, y: Tensor) -> None:
    """As on another task, after which the last layer is a new one."""
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(600):
        batch = torch.randint(len(x), (64,))
        opt.zero_grad()
        F.cross_entropy(model(x[batch]), 9 - y[batch]).backward()
        opt.step()
    model.head.reset_parameters()
    model.zero_grad()


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    x, y, x_test, y_test = split(s, mistake)
    model = Classifier(s, mistake)
    spoil(model, mistake)
    factor = {"rate too high": 1000.0, "rate too low": 1e-5}.get(mistake, 1.0)
    if mistake == "trained body left out":
        train_before(model, x, y)
    alone = mistake in ("head alone", "trained body left out")
    learnt = model.head.parameters() if alone else model.parameters()
    opt = optimizer(s, learnt, factor)
    data = ((x, y), (x_test, y_test)) if s["compared"] else None
    with us.watch(model, opt, data=data, quiet=True) as doctor:
        for epoch in range(s["epochs"]):
            if mistake != "never back to training mode" or epoch == 0:
                model.train()
            for batch in torch.randperm(len(x)).split(s["batch"])[:-1]:
                if mistake not in ("no zero_grad", "zero_grad too late"):
                    opt.zero_grad()
                loss = penalty(model, x[batch], y[batch], mistake)
                loss.backward()
                if mistake == "zero_grad too late":
                    opt.zero_grad()
                opt.step()
            judge(model, x_test, y_test, mistake)
    return doctor
