"""A Boltzmann machine with a persistent chain of probabilities, never sampled. Finding: chain-not-sampled."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

import understudy as us

torch.manual_seed(0)
data = torch.tensor(load_digits().data / 16, dtype=torch.float32).gt(0.5).float().unique(dim=0)
data = data[torch.randperm(len(data))]


class RBM(nn.Module):
    def __init__(self, visible, hidden):
        super().__init__()
        self.W = nn.Parameter(0.01 * torch.randn(hidden, visible))
        self.a, self.b = nn.Parameter(torch.zeros(visible)), nn.Parameter(torch.zeros(hidden))

    def free_energy(self, v):
        return -(v @ self.a) - F.softplus(F.linear(v, self.W, self.b)).sum(1)

    def gibbs_step(self, v):
        h = torch.sigmoid(F.linear(v, self.W, self.b))  # sick
        # well: h = torch.bernoulli(torch.sigmoid(F.linear(v, self.W, self.b)))
        return torch.sigmoid(F.linear(h, self.W.t(), self.a))


rbm = RBM(64, 100)
opt = torch.optim.SGD(rbm.parameters(), lr=0.1)
chain = torch.rand(32, 64).round()
with us.watch(rbm, opt, family="rbm", data=(data[:1400], data[1400:])) as doctor:
    for epoch in range(60):
        for v in data[:1400][torch.randperm(1400)].split(32):
            with torch.no_grad():
                chain = rbm.gibbs_step(chain)
            loss = rbm.free_energy(v).mean() - rbm.free_energy(chain).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
