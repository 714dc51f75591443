"""Two moons, and no zero_grad. Finding: no-zero-grad."""

import torch
from sklearn.datasets import make_moons
from torch import nn, optim

import understudy as us

torch.manual_seed(0)
points, labels = make_moons(400, noise=0.15, random_state=0)
points, labels = torch.tensor(points, dtype=torch.float32), torch.tensor(labels)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()

with us.watch(model, optimizer) as doctor:
    for epoch in range(10):
        order = torch.randperm(400)
        for i in range(0, 400, 40):
            batch = order[i : i + 40]
            loss = criterion(model(points[batch]), labels[batch])
            loss.backward()  # sick
            # well: optimizer.zero_grad(); loss.backward()
            optimizer.step()
