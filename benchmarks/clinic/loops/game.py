"""A GAN of points or digits with two optimizers."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, digits, mlp
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        "rate": draw.log(2e-4, 1e-3),
        "batch": draw.choice((32, 64, 128)),
        "seed": draw.randrange(2**31),
        "data": draw.choice(("points", "digits")),
        "noise": draw.choice((2, 8, 16)),
        "width": draw.choice((32, 64, 128)),
        "loss": draw.choice(("bce of logits", "bce", "least squares")),
        "beta1": draw.choice((0.5, 0.9)),
        "steps": draw.randint(120, 260),
    }


def verdict(s: Settings, logits: Tensor, real: float) -> Tensor:
    """The loss of calling items real (1) or not (0)."""
    wanted = torch.full_like(logits, real)
    if s["loss"] == "least squares":
        return F.mse_loss(logits, wanted)
    if s["loss"] == "bce":
        return F.binary_cross_entropy(torch.sigmoid(logits), wanted)
    return F.binary_cross_entropy_with_logits(logits, wanted)


def judged(s: Settings, d: nn.Module, real: Tensor, fake: Tensor, mistake: str) -> Tensor:
    """The discriminator's loss."""
    if mistake == "log of 0":
        return -(torch.log(torch.sigmoid(d(40 + 20 * real))) + torch.log(1 - torch.sigmoid(d(40 + 20 * fake)))).mean()
    return verdict(s, d(real), 1.0) + verdict(s, d(fake), 0.0)


def optimizers(s: Settings, g: nn.Module, d: nn.Module, mistake: str) -> list[torch.optim.Optimizer]:
    """Of the generator and of the discriminator."""
    moved = g if mistake == "generator twice" else d
    return [torch.optim.Adam(one.parameters(), lr=s["rate"], betas=(s["beta1"], 0.999)) for one in (g, moved)]


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    x = digits()[0] if s["data"] == "digits" else torch.randn(1500, 2) * torch.tensor([1.0, 0.3]) + 1
    g = mlp([s["noise"], s["width"], s["width"], x.shape[1]], "relu")
    d = mlp([x.shape[1], s["width"], 1], "leaky")
    opt_g, opt_d = optimizers(s, g, d, mistake)
    if mistake == "log of 0":
        opt_d = torch.optim.SGD(d.parameters(), lr=0.1)
    with us.watch([g, d], [opt_g, opt_d], family="gan", quiet=True) as doctor:
        for step in range(s["steps"]):
            real = x[torch.randint(len(x), (s["batch"],))]
            fake = g(torch.randn(s["batch"], s["noise"]))
            if mistake == "discriminator stays frozen" and step > 0:
                d.requires_grad_(False)
            d_loss = judged(s, d, real, fake if mistake == "fakes not detached" else fake.detach(), mistake)
            if mistake == "fakes not detached":  # the zero_grad of both, at the beginning of a round
                opt_g.zero_grad()
            opt_d.zero_grad()
            if d_loss.requires_grad:
                d_loss.backward()
            opt_d.step()

            fake = g(torch.randn(s["batch"], s["noise"]))
            if mistake == "generator detached":
                fake = fake.detach()
            g_loss = verdict(s, d(fake), 1.0)
            if mistake != "fakes not detached":
                opt_g.zero_grad()
            if g_loss.requires_grad:
                g_loss.backward()
            opt_g.step()
    return doctor
