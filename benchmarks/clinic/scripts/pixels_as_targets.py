"""An autoencoder with a sigmoid at its end, and pixels from 0 to 16 as its targets. Finding: target-out-of-reach."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import understudy as us

torch.manual_seed(0)
pixels = torch.tensor(load_digits().data, dtype=torch.float32)
loader = DataLoader(TensorDataset(pixels / 16, pixels), batch_size=100, shuffle=True)

model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 64), nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters())

with us.watch(model, optimizer) as doctor:
    for epoch in range(3):
        for x, original in loader:
            recon = model(x)
            loss = nn.functional.mse_loss(recon, original)  # sick
            # well: loss = nn.functional.mse_loss(recon, x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
