"""A deep network that keeps its hidden layers in a plain list. Finding: missing-parameters."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

import understudy as us

torch.manual_seed(0)
data = load_digits()
X, Y = torch.FloatTensor(data.data / 16.0), torch.LongTensor(data.target)


class DeepNet(nn.Module):
    def __init__(self, width=48, depth=3):
        super().__init__()
        self.inp = nn.Linear(64, width)
        self.hidden = [nn.Linear(width, width) for _ in range(depth)]  # sick
        # well: self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        x = F.relu(self.inp(x))
        for layer in self.hidden:
            x = F.relu(layer(x))
        return self.out(x)


model = DeepNet()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)

with us.watch(model, opt) as doctor:
    for it in range(60):
        idx = torch.randint(len(X), (50,))
        loss = F.cross_entropy(model(X[idx]), Y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
