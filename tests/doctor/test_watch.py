"""`us.watch` leaves a loop as it is, whatever happens in it or to the doctor."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scripts import PATHS, Script
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils.hooks import RemovableHandle

import understudy as us
from understudy.doctor import rules
from understudy.doctor.pace import Pace
from understudy.doctor.watch.loop import looked_at
from understudy.doctor.watch.senses.gradients import Gradients
from understudy.errors import OptionError, UnknownName


class Odd(nn.Module):
    """Chance of three kinds, buffers, a state of its own, and a mode that changes weights when it is asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(12, 8), nn.GRU(8, 8, batch_first=True)
        self.norm, self.drop, self.out = nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 12)
        self.register_buffer("seen", torch.zeros(()))
        self.history: list[float] = []
        self.state: Tensor | None = None

    def train(self, mode: bool = True) -> "Odd":
        with torch.no_grad():
            self.out.weight.mul_(1.0 if mode == self.training else 1.01)
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        if self.state is not None and len(self.state[0]) != len(x):
            self.state = None
        y, state = self.rnn(self.embedding(x), self.state)
        self.state = state.detach() + 0 * np.random.rand()
        self.seen += 1
        self.history.append(float(self.seen))
        return self.out(self.drop(self.norm(y.transpose(1, 2)).transpose(1, 2) + 0.1 * torch.randn_like(y)))


def odd_loop(watched: bool) -> tuple[list[Tensor], list[float], Tensor]:
    torch.manual_seed(3)
    np.random.seed(3)
    model = Odd()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []

    def steps() -> None:
        for _ in range(40):
            x = torch.randint(1, 12, (8, int(torch.randint(6, 9, (1,)))))
            x[:, -2:] = x[:, -2:] * (torch.rand(8, 1) < 0.5)
            loss = F.cross_entropy(model(x[:, :-1]).transpose(1, 2), x[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

    if watched:
        with us.watch(model, optimizer, quiet=True) as doctor:
            steps()
        assert doctor.json()["disabled"] == {}
        assert doctor.findings or doctor.verdict
    else:
        steps()
    return [one.clone() for one in model.state_dict().values()], [*losses, *model.history], torch.get_rng_state()


def test_results_are_the_same_to_the_bit() -> None:
    plain, watched = odd_loop(False), odd_loop(True)
    assert all(torch.equal(left, right) for left, right in zip(plain[0], watched[0], strict=True))
    assert plain[1] == watched[1]
    assert torch.equal(plain[2], watched[2])


@pytest.mark.parametrize(
    "name",
    ["gan_fakes_not_detached", "seq2seq_padding", "validation_with_dropout", "linear_by_hand", "rbm_not_detached"],
)
def test_scripts_end_with_the_same_weights_with_and_without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(next(path for path in PATHS if path.stem == name))
    ends = []
    for text in (script.text, script.text.replace("us.watch(", "unwatched(")):
        names: dict[str, Any] = {"__name__": "__main__", "unwatched": lambda *_, **__: torch.enable_grad()}
        exec(compile(text, str(script.path), "exec"), names)
        modules = [one for one in names.values() if isinstance(one, nn.Module)]
        ends.append([weight.detach().clone() for module in modules for weight in module.state_dict().values()])
    assert len(ends[0]) >= 3
    assert all(torch.equal(left, right) for left, right in zip(*ends, strict=True))


def loop(model: nn.Module, optimizer: torch.optim.Optimizer, steps: int = 12, **options: Any) -> Any:
    with us.watch(model, optimizer, **options) as doctor:
        for _ in range(steps):
            x = torch.randn(16, 4)
            optimizer.zero_grad()
            F.cross_entropy(model(x), x.argmax(1)).backward()
            optimizer.step()
    return doctor


def small() -> tuple[nn.Module, torch.optim.Optimizer]:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4))
    return model, torch.optim.Adam(model.parameters())


