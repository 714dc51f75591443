"""Backward after every time step, on the sum of the losses so far. Finding: stale-graph."""

import torch
from torch import nn

import understudy as us

torch.manual_seed(0)
series = torch.sin(torch.arange(400) * 0.2) + 0.1 * torch.randn(400)
cell, readout = nn.GRUCell(1, 16), nn.Linear(16, 1)
params = [*cell.parameters(), *readout.parameters()]
optimizer = torch.optim.Adam(params, lr=1e-2)

with us.watch([cell, readout], optimizer) as doctor:
    for epoch in range(12):
        start = int(torch.randint(0, 350, (1,)))
        window = series[start : start + 20]
        h, loss = torch.zeros(1, 16), torch.zeros(())
        optimizer.zero_grad()
        for t in range(19):
            h = cell(window[t].view(1, 1), h)
            loss = loss + (readout(h).squeeze() - window[t + 1]) ** 2
            loss.backward(retain_graph=True)  # sick
            # well: pass
        print(epoch, loss.item())  # fault
        # well: loss.backward()
        optimizer.step()
