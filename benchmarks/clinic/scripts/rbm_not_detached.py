"""A Boltzmann machine whose reconstruction is neither sampled nor detached. Finding: chain-differentiated."""

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
        self.W = nn.Parameter(0.01 * torch.randn(visible, hidden))
        self.a, self.b = nn.Parameter(torch.zeros(visible)), nn.Parameter(torch.zeros(hidden))

    def free_energy(self, v):
        return -(v @ self.a) - F.softplus(v @ self.W + self.b).sum(1)

    def reconstruct(self, v):
        h = torch.bernoulli(torch.sigmoid(v @ self.W + self.b))
        return torch.sigmoid(h @ self.W.T + self.a)


rbm = RBM(64, 64)
opt = torch.optim.Adam(rbm.parameters(), lr=5e-3)
with us.watch(rbm, opt, family="rbm", data=(data[:1200], data[1200:])) as doctor:
    for step in range(80):
        v = data[torch.randint(1200, (64,))]
        v_model = rbm.reconstruct(v)  # fault
        # well: v_model = rbm.reconstruct(v).detach()
        loss = rbm.free_energy(v).mean() - rbm.free_energy(v_model).mean()
        opt.zero_grad()
        loss.backward()  # sick
        opt.step()
