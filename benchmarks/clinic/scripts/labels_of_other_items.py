"""Items are shuffled, and their labels are not. Finding: shuffled-labels."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

import understudy as us

torch.manual_seed(0)
digits = load_digits()
x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
order = torch.randperm(len(x))
x = x[order]  # fault
# well: x, y = x[order], y[order]
train_x, train_y, val_x, val_y = x[:1000], y[:1000], x[1000:], y[1000:]

model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)


def evaluate():
    model.eval()
    with torch.no_grad():
        losses = [F.cross_entropy(model(a), b) for a, b in zip(val_x.split(200), val_y.split(200))]
    model.train()
    return sum(losses).item() / len(losses)


with us.watch(model, optimizer) as doctor:
    for epoch in range(20):
        for pick in torch.randperm(1000).split(50):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(train_x[pick]), train_y[pick])  # sick
            loss.backward()
            optimizer.step()
        print(f"{epoch:3d} training {loss.item():.3f} validation {evaluate():.3f}")
