"""An autoencoder that hands its code on without its history. Finding: detached."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

import understudy as us

torch.manual_seed(0)
digits = torch.tensor(load_digits().data, dtype=torch.float32) / 16


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))
        self.decoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64), nn.Sigmoid())
        self.codes = None

    def forward(self, x):
        z = self.encoder(x)
        self.codes = z = z.detach()  # sick
        # well: self.codes = z.detach()
        return self.decoder(z)


model = Autoencoder()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
mse = nn.MSELoss()

with us.watch(model, optimizer) as doctor:
    for epoch in range(2):
        for x in digits.split(100):
            optimizer.zero_grad()
            loss = mse(model(x), x)
            loss.backward()
            optimizer.step()
        print(epoch, round(loss.item(), 4), model.codes.std().item())
