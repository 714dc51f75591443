"""A table with a missing value. Finding: non-finite-input."""

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from torch import nn

import understudy as us

torch.manual_seed(0)
data, target = load_diabetes(return_X_y=True)
data[137, 2] = np.nan  # as it came from the file
columns = torch.tensor(data / np.nanstd(data, 0), dtype=torch.float32)  # fault
# well: columns = torch.tensor(np.nan_to_num(data) / np.nanstd(data, 0), dtype=torch.float32)
target = torch.tensor((target - target.mean()) / target.std(), dtype=torch.float32)

model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

with us.watch(model, optimizer) as doctor:
    for epoch in range(3):
        for start in range(0, 400, 40):
            prediction = model(columns[start : start + 40]).squeeze(-1)  # sick
            loss = nn.functional.l1_loss(prediction, target[start : start + 40])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
