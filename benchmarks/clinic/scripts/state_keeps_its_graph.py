"""The state is carried on with its history, and torch asks for retain_graph. Finding: stale-graph."""

import torch
from torch import nn

import understudy as us

torch.manual_seed(0)
series = torch.cumsum(torch.randn(16, 420), 1)
series = (series - series.mean()) / series.std()

rnn = nn.RNN(1, 12, batch_first=True)
head = nn.Linear(12, 1)
model = nn.ModuleDict({"rnn": rnn, "head": head})
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
hidden = torch.zeros(1, 16, 12)

with us.watch(model, optimizer) as doctor:
    for start in range(0, 400, 20):
        x = series[:, start : start + 20, None]
        y = series[:, start + 1 : start + 21, None]
        output, hidden = rnn(x, hidden)  # fault
        # well: output, hidden = rnn(x, hidden.detach())
        loss = nn.functional.mse_loss(head(output), y)
        optimizer.zero_grad()
        loss.backward(retain_graph=True)  # sick
        # well: loss.backward()
        optimizer.step()
