"""Adam at a rate of 1e-7. Finding: rate-too-low."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

import understudy as us

torch.manual_seed(0)
cancer = load_breast_cancer()
x = torch.tensor((cancer.data - cancer.data.mean(0)) / cancer.data.std(0), dtype=torch.float32)
y = torch.tensor(cancer.target).float()

net = nn.Sequential(nn.Linear(30, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=1e-7)  # sick
# well: opt = torch.optim.Adam(net.parameters(), lr=1e-3)

with us.watch(net, opt) as doctor:
    for step in range(400):
        batch = torch.randint(len(x), (64,))
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[batch]), y[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
