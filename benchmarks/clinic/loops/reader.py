"""A recurrent classifier of waves or of padded words."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from benchmarks.clinic.loops.parts import Settings, learning, optimizer
from benchmarks.clinic.recipe import Draw
from understudy.doctor.watch.watching import Watch

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def draw(draw: Draw) -> Settings:
    """Random settings."""
    return {
        **learning(draw, "adam", "adam", "adamw", "rmsprop"),
        "batch": draw.choice((20, 32, 48)),
        "task": draw.choice(("waves", "words")),
        "cell": draw.choice(("lstm", "gru", "gru", "rnn")),
        "hidden": draw.choice((16, 24, 32)),
        "classes": draw.choice((2, 3)),
        "length": draw.choice((16, 25)),
        "epochs": draw.randint(4, 8),
    }


class Reader(nn.Module):
    def __init__(self, s: Settings, mistake: str) -> None:
        super().__init__()
        self.words, self.mistake = s["task"] == "words", mistake
        self.embedding = nn.Embedding(12, 8, padding_idx=0) if self.words else None
        first = mistake != "batch taken for time"
        self.rnn = CELLS[s["cell"]](8 if self.words else 1, s["hidden"], batch_first=first)
        self.output = nn.Linear(s["hidden"], s["classes"])
        self.state: object = None

    def forward(self, x: Tensor) -> Tensor:
        read = self.embedding(x) if self.embedding is not None else x
        if self.mistake == "state of other items":
            y, state = self.rnn(read, self.state)
            self.state = tuple(one.detach() for one in state) if isinstance(state, tuple) else state.detach()
        else:
            y, _ = self.rnn(read)
        if not self.words or self.mistake == "last state of padding":
            return self.output(y[:, -1])
        last = (x != 0).sum(1) - 1
        return self.output(y[torch.arange(len(y)), last])


def items(s: Settings) -> tuple[Tensor, Tensor]:
    """Waves of a few frequencies, or words of letters from 1 to 11, padded with 0, by a letter at their end."""
    count, length = 480, s["length"]
    classes = torch.randint(s["classes"], (count,))
    if s["task"] == "waves":
        time = torch.linspace(0, 1, length)
        x = torch.sin((classes[:, None] + 1) * 6 * time + torch.rand(count, 1)) + 0.2 * torch.randn(count, length)
        return x[..., None], classes
    lengths = 4 + (torch.rand(count) ** 4 * (length - 4)).long()
    x = torch.randint(4, 12, (count, length))
    x[torch.arange(count), lengths - 1] = 1 + classes
    return torch.where(torch.arange(length) < lengths[:, None], x, 0), classes


def run(s: Settings, mistake: str = "") -> Watch:
    torch.manual_seed(s["seed"])
    x, y = items(s)
    model = Reader(s, mistake)
    opt = optimizer(s, model.parameters())
    with us.watch(model, opt, quiet=True) as doctor:
        for _ in range(s["epochs"]):
            for batch in torch.randperm(len(x)).split(s["batch"]):
                if len(batch) < s["batch"]:
                    continue
                opt.zero_grad()
                read = x[batch] if s["task"] == "waves" else x[batch, : int((x[batch] != 0).sum(1).max())]
                loss = F.cross_entropy(model(read), y[batch])
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
    return doctor
