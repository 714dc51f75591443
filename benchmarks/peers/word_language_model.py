"""The customary PyTorch loop for a recurrent language model: fp32, a step at a time through a text cut into columns.

    python word_language_model.py TOKENS.npy VOCABULARY EMBEDDING HIDDEN LAYERS BATCH LENGTH RATE SECONDS

Prints one JSON line: steps, seconds, tokens, and the loss of the last hundred steps. Time-major batches, log-softmax
with the negative log-likelihood, gradients clipped, Adam: what tutorials and student work have.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import Tensor, nn


class RNNModel(nn.Module):
    """Embedding, LSTM, linear decoder."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.encoder = nn.Embedding(vocabulary, embedding)
        self.rnn = nn.LSTM(embedding, hidden, layers)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, source: Tensor, state: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Log-probabilities of (time * batch) next tokens, and the state."""
        output, state = self.rnn(self.encoder(source), state)
        return self.decoder(output).flatten(0, 1).log_softmax(1), state


def main() -> None:
    path = sys.argv[1]
    vocabulary, embedding, hidden, layers, batch, length = map(int, sys.argv[2:8])
    rate, seconds = map(float, sys.argv[8:10])
    torch.manual_seed(0)
    tokens = torch.from_numpy(np.load(path)).long()
    columns = tokens[: len(tokens) // batch * batch].view(batch, -1).T.contiguous()  # (time, batch)
    model = RNNModel(vocabulary, embedding, hidden, layers)
    optimizer, criterion = torch.optim.Adam(model.parameters(), rate), nn.NLLLoss()
    losses: list[float] = []
    begin = time.perf_counter()
    while True:
        state = None
        for first in range(0, len(columns) - 1, length):
            size = min(length, len(columns) - 1 - first)
            if state is not None:
                state = (state[0].detach(), state[1].detach())
            optimizer.zero_grad()
            output, state = model(columns[first : first + size], state)
            loss = criterion(output, columns[first + 1 : first + 1 + size].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
            took = time.perf_counter() - begin
            if took >= seconds:
                tail = losses[-100:]
                found = {"steps": len(losses), "seconds": took, "loss": sum(tail) / len(tail)}
                print(json.dumps({**found, "tokens": len(losses) * batch * length}))
                return


if __name__ == "__main__":
    main()
