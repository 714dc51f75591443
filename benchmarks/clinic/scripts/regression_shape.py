"""A regression on a table: outputs of shape (N, 1), targets of shape (N,). Finding: loss-broadcast."""

import warnings

import torch
from sklearn.datasets import load_diabetes
from torch import nn

import understudy as us

warnings.filterwarnings("ignore")
torch.manual_seed(1)
table = load_diabetes()
X = torch.tensor(table.data / table.data.std(0), dtype=torch.float32)
t = torch.tensor((table.target - table.target.mean()) / table.target.std(), dtype=torch.float32)

net = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
loss_fn = nn.MSELoss()

with us.watch(net, opt) as doctor:
    for step in range(100):
        idx = torch.randint(0, 400, (32,))
        pred = net(X[idx])
        loss = loss_fn(pred, t[idx])  # sick
        # well: loss = loss_fn(pred.squeeze(1), t[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
