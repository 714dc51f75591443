"""An autoencoder of digits, dense, with two modules and one optimizer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, digits, learning, mlp, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        **learning(draw, "adam", "adam", "adamw", "rmsprop"),
        "widths": list(draw.layers((48, 64, 100, 128), 1, 2)),
        "code": draw.choice((4, 8, 16, 24)),
        "activation": draw.choice(("relu", "tanh", "gelu", "leaky", "elu")),
        "loss": draw.choice(("bce", "bce of logits", "mse")),
        "steps": draw.randint(150, 350),
    }


def penalty(s: Settings, x: Tensor, decoded: Tensor, mistake: str) -> Tensor:
    """How far the copy is from the picture."""
    if mistake == "sigmoid twice":
        return F.binary_cross_entropy_with_logits(torch.sigmoid(decoded), x)
    if mistake == "bce on logits":
        return F.binary_cross_entropy(decoded, x)
    if mistake == "targets to 16":
        logits = F.binary_cross_entropy_with_logits(decoded, 16 * x)
        return logits if s["loss"] != "mse" else F.mse_loss(torch.sigmoid(decoded), 16 * x)
    if s["loss"] == "mse":
        return F.mse_loss(decoded, x)
    if s["loss"] == "bce":
        return F.binary_cross_entropy(torch.sigmoid(decoded), x)
    return F.binary_cross_entropy_with_logits(decoded, x)


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    x, _ = digits()
    x = x[torch.randperm(len(x))]
    encoder = mlp([64, *s["widths"], s["code"]], s["activation"])
    decoder = mlp([s["code"], *s["widths"][::-1], 64], s["activation"])
    if mistake == "zeros":
        for layer in (*encoder, *decoder):
            if isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
    parts = [decoder] if mistake == "decoder alone" else [encoder, decoder]
    opt = optimizer(s, [weight for part in parts for weight in part.parameters()])
    with us.watch([encoder, decoder], opt, family="autoencoder", quiet=True) as doctor:
        for _ in range(s["steps"]):
            batch = x[torch.randint(1400, (s["batch"],))]
            if mistake == "encoder without gradient":
                with torch.no_grad():
                    code = encoder(batch)
            else:
                code = encoder(batch)
            if mistake == "code detached":
                code = code.detach()
            loss = penalty(s, batch, decoder(code), mistake)
            if mistake != "no zero_grad":
                opt.zero_grad()
            loss.backward()
            opt.step()
    return doctor
