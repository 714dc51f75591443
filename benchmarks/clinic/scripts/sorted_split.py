"""Data that are sorted by class, split without being shuffled. Finding: missing-class."""

import torch
from sklearn.datasets import load_wine
from torch import nn

import understudy as us

torch.manual_seed(0)
wine = load_wine()
x = torch.tensor((wine.data - wine.data.mean(0)) / wine.data.std(0), dtype=torch.float32)
y = torch.tensor(wine.target)
order = torch.arange(len(x))  # fault
# well: order = torch.randperm(len(x))
train, test = order[:120], order[120:]

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

with us.watch(model, optimizer, data=((x[train], y[train]), (x[test], y[test]))) as doctor:  # sick
    for epoch in range(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[train]), y[train])
        loss.backward()
        optimizer.step()
