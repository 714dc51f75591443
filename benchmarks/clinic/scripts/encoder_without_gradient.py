"""A classifier on top of an encoder that is called without gradient, and trained in vain. Finding: detached."""

import torch
from sklearn.datasets import load_digits
from torch import nn

import understudy as us

torch.manual_seed(0)
digits = load_digits()
x, y = torch.tensor(digits.images[:, None] / 16, dtype=torch.float32), torch.tensor(digits.target)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 12, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        with torch.set_grad_enabled(False):  # fault
            # well: with torch.set_grad_enabled(True):
            h = self.features(x)  # sick
        return self.head(h)


model = Classifier()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

with us.watch(model, optimizer) as doctor:
    for step in range(30):
        pick = torch.randint(1797, (64,))
        loss = nn.functional.cross_entropy(model(x[pick]), y[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
