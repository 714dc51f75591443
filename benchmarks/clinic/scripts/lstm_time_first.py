"""An LSTM that takes the batch for time. Finding: items-mix."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

import understudy as us

torch.manual_seed(0)
digits = load_digits()
rows, labels = torch.tensor(digits.images / 16, dtype=torch.float32), torch.tensor(digits.target)


class RowReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 32)  # fault
        # well: self.lstm = nn.LSTM(8, 32, batch_first=True)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.fc(out[:, -1])


model = RowReader()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()

with us.watch(model, optimizer) as doctor:
    for epoch in range(2):
        order = torch.randperm(len(rows))
        for pick in order.split(64):
            outputs = model(rows[pick])  # sick
            loss = criterion(outputs, labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
