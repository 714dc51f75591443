"""A language model that is asked for the token that it was given. Finding: target-is-input."""

import pydoc_data.topics

import torch
import torch.nn as nn

import understudy as us

torch.manual_seed(0)
text = pydoc_data.topics.topics["import"]
vocab = sorted(set(text))
ids = torch.tensor([vocab.index(c) for c in text])


class CharRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24)
        self.gru = nn.GRU(24, 48, batch_first=True)
        self.fc = nn.Linear(48, len(vocab))

    def forward(self, x):
        out, _ = self.gru(self.emb(x))
        return self.fc(out).transpose(1, 2)  # (batch, vocabulary, time)


model = CharRNN()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
T = 40

with us.watch(model, optimizer) as doctor:
    for step in range(40):
        starts = torch.randint(len(ids) - T - 1, (16,)).tolist()
        x = torch.stack([ids[s : s + T] for s in starts])
        y = torch.stack([ids[s : s + T] for s in starts])  # fault
        # well: y = torch.stack([ids[s + 1 : s + T + 1] for s in starts])
        optimizer.zero_grad()
        output = model(x)  # sick
        loss = criterion(output, y)
        loss.backward()
        optimizer.step()
