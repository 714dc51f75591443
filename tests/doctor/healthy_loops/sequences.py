"""Loops of networks that read or write sequences."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import understudy as us
from healthy_loops.parts import STEPS, adam, healthy, mlp


class Writer(nn.Module):
    """Reads tokens; says the next one."""

    def __init__(self, vocabulary: int = 20, cell: type[nn.RNNBase] = nn.LSTM) -> None:
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(vocabulary, 16), cell(16, 24, batch_first=True)
        self.output = nn.Linear(24, vocabulary)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        y, state = self.rnn(self.embedding(x), state)
        return self.output(y), state


@healthy
def language_model_that_goes_on_where_it_was() -> Any:
    model = Writer()
    optimizer = adam(model)
    lanes = torch.randint(20, (8, 400))
    state = None
    with us.watch(model, optimizer, family="writer") as doctor:
        for start in range(0, 12 * STEPS, 12):
            x, y = lanes[:, start : start + 12], lanes[:, start + 1 : start + 13]
            logits, state = model(x, state)
            state = tuple(s.detach() for s in state)
            optimizer.zero_grad()
            F.cross_entropy(logits.reshape(-1, 20), y.reshape(-1)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
    return doctor


@healthy
def time_major_language_model_that_goes_on() -> Any:
    class TimeMajor(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.rnn, self.output = nn.Embedding(20, 16), nn.GRU(16, 24, 2), nn.Linear(24, 20)

        def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            y, state = self.rnn(self.embedding(x), state)
            return self.output(y), state

    model = TimeMajor()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    text = torch.randint(20, (400, 8))
    hidden = torch.zeros(2, 8, 24)
    with us.watch(model, optimizer) as doctor:
        for i in range(0, 12 * STEPS, 12):
            hidden = hidden.detach()
            output, hidden = model(text[i : i + 12], hidden)
            loss = F.cross_entropy(output.view(-1, 20), text[i + 1 : i + 13].reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def two_way_labels_of_padded_sentences() -> Any:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(30, 16, padding_idx=0)
            self.rnn = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
            self.output = nn.Linear(32, 5)

        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
            return self.output(pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0])

    model = Tagger()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(3, 12, (16,))
            x = torch.randint(1, 30, (16, int(lengths.max())))
            x[torch.arange(x.shape[1]) >= lengths[:, None]] = 0
            y = torch.where(x == 0, -100, x % 5)
            optimizer.zero_grad()
            F.cross_entropy(model(x, lengths).transpose(1, 2), y).backward()
            optimizer.step()
    return doctor


@healthy
def masked_mean_of_padded_texts() -> Any:
    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.output = nn.Embedding(30, 16), nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            real = (x != 0)[..., None]
            return self.output((self.embedding(x) * real).sum(1) / real.sum(1))

    model = Mean()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(3, 12, (16,))
            x = torch.randint(1, 30, (16, int(lengths.max())))
            x[torch.arange(x.shape[1]) >= lengths[:, None]] = 0
            optimizer.zero_grad()
            F.cross_entropy(model(x), (x == 3).any(1).long()).backward()
            optimizer.step()
    return doctor


@healthy
def convolutions_over_padded_texts() -> Any:
    class TextCNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(30, 16, padding_idx=0)
            self.conv, self.output = nn.Conv1d(16, 24, 3, padding=1), nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.output(F.relu(self.conv(self.embedding(x).transpose(1, 2))).amax(2))

    model = TextCNN()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(5, 25, (16,))
            x = torch.randint(1, 30, (16, int(lengths.max())))
            x[torch.arange(x.shape[1]) >= lengths[:, None]] = 0
            optimizer.zero_grad()
            F.cross_entropy(model(x), (x == 3).any(1).long()).backward()
            optimizer.step()
    return doctor


@healthy
def translator_with_masks_and_tied_weights() -> Any:
    class Translator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(30, 16, padding_idx=0)
            nn.init.normal_(self.embedding.weight, std=16**-0.5)
            self.transformer = nn.Transformer(16, 2, 1, 1, 32, batch_first=True)
            self.output = nn.Linear(16, 30, bias=False)
            self.output.weight = self.embedding.weight

        def forward(self, source: Tensor, target: Tensor) -> Tensor:
            mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
            y = self.transformer(
                self.embedding(source), self.embedding(target), tgt_mask=mask, tgt_is_causal=True,
                src_key_padding_mask=source == 0, memory_key_padding_mask=source == 0,
            )  # fmt: skip
            return self.output(y)

    model = Translator()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98))
    with us.watch(model, optimizer, family="writer") as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(3, 10, (12,))
            source = torch.randint(3, 30, (12, int(lengths.max()) + 1))
            places = torch.arange(source.shape[1])
            source[places > lengths[:, None]] = 0
            source[places == lengths[:, None]] = 2  # every sentence has its end
            target = torch.cat([torch.ones(12, 1, dtype=torch.long), source], 1)
            logits = model(source, target[:, :-1])
            loss = F.cross_entropy(logits.reshape(-1, 30), target[:, 1:].reshape(-1), ignore_index=0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def masked_language_model() -> Any:
    model = nn.Sequential(
        nn.Embedding(31, 16), nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), nn.Linear(16, 31)
    )
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            text = torch.randint(30, (16, 12))
            hidden = torch.rand(text.shape) < 0.15
            x, y = text.masked_fill(hidden, 30), text.masked_fill(~hidden, -100)
            optimizer.zero_grad()
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
            optimizer.step()
    return doctor


@healthy
def encoder_and_decoder_with_an_optimizer_each() -> Any:
    encoder, decoder = mlp(8, 16, 4), mlp(4, 16, 8)
    optimizers = [adam(encoder), adam(decoder)]
    with us.watch([encoder, decoder], optimizers) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            loss = F.mse_loss(decoder(encoder(x)), x)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
    return doctor


@healthy
def forecaster_with_steps_of_its_own() -> Any:
    class Forecaster(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.output = nn.LSTMCell(1, 16), nn.Linear(16, 1)

        def forward(self, x: Tensor, ahead: int) -> Tensor:
            h = c = x.new_zeros(len(x), 16)
            said = []
            for t in range(x.shape[1] + ahead - 1):
                value = x[:, t : t + 1] if t < x.shape[1] else said[-1]
                h, c = self.cell(value, (h, c))
                said.append(self.output(h))
            return torch.cat(said[-ahead:], 1)

    model = Forecaster()
    optimizer = adam(model)
    with us.watch(model, optimizer, family="forecaster") as doctor:
        for _ in range(STEPS):
            series = torch.sin(torch.arange(24) * 0.3 + 6 * torch.rand(16, 1))
            optimizer.zero_grad()
            F.mse_loss(model(series[:, :20], 4), series[:, 20:]).backward()
            optimizer.step()
    return doctor
