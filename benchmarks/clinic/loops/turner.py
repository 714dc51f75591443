"""Encoder and decoder that learn to turn words around."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

import understudy as us
from benchmarks.clinic.loops.parts import Settings, learning, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch

PAD, BEGIN, END = 0, 1, 2


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        **learning(draw, "adam", "adam", "adamw"),
        "batch": draw.choice((16, 25, 32)),
        "letters": draw.choice((6, 10, 16)),
        "longest": draw.choice((6, 8, 10)),
        "hidden": draw.choice((32, 48)),
        "epochs": draw.randint(3, 6),
    }


class Encoder(nn.Module):
    def __init__(self, s: Settings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(s["letters"] + 3, 16, padding_idx=PAD)
        self.rnn = nn.GRU(16, s["hidden"], batch_first=True)

    def forward(self, x: Tensor, lengths: list[int]) -> Tensor:
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, s: Settings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(s["letters"] + 3, 16)
        self.rnn, self.output = nn.GRU(16, s["hidden"], batch_first=True), nn.Linear(s["hidden"], s["letters"] + 3)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        return self.output(self.rnn(self.embedding(x), state)[0])


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    sizes = torch.randint(3, s["longest"] + 1, (400,)).tolist()
    words = [torch.randint(3, s["letters"] + 3, (size,)) for size in sizes]
    encoder, decoder = Encoder(s), Decoder(s)
    opt_encoder, opt_decoder = optimizer(s, encoder.parameters()), optimizer(s, decoder.parameters())
    end = torch.tensor([END])
    with us.watch([encoder, decoder], [opt_encoder, opt_decoder], quiet=True) as doctor:
        for _ in range(s["epochs"]):
            for at in range(0, 400 - s["batch"], s["batch"]):
                some = words[at : at + s["batch"]]
                x = pad_sequence([torch.cat([word, end]) for word in some], batch_first=True)
                y = pad_sequence([torch.cat([torch.tensor([BEGIN]), word.flip(0), end]) for word in some], True)
                state = encoder(x, [len(word) + 1 for word in some])
                if mistake == "encoder cut off":
                    state = state.detach()
                logits = decoder(y[:, :-1], state)
                ignored = -100 if mistake == "padding counted" else PAD
                loss = F.cross_entropy(logits.flatten(0, 1), y[:, 1:].flatten(), ignore_index=ignored)
                opt_encoder.zero_grad()
                opt_decoder.zero_grad()
                loss.backward()
                opt_encoder.step()
                opt_decoder.step()
    return doctor
