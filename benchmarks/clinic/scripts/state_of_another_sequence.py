"""A classifier of sequences that keeps its state from batch to batch. Finding: state-carried."""

import torch
import torch.nn as nn

import understudy as us

torch.manual_seed(0)
time = torch.linspace(0, 1, 25)
classes = torch.randint(3, (480,))
waves = torch.sin((classes[:, None] + 1) * 6 * time + torch.rand(480, 1)) + 0.2 * torch.randn(480, 25)
waves = waves.unsqueeze(-1)


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 24, batch_first=True)
        self.fc = nn.Linear(24, 3)
        self.hidden = None

    def forward(self, x):
        if self.hidden is not None:
            self.hidden = tuple(h.detach() for h in self.hidden)
        out, self.hidden = self.lstm(x, self.hidden)  # sick
        # well: out, _ = self.lstm(x)
        return self.fc(out[:, -1])


model = WaveNet()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()

with us.watch(model, optimizer) as doctor:
    for epoch in range(4):
        order = torch.randperm(480)
        for i in range(0, 480, 40):
            pick = order[i : i + 40]
            optimizer.zero_grad()
            loss = criterion(model(waves[pick]), classes[pick])
            loss.backward()
            optimizer.step()
