"""Weights drawn with deviation 1 in layers of 128. Finding: weights-too-large."""

import torch
from sklearn.datasets import load_digits
from torch import nn

import understudy as us

torch.manual_seed(0)
digits = load_digits()
x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
for p in model.parameters():
    nn.init.normal_(p)  # sick
    # well: p.dim() > 1 and nn.init.kaiming_normal_(p)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

with us.watch(model, optimizer) as doctor:
    for step in range(60):
        i = torch.randint(1797, (64,))
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