def hooks(model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    own = sum(len(getattr(part, kind)) for part in model.modules() for kind in kinds)
    return own + len(optimizer._optimizer_step_pre_hooks) + len(optimizer._optimizer_step_post_hooks)


def test_nothing_stays_behind() -> None:
    before = torch.autograd.backward
    model, optimizer = small()
    loop(model, optimizer)
    assert torch.autograd.backward is before
    assert hooks(model, optimizer) == 0
    assert _get_current_function_mode_stack() == []


def test_the_users_exception_passes_and_the_verdict_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    model, optimizer = small()
    before = torch.autograd.backward
    with pytest.raises(ZeroDivisionError), us.watch(model, optimizer):
        for step in range(9):
            F.cross_entropy(model(torch.randn(16, 4)), torch.zeros(16, dtype=torch.long)).backward()
            optimizer.step()
            1 / (7 - step)
    said = capsys.readouterr().err
    assert "The gradient is never cleared" in said
    assert "test_watch.py" in said
    assert torch.autograd.backward is before and hooks(model, optimizer) == 0
    assert _get_current_function_mode_stack() == []


def test_a_part_of_the_doctor_that_breaks_is_named_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("it broke")

    monkeypatch.setattr(Gradients, "before_step", broken)
    model, optimizer = small()
    doctor = loop(model, optimizer)
    assert doctor.json()["disabled"] == {"Gradients": "ValueError: it broke"}
    assert "it broke" in capsys.readouterr().err
    assert "softmax-twice" in doctor.verdict.clear
    assert "no-zero-grad" in {rule.id for rule in doctor.verdict.unchecked}


class Counting(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("make", [Counting, lambda: torch.device("cpu")], ids=["mode", "device"])
def test_the_users_own_modes_begin_and_end_as_ever(make: Callable[[], Any]) -> None:
    """A mode around a whole step begins while the doctor listens and ends when it does not, or the other way round."""
    model, optimizer = small()
    with us.watch(model, optimizer, quiet=True) as doctor:
        for _ in range(40):
            with make() as mode:
                with make():
                    F.cross_entropy(model(torch.randn(16, 4)), torch.zeros(16, dtype=torch.long)).backward()
                optimizer.step()
                optimizer.zero_grad()
            stack = _get_current_function_mode_stack()
            assert all(one is not mode and not isinstance(one, Counting) for one in stack)
    assert _get_current_function_mode_stack() == []
    assert not doctor.findings and not doctor.json()["disabled"]


def test_a_default_device_may_come_and_go() -> None:
    model, optimizer = small()
    with us.watch(model, optimizer, quiet=True) as doctor:
        for step in range(12):
            torch.set_default_device("cpu" if step % 2 else None)
            optimizer.zero_grad()
            F.cross_entropy(model(torch.randn(16, 4)), torch.zeros(16, dtype=torch.long)).backward()
            optimizer.step()
    torch.set_default_device(None)
    assert _get_current_function_mode_stack() == []
    assert not doctor.json()["disabled"]


def test_one_watch_within_another() -> None:
    model, optimizer = small()
    with us.watch(model, optimizer, quiet=True) as outer:
        inner = loop(model, optimizer, quiet=True)
    assert outer.findings == inner.findings == ()
    assert torch.autograd.backward.__module__ == "torch.autograd"


def test_what_json_has_is_plain_and_names_the_line() -> None:
    model, optimizer = small()
    with us.watch(model, optimizer, quiet=True) as doctor:
        for _ in range(4):
            loss = F.cross_entropy(model(torch.randn(16, 4)).softmax(1), torch.zeros(16, dtype=torch.long))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = json.loads(json.dumps(doctor.json()))["findings"][0]
    assert found["id"] == "softmax-twice"
    assert found["line"]["text"].startswith("loss = F.cross_entropy(")
    assert Path(found["line"]["file"]) == Path(__file__)


def test_wrong_arguments_are_told_in_a_line() -> None:
    model, optimizer = small()
    with pytest.raises(OptionError, match="watch takes torch optimizers, got float"):
        us.watch(model, [0.1])  # type: ignore[list-item]
    with pytest.raises(OptionError, match="watch takes torch modules, got str"):
        us.watch([model, "model"], optimizer)  # type: ignore[list-item]
    with pytest.raises(OptionError, match="watch takes torch optimizers, got float"):
        us.watch(model, 0.1)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="watch takes torch modules, got int"):
        us.watch(3, optimizer)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="data is a pair, training items and held-out ones; got Tensor"):
        us.watch(model, optimizer, data=torch.zeros(2, 3))  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="unknown family 'gam'"):
        us.watch(model, optimizer, family="gam")


def test_looks_are_many_at_first_and_then_seldom() -> None:
    looked = [number for number in range(1, 20_001) if looked_at(number)]
    assert looked[:5] == [1, 2, 3, 4, 5]
    assert len(looked) < 180
    assert all(number - 1 in looked or number + 1 in looked for number in looked)


def test_later_looks_are_left_out_where_they_cost_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "affordable", lambda *_, **__: False)
    model, optimizer = small()
    looked = []
    with us.watch(model, optimizer, quiet=True) as doctor:
        for number in range(1, 70):
            looked += [number] * doctor._loop.looking
            optimizer.zero_grad()
            model(torch.randn(4, 4)).mean().backward()
            optimizer.step()
    assert looked == [1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33]


