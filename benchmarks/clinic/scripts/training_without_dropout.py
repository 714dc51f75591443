"""model.eval() before validation, and never model.train() again. Finding: trained-in-evaluation."""

import torch
from sklearn.datasets import load_wine
from torch import nn

import understudy as us

torch.manual_seed(0)
wine = load_wine()
x = torch.tensor((wine.data - wine.data.mean(0)) / wine.data.std(0), dtype=torch.float32)
y = torch.tensor(wine.target)
order = torch.randperm(178)
train, test = order[:130], order[130:]

model = nn.Sequential(nn.Linear(13, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

model.train()  # fault
with us.watch(model, optimizer) as doctor:
    for epoch in range(20):
        pass  # fault
        # well: model.train()
        for batch in train.split(26):
            optimizer.zero_grad()
            loss = criterion(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()  # sick
        model.eval()
        with torch.no_grad():
            accuracy = (model(x[test]).argmax(1) == y[test]).float().mean()
        print(epoch, f"{accuracy:.3f}")
