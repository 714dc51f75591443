"""A GAN that detaches the fakes in the generator's turn too. Finding: detached."""

import torch
from torch import nn

import understudy as us

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
opt_G = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
opt_D = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)


def sample_data(n):
    angle = 2 * torch.pi * torch.rand(n)
    return torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(n, 2)


with us.watch([G, D], [opt_G, opt_D], family="gan") as doctor:
    for step in range(60):
        # train D
        fake = G(torch.randn(64, 4))
        loss_D = criterion(D(sample_data(64)), ones) + criterion(D(fake.detach()), zeros)
        opt_D.zero_grad()
        loss_D.backward()
        opt_D.step()

        # train G
        loss_G = criterion(D(fake.detach()), ones)  # sick
        # well: loss_G = criterion(D(fake), ones)
        opt_G.zero_grad()
        loss_G.backward()
        opt_G.step()
