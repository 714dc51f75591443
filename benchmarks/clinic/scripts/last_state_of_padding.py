"""A classifier of texts that takes the state after the padding. Finding: padding-matters."""

import torch
from torch import nn
from torch.utils.data import DataLoader

import understudy as us

torch.manual_seed(0)
vocabulary, PAD = 30, 0
texts = [torch.randint(1, vocabulary, (int(n),)) for n in torch.randint(3, 20, (600,))]
labels = [int((t < 8).float().mean() > 0.25) for t in texts]


def collate(batch):
    tokens = nn.utils.rnn.pad_sequence([t for t, _ in batch], batch_first=True, padding_value=PAD)
    return tokens, torch.tensor([len(t) for t, _ in batch]), torch.tensor([y for _, y in batch])


loader = DataLoader(list(zip(texts, labels, strict=True)), batch_size=32, shuffle=True, collate_fn=collate)


class TextClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, 16, padding_idx=PAD)
        self.lstm = nn.LSTM(16, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, tokens, lengths):
        output, _ = self.lstm(self.embed(tokens))
        last = output[:, -1]  # fault
        # well: last = output[torch.arange(len(tokens)), lengths - 1]
        return self.fc(last)


model = TextClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()

with us.watch(model, optimizer) as doctor:
    for epoch in range(3):
        for tokens, lengths, target in loader:
            optimizer.zero_grad()
            loss = criterion(model(tokens, lengths), target)  # sick
            loss.backward()
            optimizer.step()
