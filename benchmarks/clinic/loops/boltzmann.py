"""A restricted Boltzmann machine of black and white digits, by contrastive divergence."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, digits
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch


def draw(draw: Draw) -> Settings:
    """Random settings; a chain of probabilities, without sampling, trains as well where it begins at the data."""
    name = draw.choice(("sgd", "sgd", "momentum", "adam"))
    low, high = {"sgd": (0.03, 0.2), "momentum": (0.01, 0.05), "adam": (1e-3, 1e-2)}[name]
    persistent = draw.random() < 0.3
    return {
        "optimizer": name,
        "rate": draw.log(low, high),
        "batch": draw.choice((20, 32, 64)),
        "seed": draw.randrange(2**31),
        "hidden": draw.choice((32, 64, 100, 128)),
        "steps_of_chain": draw.choice((1, 1, 1, 2, 5)),
        "persistent": persistent,
        "sampled": draw.choice(("all", "all", "hidden", "hidden" if persistent else "none")),
        "form": draw.choice(("energy", "energy", "by hand")),
        "mean": draw.random() < 0.4,
        "visible_bias": draw.choice(("zero", "log-odds")),
        "decay": draw.choice((0.0, 0.0, 1e-4)),
        "drawn": draw.random() < 0.3,
        "epochs": draw.randint(5, 15),
    }


class Machine(nn.Module):
    def __init__(self, s: Settings, frequencies: Tensor) -> None:
        super().__init__()
        self.s = s
        self.W = nn.Parameter(0.01 * torch.randn(s["hidden"], len(frequencies)))
        p = frequencies.clamp(0.02, 0.98)
        self.visible = nn.Parameter(torch.log(p / (1 - p)) if s["visible_bias"] == "log-odds" else torch.zeros(len(p)))
        self.hidden = nn.Parameter(torch.zeros(s["hidden"]))

    def up(self, v: Tensor) -> Tensor:
        return torch.sigmoid(F.linear(v, self.W, self.hidden))

    def down(self, h: Tensor) -> Tensor:
        return torch.sigmoid(F.linear(h, self.W.T, self.visible))

    def free_energy(self, v: Tensor) -> Tensor:
        each = -v @ self.visible - F.softplus(F.linear(v, self.W, self.hidden)).sum(1)
        return each.mean() if self.s["mean"] else each

    def forward(self, v: Tensor, sampled: str) -> Tensor:
        for _ in range(self.s["steps_of_chain"]):
            h = self.up(v)
            v = self.down(torch.bernoulli(h) if sampled != "none" else h)
            v = torch.bernoulli(v) if sampled == "all" else v
        return v


def optimizer(s: Settings, machine: Machine) -> torch.optim.Optimizer:
    """With decay on its weights."""
    if s["optimizer"] == "adam":
        return torch.optim.Adam(machine.parameters(), lr=s["rate"], weight_decay=s["decay"])
    momentum = 0.9 if s["optimizer"] == "momentum" else 0.0
    return torch.optim.SGD(machine.parameters(), lr=s["rate"], momentum=momentum, weight_decay=s["decay"])


def by_hand(machine: Machine, v: Tensor, made: Tensor, mistake: str) -> None:
    """Positive less negative phase, as gradients to step down."""
    with torch.no_grad():
        up, back = machine.up(v), machine.up(made)
        sign = 1 if mistake == "wrong sign" else -1
        back = 0 * back if mistake == "no negative phase" else back
        seen = 0 * made if mistake == "no negative phase" else made
        machine.W.grad = sign * (up.T @ v - back.T @ seen) / len(v)
        machine.visible.grad = sign * (v - seen).mean(0)
        machine.hidden.grad = sign * (up.mean(0) - back.mean(0))


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    x, _ = digits()
    x = (torch.bernoulli(x) if s["drawn"] else (x > 0.5).float()).unique(dim=0)
    x = x[torch.randperm(len(x))]
    train, held_out = x[:1400], x[1400:]
    machine = Machine(s, train.mean(0))
    opt = optimizer(s, machine)
    if s["persistent"] and s["sampled"] == "none":
        s = {**s, "sampled": "hidden"}
    chain = torch.bernoulli(torch.full((s["batch"], 64), 0.5))
    with us.watch(machine, opt, family="rbm", data=(train, held_out), quiet=True) as doctor:
        for _ in range(s["epochs"]):
            for batch in torch.randperm(len(train)).split(s["batch"])[:-1]:
                v = train[batch]
                if mistake == "chain differentiated":
                    made = machine(v, "none" if s["sampled"] == "all" else s["sampled"])
                else:
                    sampled = "none" if mistake == "not sampled" else s["sampled"]
                    with torch.no_grad():
                        made = chain = machine(chain if s["persistent"] else v, sampled)
                if s["form"] == "by hand":
                    by_hand(machine, v, made, mistake)
                    opt.step()
                    continue
                loss = machine.free_energy(v).mean() - machine.free_energy(made).mean()
                if mistake == "wrong sign":
                    loss = -loss
                if mistake == "no negative phase":
                    loss = machine.free_energy(v).mean()
                opt.zero_grad()
                loss.backward()
                opt.step()
    return doctor
