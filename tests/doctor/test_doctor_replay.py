"""A step that broke is taken again, and the operation that broke it is named."""

from collections.abc import Callable

import pytest
import torch
from made import POINTS, session_of
from torch import Tensor

from understudy.data.dataset import Batch
from understudy.doctor.live import Doctor
from understudy.doctor.pace import Pace
from understudy.errors import Diverged
from understudy.models.autoencoder import Autoencoder, AutoencoderConfig
from understudy.models.network import Terms
from understudy.training.loop import train


class Breaks(Autoencoder):
    """An autoencoder whose loss breaks by one operation, from some step on."""

    operation: Callable[[Tensor], Tensor]
    after = 6

    def turns(self):  # type: ignore[no-untyped-def]
        self.calls = getattr(self, "calls", 0)
        return super().turns()

    def loss(self, source: Tensor, target: Tensor) -> Terms:
        terms = super().loss(source, target)
        shift = torch.where(self.step_count > self.after, 0.0, 3.0)
        self.step_count += self.training
        return {"loss": terms["loss"] + type(self).operation(terms["loss"].detach() * 0 + shift).sum()}

    def validate(self, batch: Batch) -> Terms:
        return {"loss": torch.tensor(1.0)}


def broken(operation: Callable[[Tensor], Tensor]) -> Doctor:
    torch.manual_seed(0)
    kind = type("Broken", (Breaks,), {"operation": staticmethod(operation)})
    network = kind(AutoencoderConfig(hidden=(8,), latent_dim=1), POINTS)
    network.register_buffer("step_count", torch.tensor(0))
    session = session_of(network, steps=20, log_every=5)
    doctor = Doctor(session, pace=Pace(clock=lambda: 0.0))
    with pytest.raises(Diverged) as raised:
        train(session, [doctor])
    doctor.diverged(session, raised.value)
    return doctor


@pytest.mark.parametrize(
    ("operation", "named", "cause"),
    [
        (lambda x: x.log(), "log of values from 0 to 0", "A logarithm of 0"),
        (lambda x: 1 / x, "reciprocal of values from 0 to 0", "A division by 0"),
        (lambda x: (1000 * (1 - x)).exp(), "exp of values from 1000 to 1000", "An exponential"),
    ],
)
def test_the_operation_and_its_line_are_named(operation: Callable[[Tensor], Tensor], named: str, cause: str) -> None:
    doctor = broken(operation)
    (finding,) = doctor.verdict().findings
    assert (finding.id, finding.step) == ("non-finite", 8)
    assert named in finding.evidence and "test_doctor_replay.py:" in finding.evidence
    assert finding.cause.startswith(cause)


def test_a_derivative_is_named_by_the_line_of_its_operation() -> None:
    """The root of 0 is finite; its slope is not."""

    class Root(Breaks):
        def loss(self, source: Tensor, target: Tensor) -> Terms:
            codes = self.encoder(source)
            keep = torch.where(self.step_count > self.after, 0.0, 1.0)
            self.step_count += self.training
            return {"loss": ((codes * keep).square().sum()).sqrt()}

    torch.manual_seed(0)
    network = Root(AutoencoderConfig(hidden=(8,), latent_dim=1), POINTS)
    network.register_buffer("step_count", torch.tensor(0))
    session = session_of(network, steps=20, log_every=5)
    doctor = Doctor(session, pace=Pace(clock=lambda: 0.0))
    with pytest.raises(Diverged) as raised:
        train(session, [doctor])
    doctor.diverged(session, raised.value)
    (finding,) = doctor.verdict().findings
    assert "backward" in finding.evidence and "sqrt()" in finding.evidence
    assert finding.cause.startswith("A division by 0")


def test_what_was_read_before_the_break_is_kept() -> None:
    doctor = broken(lambda x: x.log())
    assert "gradient" in {name for _, name, _, _ in doctor.rows}
    assert doctor.examiner.disabled == {}
