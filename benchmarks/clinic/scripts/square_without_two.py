"""A squared rectifier with a backward pass by hand, without the 2. Finding: wrong-backward."""

import torch
from sklearn.datasets import load_digits
from torch import nn

import understudy as us


class SquaredReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0) ** 2

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * x.clamp(min=0)  # sick
        # well: return grad_output * 2 * x.clamp(min=0)


squared_relu = SquaredReLU.apply


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        return self.fc2(squared_relu(self.fc1(x)))


torch.manual_seed(0)
digits = load_digits()
x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)

with us.watch(net, optimizer) as doctor:
    for step in range(40):
        i = torch.randint(1797, (64,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        loss.backward()
        optimizer.step()
