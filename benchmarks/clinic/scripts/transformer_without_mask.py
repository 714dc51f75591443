"""A small GPT without its causal mask. Finding: future-leaks."""

import pydoc_data.topics

import torch
import torch.nn as nn
import torch.nn.functional as F

import understudy as us

torch.manual_seed(0)
text = pydoc_data.topics.topics["class"]
chars = sorted(set(text))
data = torch.tensor([chars.index(c) for c in text])
block, batch_size = 32, 16


class GPT(nn.Module):
    def __init__(self, vocab, dim=32):
        super().__init__()
        self.tok = nn.Embedding(vocab, dim)
        self.pos = nn.Embedding(block, dim)
        self.layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.head = nn.Linear(dim, vocab)

    def forward(self, idx):
        t = idx.shape[1]
        x = self.tok(idx) + self.pos(torch.arange(t))
        x = self.layer(x)  # fault
        # well: x = self.layer(x, torch.triu(torch.ones(t, t, dtype=torch.bool), 1), is_causal=True)
        return self.head(x)


model = GPT(len(chars))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)

with us.watch(model, optimizer) as doctor:
    for step in range(40):
        ix = torch.randint(len(data) - block - 1, (batch_size,))
        x = torch.stack([data[i : i + block] for i in ix])
        y = torch.stack([data[i + 1 : i + block + 1] for i in ix])
        logits = model(x)  # sick
        loss = F.cross_entropy(logits.view(-1, logits.size(-1)), y.view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
