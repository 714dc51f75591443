"""A squared error by hand whose gradient is of (N, 1) less (N,). Finding: wrong-backward."""

import torch
from torch import nn
from torch.autograd.function import once_differentiable

import understudy as us


class SquaredError(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y_hat, y):
        ctx.save_for_backward(y_hat, y)
        return (y_hat.squeeze(1) - y).pow(2).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        y_hat, y = ctx.saved_tensors
        grad_y_hat = grad * 2 * (y_hat - y) / len(y)  # sick
        # well: grad_y_hat = grad * 2 * (y_hat - y[:, None]) / len(y)
        return grad_y_hat, None


torch.manual_seed(1)
X = torch.randn(600, 5)
Y = X[:, 0] * X[:, 1] + 0.1 * torch.randn(600)
model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05)

with us.watch(model, opt) as doctor:
    for epoch in range(4):
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            SquaredError.apply(model(X[idx]), Y[idx]).backward()
            opt.step()
