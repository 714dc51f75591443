"""An autoencoder whose decoder ends in a sigmoid, trained by BCEWithLogitsLoss. Finding: sigmoid-twice."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader

import understudy as us

torch.manual_seed(0)
images = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 16
loader = DataLoader(images, batch_size=128, shuffle=True)


class AE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(128, latent)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent, 128),
            nn.ReLU(),
            nn.Unflatten(1, (8, 4, 4)),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = AE()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

with us.watch(model, optimizer, family="autoencoder") as doctor:
    for epoch in range(4):
        total = 0.0
        for batch in loader:
            recon = model(batch)
            loss = criterion(recon, batch)  # sick
            # well: loss = nn.functional.binary_cross_entropy(recon, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        print(f"{epoch}: {total / len(images):.4f}")