def test_what_is_set_aside_is_shown_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    model, optimizer = small()
    with us.watch(model, optimizer, ignore={"softmax-twice": "a comparison"}) as doctor:
        for _ in range(4):
            loss = F.cross_entropy(model(torch.randn(16, 4)).softmax(1), torch.zeros(16, dtype=torch.long))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert "softmax-twice" not in [finding.id for finding in doctor.findings]
    assert doctor.json()["ignored"] == {"softmax-twice": "a comparison"}
    table = str(doctor).rpartition("says")[2]
    assert all(table.count(f" {id_} ") + table.count(f" {id_}\n") == 1 for id_ in rules.TABLE)
    assert re.search(r"set aside +softmax-twice +1  a comparison", table)
    told = capsys.readouterr().err
    assert "1 set aside" in told and "[softmax-twice]: a comparison" in told
    with pytest.raises(UnknownName, match="Did you mean 'softmax-twice'"):
        us.watch(model, optimizer, ignore={"softmax-twise": "x"})
    with pytest.raises(OptionError, match="has no reason"):
        us.watch(model, optimizer, ignore={"softmax-twice": " "})


def by_heart(loss: Any, data: Any) -> Any:
    """A loop that looks at no held-out item, on labels that say nothing of their items."""
    torch.manual_seed(0)
    x, y = torch.randn(60, 20), torch.randint(0, 2, (60,))
    model = nn.Sequential(nn.Linear(20, 128), nn.ReLU(), nn.Linear(128, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    with us.watch(model, optimizer, loss=loss, data=data(x, y), quiet=True) as doctor:
        for _ in range(140):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
    assert not doctor.json()["disabled"]
    return doctor


def test_a_loss_is_asked_of_held_out_items_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "affordable", lambda *_, **__: True)
    others = torch.randn(200, 20), torch.randint(0, 2, (200,))
    own = lambda answer, target: (answer.logsumexp(1) - answer.gather(1, target[:, None])[:, 0]).mean()  # noqa: E731
    seen = [by_heart(loss, lambda x, y: ((x, y), others)) for loss in (own, nn.CrossEntropyLoss())]
    for doctor in seen:
        fitted, held_out = (doctor.signals.one(f"{part}/loss") for part in ("fitted", "validation"))
        assert fitted.steps == held_out.steps == (64, 128, 141)
        assert fitted.last < 0.01 and held_out.last > 1.0
    assert seen[0].signals.one("validation/loss").last == pytest.approx(seen[1].signals.one("validation/loss").last)


def test_a_loss_of_ones_own_needs_items_to_be_asked_of() -> None:
    model, optimizer = small()
    with pytest.raises(OptionError, match="loss is none of torch's"):
        us.watch(model, optimizer, loss=lambda answer, target: answer.mean())
    with pytest.raises(OptionError, match="loss takes an answer and a target: pass data="):
        us.watch(model, optimizer, loss=F.mse_loss, data=(torch.randn(9, 4), torch.randn(9, 4)))
    with pytest.raises(OptionError, match="got float"):
        us.watch(model, optimizer, loss=0.5)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="loss takes one network's answer, and there are 2"):
        items = torch.randn(9, 4), torch.randn(9, 4)
        us.watch([model, nn.Linear(4, 4)], optimizer, loss=F.mse_loss, data=(items, items))


def test_of_several_losses_the_one_that_is_meant_is_heard_at_evaluation() -> None:
    model = nn.Sequential(nn.Linear(4, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(64, 4), torch.randn(64, 4)
    meant: list[float] = []
    with us.watch(model, optimizer, loss=nn.MSELoss(), quiet=True) as doctor:
        for _ in range(6):
            optimizer.zero_grad()
            (F.mse_loss(model(x), y) + 1e-3 * F.l1_loss(model(x), y)).backward()
            optimizer.step()
            model.eval()
            with torch.no_grad():
                said = model(x)
                F.l1_loss(said, y)
                meant.append(F.mse_loss(said, y).item())
            model.train()
    heard = doctor.signals.one("validation/loss").values
    assert heard and list(heard) == pytest.approx(meant[: len(heard)])


def test_it_is_imported_only_when_it_is_asked_for() -> None:
    code = "import sys, understudy; assert 'torch' not in sys.modules; understudy.watch; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_hooks_that_a_user_takes_off_in_the_loop_do_not_matter() -> None:
    model, optimizer = small()
    handles: list[RemovableHandle] = []
    with us.watch(model, optimizer, quiet=True) as doctor:
        for step in range(12):
            if step % 3 == 0:
                handles.append(model[0].register_forward_hook(lambda *_: None))  # type: ignore[index]
            else:
                handles.pop().remove() if handles else None
            x = torch.randn(16, 4)
            optimizer.zero_grad()
            F.cross_entropy(model(x), x.argmax(1)).backward()
            optimizer.step()
    assert not doctor.json()["disabled"]
