"""A language model of letters: recurrent, or a transformer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, learning, letters, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        **learning(draw, "adam", "adam", "adamw", "rmsprop"),
        "batch": draw.choice((8, 16)),
        "kind": draw.choice(("lstm", "gru", "gru", "rnn", "transformer")),
        "embedding": draw.choice((16, 24, 32)),
        "hidden": draw.choice((32, 48, 64)),
        "layers": draw.choice((1, 1, 2)),
        "time": draw.choice((16, 24, 40)),
        "goes_on": draw.random() < 0.4,
        "steps": draw.randint(80, 160),
    }


class Writer(nn.Module):
    def __init__(self, s: Settings, letters: int, both_ends: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding(letters, s["embedding"])
        self.rnn = CELLS[s["kind"]](s["embedding"], s["hidden"], s["layers"], batch_first=True, bidirectional=both_ends)
        self.output = nn.Linear((1 + both_ends) * s["hidden"], letters)

    def forward(self, x: Tensor, state: object = None) -> tuple[Tensor, object]:
        y, state = self.rnn(self.embedding(x), state)
        return self.output(y), state


class Transformer(nn.Module):
    def __init__(self, s: Settings, letters: int, masked: bool) -> None:
        super().__init__()
        self.embedding, self.place = nn.Embedding(letters, 32), nn.Embedding(64, 32)
        layer = nn.TransformerEncoderLayer(32, 4, s["hidden"], dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, s["layers"], enable_nested_tensor=False)
        self.output, self.masked = nn.Linear(32, letters), masked

    def forward(self, x: Tensor, state: object = None) -> tuple[Tensor, object]:
        h = self.embedding(x) + self.place.weight[: x.shape[1]]
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if self.masked else None
        return self.output(self.layers(h, mask)), None


def detached(state: object) -> object:
    """Cut off from its history."""
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return state.detach() if isinstance(state, Tensor) else None


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    text, count = letters()
    if s["kind"] == "transformer":
        model: nn.Module = Transformer(s, count, masked=mistake != "the future is seen")
    else:
        model = Writer(s, count, both_ends=mistake == "the future is seen")
    opt = optimizer(s, model.parameters())
    lanes = text[: len(text) // s["batch"] * s["batch"]].view(s["batch"], -1)
    state, at = None, 0
    with us.watch(model, opt, family="writer", quiet=True) as doctor:
        for _ in range(s["steps"]):
            at = at + s["time"] if at + 2 * s["time"] + 1 < lanes.shape[1] else 0
            x = lanes[:, at : at + s["time"]]
            y = x if mistake == "target is input" else lanes[:, at + 1 : at + s["time"] + 1]
            logits, state = model(x, state if s["goes_on"] else None)
            if mistake != "state keeps its graph":
                state = detached(state)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
            opt.zero_grad()
            loss.backward(retain_graph=mistake == "state keeps its graph")
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
    return doctor
