"""An encoder and a decoder of which the optimizer got one. Finding: missing-parameters."""

import torch
from sklearn.datasets import load_digits
from torch import nn

import understudy as us

torch.manual_seed(0)
x_all = torch.tensor(load_digits().data, dtype=torch.float32) / 16

encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 6))
decoder = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 64))
optimizer = torch.optim.Adam(decoder.parameters(), lr=1e-3)  # sick
# well: optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)

with us.watch([encoder, decoder], optimizer) as doctor:
    for epoch in range(3):
        for x in x_all.split(64):
            loss = nn.functional.mse_loss(decoder(encoder(x)), x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
