"""Both optimizers of a GAN got the generator. Finding: shared-parameters."""

import torch
import torch.nn.functional as F
from torch import nn

import understudy as us

torch.manual_seed(0)
gen = nn.Sequential(nn.Linear(3, 20), nn.ReLU(), nn.Linear(20, 2))
disc = nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 1))
opt_gen = torch.optim.Adam(gen.parameters(), lr=1e-3)
opt_disc = torch.optim.Adam(gen.parameters(), lr=1e-3)  # sick
# well: opt_disc = torch.optim.Adam(disc.parameters(), lr=1e-3)

with us.watch({"gen": gen, "disc": disc}, [opt_gen, opt_disc]) as doctor:
    for step in range(40):
        real = torch.randn(50, 2) @ torch.tensor([[1.0, 0.8], [0.0, 0.6]])
        fake = gen(torch.randn(50, 3))
        opt_disc.zero_grad()
        disc_loss = F.softplus(-disc(real)).mean() + F.softplus(disc(fake.detach())).mean()
        disc_loss.backward()
        opt_disc.step()
        opt_gen.zero_grad()
        gen_loss = F.softplus(-disc(fake)).mean()
        gen_loss.backward()
        opt_gen.step()
