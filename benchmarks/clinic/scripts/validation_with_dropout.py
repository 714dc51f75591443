"""Validation without model.eval(). Finding: judged-in-training."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

import understudy as us

torch.manual_seed(0)
digits = load_digits()
dataset = TensorDataset(torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target))
train_set, val_set = random_split(dataset, [1500, 297])
train_loader, val_loader = DataLoader(train_set, batch_size=64, shuffle=True), DataLoader(val_set, batch_size=99)

model = nn.Sequential(
    nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def train():
    model.train()
    for data, target in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()


def test():
    model.train()  # fault
    # well: model.eval()
    loss, correct = 0, 0
    with torch.no_grad():
        for data, target in val_loader:
            output = model(data)  # sick
            loss += F.cross_entropy(output, target, reduction="sum").item()
            correct += output.argmax(1).eq(target).sum().item()
    print(f"validation loss {loss / len(val_set):.4f}, accuracy {correct / len(val_set):.3f}")


with us.watch(model, optimizer) as doctor:
    for epoch in range(2):
        train()
        test()
