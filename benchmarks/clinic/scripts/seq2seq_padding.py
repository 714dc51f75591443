"""A GRU that learns to turn words around; its loss counts the padding. Finding: padding-counted."""

import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

import understudy as us

random.seed(0)
torch.manual_seed(0)
PAD, SOS, EOS = 0, 1, 2
words = ["".join(random.choices("abcdefgh", k=random.randint(3, 8))) for _ in range(400)]


def encode(word):
    return [ord(c) - ord("a") + 3 for c in word] + [EOS]


pairs = [(encode(w), encode(w[::-1])) for w in words]


class Encoder(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocab, 16, padding_idx=PAD)
        self.rnn = nn.GRU(16, hidden, batch_first=True)

    def forward(self, src, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lengths, batch_first=True, enforce_sorted=False)
        _, hidden = self.rnn(packed)
        return hidden


class Decoder(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocab, 16)
        self.rnn = nn.GRU(16, hidden, batch_first=True)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, tokens, hidden):
        output, hidden = self.rnn(self.embedding(tokens), hidden)
        return self.out(output), hidden


encoder, decoder = Encoder(11, 32), Decoder(11, 32)
encoder_optimizer = torch.optim.Adam(encoder.parameters(), lr=3e-3)
decoder_optimizer = torch.optim.Adam(decoder.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()  # fault
# well: criterion = nn.CrossEntropyLoss(ignore_index=PAD)

with us.watch([encoder, decoder], [encoder_optimizer, decoder_optimizer]) as doctor:
    for epoch in range(2):
        for i in range(0, 400, 25):
            batch = pairs[i : i + 25]
            src = pad_sequence([torch.tensor(s) for s, _ in batch], batch_first=True)
            tgt = pad_sequence([torch.tensor([SOS, *t]) for _, t in batch], batch_first=True)
            hidden = encoder(src, [len(s) for s, _ in batch])
            logits, _ = decoder(tgt[:, :-1], hidden)
            loss = criterion(logits.reshape(-1, 11), tgt[:, 1:].reshape(-1))  # sick
            encoder_optimizer.zero_grad()
            decoder_optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
            encoder_optimizer.step()
            decoder_optimizer.step()
