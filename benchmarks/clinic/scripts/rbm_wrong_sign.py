"""A restricted Boltzmann machine whose loss has the wrong sign. Finding: divergence-sign."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

import understudy as us


class RBM(nn.Module):
    def __init__(self, n_vis=64, n_hid=50, k=1):
        super().__init__()
        self.W = nn.Parameter(torch.randn(n_hid, n_vis) * 1e-2)
        self.v_bias = nn.Parameter(torch.zeros(n_vis))
        self.h_bias = nn.Parameter(torch.zeros(n_hid))
        self.k = k

    def sample(self, p):
        return F.relu(torch.sign(p - torch.rand(p.size())))

    def v_to_h(self, v):
        return self.sample(torch.sigmoid(F.linear(v, self.W, self.h_bias)))

    def h_to_v(self, h):
        return self.sample(torch.sigmoid(F.linear(h, self.W.t(), self.v_bias)))

    def forward(self, v):
        v_ = v
        for _ in range(self.k):
            v_ = self.h_to_v(self.v_to_h(v_))
        return v, v_

    def free_energy(self, v):
        vbias_term = v.mv(self.v_bias)
        hidden_term = F.softplus(F.linear(v, self.W, self.h_bias)).sum(1)
        return (-hidden_term - vbias_term).mean()


torch.manual_seed(0)
images = torch.tensor(load_digits().data / 16, dtype=torch.float32).gt(0.5).float().unique(dim=0)
images = images[torch.randperm(len(images))]
train, valid = images[:1200], images[1200:]
rbm = RBM()
train_op = torch.optim.SGD(rbm.parameters(), lr=0.1)

with us.watch(rbm, train_op, family="rbm", data=(train, valid)) as doctor:
    for epoch in range(4):
        for idx in torch.randperm(1200).split(48):
            v, v1 = rbm(train[idx].bernoulli())
            loss = rbm.free_energy(v1) - rbm.free_energy(v)  # sick
            # well: loss = rbm.free_energy(v) - rbm.free_energy(v1)
            train_op.zero_grad()
            loss.backward()
            train_op.step()
