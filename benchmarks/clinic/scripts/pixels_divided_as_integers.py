"""Pictures of 8 bits, divided by 255 before they are floats. Finding: constant-input."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

import understudy as us

torch.manual_seed(0)
digits = load_digits()
pictures = (digits.images * 15).astype(np.uint8)


class Pictures(torch.utils.data.Dataset):
    def __len__(self):
        return len(pictures)

    def __getitem__(self, index):
        picture = pictures[index] // 255  # fault
        # well: picture = pictures[index] / 255
        return torch.tensor(picture, dtype=torch.float32)[None], int(digits.target[index])


model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

with us.watch(model, optimizer) as doctor:
    for x, y in DataLoader(Pictures(), batch_size=32, shuffle=True):
        loss = nn.functional.cross_entropy(model(x), y)  # sick
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
