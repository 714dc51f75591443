"""The same with the squared error written out, and all data in one batch. Finding: loss-broadcast."""

import numpy as np
import torch

import understudy as us

rng = np.random.default_rng(0)
x = torch.from_numpy(rng.uniform(-3, 3, (200, 1))).float()
y = torch.from_numpy(np.sin(x.numpy()[:, 0]) + 0.1 * rng.normal(size=200)).float()

model = torch.nn.Sequential(
    torch.nn.Linear(1, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1)
)
optim = torch.optim.Adam(model.parameters(), lr=1e-2)

with us.watch(model, optim) as doctor:
    for epoch in range(100):
        optim.zero_grad()
        error = model(x) - y  # sick
        # well: error = model(x)[:, 0] - y
        loss = (error**2).mean()
        loss.backward()
        optim.step()
        if epoch % 20 == 0:
            print(epoch, loss.item())
