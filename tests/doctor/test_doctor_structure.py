"""Before the first step: nothing is found in the networks of the house, nothing is changed, and planted faults are."""

import copy
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from made import dataset_of, session_of
from models.test_contract import CASES, build
from torch import Tensor, nn

from understudy.data.dataset import Batch, Dataset
from understudy.data.memory import ArrayItems
from understudy.data.spec import VectorSpec
from understudy.doctor.examiner import Examiner
from understudy.doctor.live import Doctor
from understudy.doctor.pace import Pace
from understudy.doctor.probes.dependence import Dependence
from understudy.doctor.probes.rehearsal import Rehearsal
from understudy.doctor.probes.splits import Splits
from understudy.doctor.probes.symmetry import Symmetry
from understudy.doctor.signals import Signals
from understudy.doctor.training_subject import LastMove, subject_of
from understudy.doctor.verdict import Verdict, examine
from understudy.models.network import Network, Terms, Turn
from understudy.training.loop import train
from understudy.training.session import Session


def looked_at(session: Session, test: Any = None) -> Verdict:
    subject = subject_of(session, "made", {}, LastMove(session), test)
    examiner = Examiner(subject, [Splits(), Symmetry(), Rehearsal(), Dependence()], Pace())
    examiner.start()
    return examine(Signals.gather(examiner.settle()), subject.facts, disabled=examiner.disabled)


@pytest.mark.parametrize(("name", "spec_name"), CASES)
def test_nothing_is_found_in_the_networks_of_the_house_and_nothing_is_changed(name: str, spec_name: str) -> None:
    network = build(name, spec_name)
    data = dataset_of(network.spec, 96, 40, 40)
    session = session_of(network, data)
    before, chance = copy.deepcopy(session.state_dict()), torch.get_rng_state()
    verdict = looked_at(session, data.test)
    # The parts of made data are of different distributions, which is found rightly.
    assert [finding.line() for finding in verdict.findings if finding.id != "biased-split"] == []
    assert verdict.disabled == {}
    assert {"symmetric-units", "missing-parameters", "detached"} <= set(verdict.clear)
    assert torch.equal(torch.get_rng_state(), chance)
    assert all(
        torch.equal(one, other) for one, other in zip(_tensors(before), _tensors(session.state_dict()), strict=True)
    )
    assert all(parameter.grad is None for parameter in network.parameters())


def _tensors(tree: Any) -> list[Tensor]:
    if isinstance(tree, Tensor):
        return [tree]
    values = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list | tuple) else ()
    return [tensor for value in values for tensor in _tensors(value)]


class Planted(Network):
    """A small classifier of rows, with a place for a mistake."""

    def __init__(self) -> None:
        super().__init__(None, VectorSpec(6, (0.0,) * 6, (1.0,) * 6, ("a", "b", "c")))
        self.body, self.head = nn.Sequential(nn.Linear(6, 16), nn.ReLU()), nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))

    def loss(self, batch: Batch) -> Terms:
        assert batch.y is not None
        return {"loss": F.cross_entropy(self(batch.x), batch.y)}

    def turns(self) -> list[Turn]:
        return [Turn("network", self.loss)]


class SoftmaxTwice(Planted):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(1)


class Zeros(Planted):
    def __init__(self) -> None:
        super().__init__()
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


class Detached(Planted):
    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).detach())


class Hidden(Planted):
    def __init__(self) -> None:
        super().__init__()
        self.more = [nn.Linear(16, 16)]

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.more[0](self.body(x)))


class Mixing(Planted):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x - x.mean(0))


class Large(Planted):
    def __init__(self) -> None:
        super().__init__()
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=3.0)


def rows(train: int = 300, test: int = 100) -> Dataset:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(train + 2 * test, 6, generator=generator)
    y = x[:, :3].argmax(1)
    cuts = (slice(0, train), slice(train, train + test), slice(train + test, None))
    parts = [ArrayItems(x[cut], y[cut]) for cut in cuts]
    return Dataset("rows", Planted().spec, *parts, fingerprint="")


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (Planted, []),
        (SoftmaxTwice, ["softmax-twice"]),
        (Zeros, ["symmetric-units"]),
        (Detached, ["detached"]),
        (Hidden, ["missing-parameters"]),
        (Mixing, ["items-mix"]),
        (Large, ["initial-loss"]),
    ],
)
def test_what_is_planted_in_a_network_is_found_before_the_first_step(planted: type[Network], found: list[str]) -> None:
    torch.manual_seed(0)
    data = rows()
    verdict = looked_at(session_of(planted(), data), data.test)
    assert [finding.id for finding in verdict.findings] == found
    assert verdict.disabled == {}


@pytest.mark.parametrize("found", ["shared-items", "biased-split", "missing-class"])
def test_what_is_wrong_with_a_split_is_found_before_the_first_step(found: str) -> None:
    data = rows()
    train, test = data.train.take(torch.arange(300)), data.test.take(torch.arange(100))
    parts = {
        "shared-items": ArrayItems(torch.cat([train.x[:10], test.x[10:]]), test.y),
        "biased-split": ArrayItems(test.x + torch.tensor([1.0, 0, 0, 0, 0, 0]), test.y),
        "missing-class": ArrayItems(test.x, torch.full_like(test.y, 7)),
    }
    verdict = looked_at(session_of(Planted(), data), parts[found])
    assert [(finding.id, finding.place) for finding in verdict.findings] == [(found, "test")]


def test_zeros_at_the_end_of_a_network_are_healthy() -> None:
    network = Planted()
    nn.init.zeros_(network.head.weight)
    nn.init.zeros_(network.body[0].bias)
    verdict = looked_at(session_of(network, rows()))
    assert verdict.findings == ()


def test_a_whole_training_has_it_in_its_record() -> None:
    """The rules are asked live, and findings of step 0 are told before the first step."""
    told: list[str] = []
    session = session_of(SoftmaxTwice(), rows())

    def say(finding: Any) -> None:
        told.append(f"{finding.id} at {session.progress.step}")

    train(session, [Doctor(session, name="made", say=say, test=rows().test)])
    assert told[0] == "softmax-twice at 0"
