"""Seven layers of sigmoids. Finding: vanishing."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

import understudy as us

torch.manual_seed(0)
digits = load_digits()
x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)


class Deep(nn.Module):
    def __init__(self, depth=7, width=64, activation=nn.Sigmoid):  # fault
        # well: def __init__(self, depth=7, width=64, activation=nn.ReLU):
        super().__init__()
        layers = []
        for i in range(depth):
            layers += [nn.Linear(64 if i == 0 else width, width), activation()]
        self.layers = nn.Sequential(*layers)  # sick
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        return self.out(self.layers(x))


model = Deep()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

with us.watch(model, optimizer) as doctor:
    for step in range(400):
        pick = torch.randint(len(x), (64,))
        loss = nn.functional.cross_entropy(model(x[pick]), y[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
