"""Loops of generative networks."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from healthy_loops.parts import STEPS, adam, healthy, mlp


@healthy
def wgan_with_gradient_penalty() -> Any:
    g, d = mlp(4, 16, 2), mlp(2, 16, 1)
    opt_g, opt_d = adam(g), adam(d)
    with us.watch([g, d], [opt_g, opt_d], family="gan") as doctor:
        for _ in range(STEPS):
            for _ in range(3):
                real, fake = torch.randn(32, 2), g(torch.randn(32, 4)).detach()
                mixed = torch.lerp(real, fake, torch.rand(32, 1)).requires_grad_()
                slope = torch.autograd.grad(d(mixed).sum(), mixed, create_graph=True)[0]
                loss = d(fake).mean() - d(real).mean() + 10 * (slope.norm(dim=1) - 1).square().mean()
                opt_d.zero_grad()
                loss.backward()
                opt_d.step()
            opt_g.zero_grad()
            (-d(g(torch.randn(32, 4))).mean()).backward()
            opt_g.step()
    return doctor


@healthy
def gan_that_uses_its_fakes_twice() -> Any:
    g, d = mlp(4, 16, 2, last=nn.Tanh()), mlp(2, 16, 1, last=nn.Sigmoid())
    opt_g, opt_d = adam(g), adam(d)
    bce = nn.BCELoss()
    with us.watch([g, d], [opt_g, opt_d]) as doctor:
        for _ in range(STEPS):
            fake = g(torch.randn(32, 4))
            d.zero_grad()
            bce(d(torch.rand(32, 2)), torch.full((32, 1), 0.9)).backward()
            bce(d(fake.detach()), torch.zeros(32, 1)).backward()
            opt_d.step()
            g.zero_grad()
            bce(d(fake), torch.ones(32, 1)).backward()
            opt_g.step()
    return doctor


@healthy
def gan_whose_fakes_are_made_without_gradient_and_shown_in_training_mode() -> Any:
    g = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
    d = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(16, 1))
    opt_g, opt_d = adam(g), adam(d)
    noise = torch.randn(16, 4)
    with us.watch([g, d], [opt_g, opt_d]) as doctor:
        for step in range(STEPS):
            with torch.no_grad():
                fake = g(torch.randn(32, 4))
            labels = torch.cat([0.7 + 0.5 * torch.rand(32, 1), 0.3 * torch.rand(32, 1)])  # blurred, as people do
            loss = F.binary_cross_entropy_with_logits(d(torch.cat([torch.randn(32, 2), fake])), labels)
            opt_d.zero_grad()
            loss.backward()
            opt_d.step()
            loss = F.binary_cross_entropy_with_logits(d(g(torch.randn(32, 4))), torch.ones(32, 1))
            opt_g.zero_grad()
            loss.backward()
            opt_g.step()
            if step % 5 == 0:
                with torch.no_grad():
                    shown = g(noise)
                    (d(shown) > 0).float().mean().item()
    return doctor


@healthy
def gan_with_players_in_one_module_and_the_generator_first() -> Any:
    class Gan(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.g, self.d = mlp(4, 16, 2), nn.Sequential(*map(nn.utils.spectral_norm, [nn.Linear(2, 1)]))

    gan = Gan()
    opt_g, opt_d = adam(gan.g), torch.optim.SGD(gan.d.parameters(), lr=0.01)
    with us.watch(gan, [opt_g, opt_d]) as doctor:
        for _ in range(STEPS):
            fake = gan.g(torch.randn(32, 4))
            opt_g.zero_grad(set_to_none=False)
            F.softplus(-gan.d(fake)).mean().backward()
            opt_g.step()
            opt_d.zero_grad(set_to_none=False)
            (F.softplus(-gan.d(torch.randn(32, 2))) + F.softplus(gan.d(fake.detach()))).mean().backward()
            opt_d.step()
    return doctor


@healthy
def vae_with_summed_cross_entropy() -> Any:
    encoder, decoder = mlp(16, 32, 8), mlp(4, 32, 16)
    optimizer = adam(encoder, decoder)
    with us.watch([encoder, decoder], optimizer, family="vae") as doctor:
        for _ in range(STEPS):
            x = (torch.rand(32, 16) > 0.5).float()
            mean, log_variance = encoder(x).chunk(2, 1)
            z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
            copy_loss = F.binary_cross_entropy_with_logits(decoder(z), x, reduction="sum") / 32
            kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
            optimizer.zero_grad()
            (copy_loss + kl).backward()
            optimizer.step()
    return doctor


@healthy
def vq_vae_straight_through() -> Any:
    encoder, decoder, codebook = mlp(8, 16, 4), mlp(4, 16, 8), nn.Embedding(16, 4)
    optimizer = adam(encoder, decoder, codebook)
    with us.watch([encoder, decoder, codebook], optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            z = encoder(x)
            e = codebook(torch.cdist(z.detach(), codebook.weight.detach()).argmin(1))
            out = decoder(z + (e - z).detach())
            loss = F.mse_loss(out, x) + F.mse_loss(e, z.detach()) + 0.25 * F.mse_loss(z, e.detach())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def sentence_autoencoder() -> Any:
    class Copier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.output = nn.Embedding(30, 16), nn.Linear(32, 30)
            self.encoder, self.decoder = nn.GRU(16, 32, batch_first=True), nn.GRU(32, 32, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            _, code = self.encoder(self.embedding(x))
            return self.output(self.decoder(code.transpose(0, 1).expand(-1, x.shape[1], -1))[0])

    model = Copier()
    optimizer = adam(model)
    with us.watch(model, optimizer, family="autoencoder") as doctor:
        for _ in range(STEPS):
            x = torch.randint(30, (16, 9))
            optimizer.zero_grad()
            F.cross_entropy(model(x).flatten(0, 1), x.flatten()).backward()
            optimizer.step()
    return doctor


@healthy
def diffusion() -> Any:
    class Denoiser(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.time, self.body = mlp(1, 16, 16), mlp(18, 64, 2)

        def forward(self, x: Tensor, t: Tensor) -> Tensor:
            return self.body(torch.cat([x, self.time(t[:, None].float())], 1))

    model = Denoiser()
    optimizer = adam(model)
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, t = torch.randn(64, 2), torch.randint(1000, (64,))
            noise = torch.randn_like(x)
            noisy = kept[t].sqrt()[:, None] * x + (1 - kept[t]).sqrt()[:, None] * noise
            optimizer.zero_grad()
            F.mse_loss(model(noisy, t / 1000), noise).backward()
            optimizer.step()
    return doctor


@healthy
def normalising_flow_that_begins_as_the_identity() -> Any:
    class Coupling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = mlp(1, 16, 2)
            nn.init.zeros_(self.net[-1].weight)
            nn.init.zeros_(self.net[-1].bias)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            shift, log_scale = self.net(x[:, :1]).chunk(2, 1)
            return torch.cat([x[:, 1:] * log_scale.exp() + shift, x[:, :1]], 1), log_scale[:, 0]

    model = nn.ModuleList(Coupling() for _ in range(4))
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            z = torch.randn(64, 2) @ torch.tensor([[1.0, 0.9], [0.0, 0.4]])
            total = torch.zeros(64)
            for layer in model:
                z, log_det = layer(z)
                total = total + log_det
            loss = (0.5 * z.square().sum(1) + math.log(2 * math.pi) - total).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor
