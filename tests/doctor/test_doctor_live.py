"""The doctor beside a training run: it reads, changes nothing, gives up what breaks, and costs what it may."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from made import PICTURES, POINTS, SPECS, Heard, Toy, dataset_of, session_of
from torch import Tensor, nn

from understudy import models
from understudy.doctor import journal, probes
from understudy.doctor.live import Doctor
from understudy.doctor.pace import Pace
from understudy.doctor.probes.probe import Probe
from understudy.doctor.signals import Reading, Signals
from understudy.doctor.subject import Subject
from understudy.doctor.undisturbed import undisturbed
from understudy.errors import DataError
from understudy.models.network import Network
from understudy.settings import options
from understudy.training.loop import train
from understudy.training.session import Session

SMALL = {"hidden": (32,), "channels": (4, 4), "hidden_dim": 16, "codebook_size": 16}


def build(name: str, spec_name: str) -> Network | None:
    torch.manual_seed(0)
    known = {option.name for option in options(models.entry(name).load().Config)}
    try:
        return models.build(name, {key: value for key, value in SMALL.items() if key in known}, SPECS[spec_name])
    except DataError:
        return None


def free() -> Pace:
    """A pace at which nothing takes time."""
    return Pace(clock=lambda: 0.0)


def sit(network: Network, *observers: Any, **settings: Any) -> Session:
    session = session_of(network, dataset_of(network.spec, 96, 40, 40), **{"steps": 40, **settings})
    train(session, [make(session) if callable(make) else make for make in observers])
    return session


FITTING = [(name, next(spec for spec in SPECS if build(name, spec))) for name in models.TABLE]


@pytest.mark.parametrize(("name", "spec_name"), FITTING)
def test_a_run_is_the_same_with_the_doctor_and_without(name: str, spec_name: str) -> None:
    """Weights, buffers, optimizers, randomness and events, to the bit; and no probe breaks on any network."""
    seen: list[Doctor] = []

    def doctor(session: Session) -> Doctor:
        seen.append(Doctor(session, name=name, pace=free()))
        return seen[0]

    states, heard = [], [Heard(), Heard()]
    for number, watchers in enumerate(([], [doctor])):
        network = build(name, spec_name)
        assert network is not None
        states.append(sit(network, *watchers, heard[number], ema=0.9, validate_every=20).state_dict())
    assert heard[0].events == heard[1].events
    for part in ("network", "ema", "random", "carried"):
        left, right = (flat(state[part]) for state in states)
        assert left.keys() == right.keys()
        assert all(same(left[key], right[key]) for key in left), part
    left, right = (flat(state["optimizers"]) for state in states)
    assert all(same(left[key], right[key]) for key in left)
    assert seen[0].examiner.disabled == {}
    signals = Signals.gather(seen[0].rows)
    assert {"gradient", "update_ratio", "first_loss", "training/loss"} <= signals.names()
    assert {1, 2, 4, 8, 16, 32} == set(signals.every("gradient")[0].steps)


def flat(tree: Any, prefix: str = "") -> dict[str, Tensor]:
    if isinstance(tree, Tensor):
        return {prefix: tree}
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return {key: tensor for name, part in pairs for key, tensor in flat(part, f"{prefix}/{name}").items()}


def same(left: Tensor, right: Tensor) -> bool:
    """To the bit, a NaN being itself: the average of a margin that is not known yet is one."""
    return torch.equal(left.nan_to_num(7.7), right.nan_to_num(7.7)) and torch.equal(left.isnan(), right.isnan())


class Breaks(Probe):
    """Raises at a moment, and draws from the generator that it must not move."""

    yields = ("odd",)

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = moment

    def _at(self, moment: str) -> Iterable[Reading]:
        if moment == self.moment:
            raise RuntimeError(f"no  good\nat {moment}")
        return [Reading("odd", 1.0)]

    def applies(self, subject: Subject) -> bool:
        return bool(self._at("applies"))

    def at_start(self, subject: Subject) -> Iterable[Reading]:
        return self._at("at_start")

    def attach(self, subject: Subject) -> None:
        self.hooks.after_forward(subject.module, lambda inputs, output: self._at("hook") and None)
        self._at("attach")

    def collect(self, subject: Subject) -> Iterable[Reading]:
        return self._at("collect")

    def at_validation(self, subject: Subject) -> Iterable[Reading]:
        return self._at("at_validation")


@pytest.mark.parametrize("moment", ["applies", "at_start", "attach", "collect", "at_validation"])
def test_a_probe_that_breaks_is_given_up_and_named(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "load", lambda: [Breaks(moment)])
    seen: list[Doctor] = []
    sit(Toy(), lambda session: seen.append(Doctor(session, pace=free())) or seen[0])
    assert seen[0].examiner.disabled == {"Breaks": f"RuntimeError: no good at {moment}"}
    assert seen[0].verdict().disabled == seen[0].examiner.disabled
    assert not any(module._forward_hooks for module in seen[0].examiner.subject.module.modules())


def test_a_hook_that_breaks_does_not_break_the_forward_pass() -> None:
    network = build("vae", "points")
    assert network is not None
    probe = Breaks("hook")
    probe.hooks.after_forward(network, lambda inputs, output: probe._at("hook") and None)
    network(torch.zeros(2, 2))
    with pytest.raises(RuntimeError, match="at hook"):
        probe.hooks.remove()
    assert not network._forward_hooks


def test_a_doctor_leaves_no_hook_behind() -> None:
    seen: list[Doctor] = []
    sit(Toy(), lambda session: seen.append(Doctor(session, pace=free())) or seen[0])
    assert not any(module._forward_hooks for module in seen[0].examiner.subject.module.modules())


def test_what_a_network_keeps_beside_its_parameters_is_left_alone() -> None:
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.calls = nn.BatchNorm1d(2), 0
            self.register_buffer("replaced", torch.zeros(1))

        def forward(self, x: Tensor) -> Tensor:
            self.calls, self.replaced = self.calls + 1, self.replaced + 1
            return self.norm(x) + torch.randn(1)

    network = Counts()
    network.norm.eval()
    mean, random = network.norm.running_mean, torch.get_rng_state()
    with undisturbed(network, training=True):
        network(torch.randn(4, 2) + 5)
        assert network.calls == 1 and network.norm.training
    assert network.calls == 0 and network.training and not network.norm.training
    assert network.norm.running_mean is mean and mean is not None and mean.eq(0).all()
    assert network.replaced == 0 and network.replaced is network._buffers["replaced"]
    assert torch.equal(torch.get_rng_state(), random)


# What it leaves


def test_the_journal_has_what_was_seen(tmp_path: Path) -> None:
    seen: list[Doctor] = []
    network = build("vae", "grey 1x8x8")
    assert network is not None
    sit(network, lambda session: seen.append(Doctor(session, tmp_path, name="vae", pace=free())) or seen[0])
    seen[0].close()
    rows, facts, disabled = journal.read(tmp_path / journal.NAME)
    assert facts == seen[0].facts and facts is not None and facts.families == {"autoencoder", "vae"}
    assert disabled == {}
    mine = {row[:3]: row[3] for row in seen[0].rows if not row[1].startswith(("training/", "validation/", "learning"))}
    theirs = {row[:3]: row[3] for row in rows}
    assert mine.keys() == theirs.keys() and all(theirs[key] == pytest.approx(mine[key], rel=1e-4) for key in mine)


def test_the_journal_is_cut_back_and_a_torn_line_left_out(tmp_path: Path) -> None:
    path = tmp_path / journal.NAME
    first = journal.Journal(path)
    first.write_rows([(1, "x", "a", 1.0), (1, "x", "b", float("nan"))])
    length = first.offset
    first.write_rows([(2, "x", "a", 2.0)])
    first.close()
    with path.open("a") as file:
        file.write('{"step": 3, "sig')
    assert [row[0] for row in journal.read(path)[0]] == [1, 1, 2]
    second = journal.Journal(path, length)
    second.write_rows([(2, "x", "a", 5.0)])
    second.close()
    rows = journal.read(path)[0]
    assert rows[0] == (1, "x", "a", 1.0) and rows[1][3] != rows[1][3] and rows[2] == (2, "x", "a", 5.0)


def test_points_and_pictures_have_a_subject() -> None:
    """What probes ask for can be had of both."""
    for spec in (POINTS, PICTURES):
        name = next(name for name, wanted in SPECS.items() if wanted is spec)
        network = build("autoencoder", name)
        assert network is not None
        subject = Doctor(session_of(network), pace=free()).examiner.subject
        assert subject.batch is not None and subject.held_out is not None and subject.loss is not None
        assert len(subject.batch()) == 16 and len(subject.held_out()) == 16
        assert subject.loss("", subject.batch()).ndim == 0
