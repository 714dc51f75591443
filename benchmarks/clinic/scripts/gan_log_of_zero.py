"""A GAN whose losses are written out, log and all, at a rate of 0.1. Finding: pole."""

import torch
from torch import nn

import understudy as us

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
D = nn.Sequential(nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 1))
d_optimizer = torch.optim.SGD(D.parameters(), lr=0.1)
g_optimizer = torch.optim.SGD(G.parameters(), lr=1e-3)


def real_batch(n):
    return 40 + 5 * torch.randn(n, 1)


with us.watch([G, D], [g_optimizer, d_optimizer], family="gan") as doctor:
    for it in range(100):
        d_real = torch.sigmoid(D(real_batch(128)))
        d_fake = torch.sigmoid(D(G(torch.randn(128, 8)).detach()))
        d_loss = -torch.mean(torch.log(d_real) + torch.log(1 - d_fake))  # sick
        # well: d_loss = -torch.mean(torch.log(d_real + 1e-6) + torch.log(1 - d_fake + 1e-6))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()

        g_loss = -torch.mean(torch.log(torch.sigmoid(D(G(torch.randn(128, 8)))) + 1e-6))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
