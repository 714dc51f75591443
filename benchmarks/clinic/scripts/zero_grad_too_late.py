"""zero_grad stands between backward and step. Finding: lost-gradient."""

import torch
from torch import nn

import understudy as us

torch.manual_seed(0)
x = torch.linspace(-2, 2, 256)[:, None]
y = x**3 - x

model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

with us.watch(model, optimizer) as doctor:
    for epoch in range(40):
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()  # twin
        # well: optimizer.zero_grad(); loss.backward()
        optimizer.zero_grad()  # fault
        # well: print(epoch, loss.item())
        optimizer.step()  # sick
