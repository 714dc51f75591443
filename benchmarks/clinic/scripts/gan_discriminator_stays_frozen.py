"""The discriminator is frozen for the generator's turn, and never released. Finding: idle-optimizer."""

import torch
from torch import nn

import understudy as us

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1))
discriminator = nn.Sequential(nn.Linear(1, 24), nn.ReLU(), nn.Linear(24, 1))
g_optim = torch.optim.RMSprop(generator.parameters(), lr=5e-4)
d_optim = torch.optim.RMSprop(discriminator.parameters(), lr=5e-4)


def freeze(module, frozen):
    for p in module.parameters():
        p.requires_grad = not frozen


with us.watch([generator, discriminator], [g_optim, d_optim]) as doctor:
    for step in range(80):
        real = 3 + 0.5 * torch.randn(32, 1)
        with torch.no_grad():
            fake = generator(torch.randn(32, 2))
        freeze(discriminator, step > 0)  # fault
        # well: freeze(discriminator, False)
        d_loss = discriminator(fake).mean() - discriminator(real).mean()
        d_optim.zero_grad()
        if d_loss.requires_grad:
            d_loss.backward()
        d_optim.step()  # sick
        with torch.no_grad():
            for p in discriminator.parameters():
                p.clamp_(-0.05, 0.05)

        freeze(discriminator, True)
        g_loss = -discriminator(generator(torch.randn(32, 2))).mean()
        g_optim.zero_grad()
        g_loss.backward()
        g_optim.step()
