"""BCELoss on a network without a sigmoid; torch refuses it. Finding: probabilities-wanted."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

import understudy as us

torch.manual_seed(0)
cancer = load_breast_cancer()
X = torch.tensor((cancer.data - cancer.data.mean(0)) / cancer.data.std(0), dtype=torch.float32)
y = torch.tensor(cancer.target, dtype=torch.float32)[:, None]

model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCELoss()  # fault
# well: criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)

with us.watch(model, optimizer) as doctor:
    for epoch in range(30):
        optimizer.zero_grad()
        loss = criterion(model(X), y)  # sick
        loss.backward()
        optimizer.step()
