"""Hand-written backward passes: a mistake is named, with the line; what is right, or meant, is left alone."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import understudy as us
from understudy.data.sources import load
from understudy.doctor.probes.by_hand import BackwardPasses
from understudy.doctor.signals import Reading
from understudy.doctor.structure.by_hand import Called, Judged, Recorder, Unchecked, functions_behind, judge_call
from understudy.doctor.training_subject import LastMove, subject_of
from understudy.experiment import begin, requested
from understudy.scratch.dense import Dense
from understudy.scratch.layer import Array
from understudy.scratch.losses import MeanSquaredError
from understudy.training.session import Session


class Plain(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float = 1.0) -> Tensor:
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x.clamp(min=0) ** 2 * factor

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return dy * 2 * ctx.factor * ctx.saved_tensors[0].clamp(min=0), None


class Halved(Plain):
    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return dy * ctx.factor * ctx.saved_tensors[0].clamp(min=0), None


class Unmasked(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return dy


class Rounded(Unmasked):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.round()


class Reversed(Unmasked):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return -dy


class Dropped(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.kept = (torch.rand_like(x) > 0.3) / 0.7
        return x * ctx.kept

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return dy * ctx.kept


class Two(torch.autograd.Function):
    """A sum and a product, of which only the latter's gradient is right."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Any:
        ctx.save_for_backward(a, b)
        return a + b, a * b

    @staticmethod
    def backward(ctx: Any, dsum: Tensor, dproduct: Tensor) -> Any:
        a, b = ctx.saved_tensors
        return dsum + dproduct * b, 2 * dsum + dproduct * a


class Spread(torch.autograd.Function):
    """A bias whose gradient is left for autograd to sum, which it does."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, bias: Tensor) -> Tensor:
        return x + bias

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Any:
        return dy, dy


X = torch.randn(12, 5, generator=torch.Generator().manual_seed(0))


def judged(function: Any, *args: Any) -> list[Judged | Unchecked]:
    moved = [place for place, one in enumerate(args) if isinstance(one, Tensor)]
    return list(judge_call(Called(function, args, moved, moved)))


@pytest.mark.parametrize("args", [(Plain, X, 3.0), (Dropped, X), (Spread, X, torch.ones(5))])
def test_right_ones_are_right(args: tuple[Any, ...]) -> None:
    """With a kink, with chance, with a sum that autograd takes."""
    found = judged(*args)
    assert all(isinstance(one, Judged) and one.error <= one.limit for one in found)


def test_a_factor_is_told_with_its_ratio() -> None:
    (found,) = judged(Halved, X, 3.0)
    assert isinstance(found, Judged)
    assert found.ratio == pytest.approx(0.5)
    assert found.mistake == "missing factor 2"
    assert found.entry and found.entry[1] == pytest.approx(2 * found.entry[0], rel=1e-6)


def test_of_several_outputs_and_inputs_the_wrong_one_is_told() -> None:
    first, second = judged(Two, X, X.flip(0))
    assert isinstance(first, Judged) and first.error <= first.limit
    assert isinstance(second, Judged) and second.error > second.limit


@pytest.mark.parametrize("function", [Rounded, Reversed])
def test_what_may_be_meant_is_not_judged(function: Any) -> None:
    (found,) = judged(function, X)
    assert isinstance(found, Unchecked)


def test_a_large_one_is_judged_on_some_entries() -> None:
    """Its Jacobian would have 3,000 x 12,000 entries; it is projected, and still not taken for a reversed gradient."""
    x = torch.randn(4, 3000)
    (right,), (half,), (meant,) = judged(Plain, x, 1.0), judged(Halved, x, 1.0), judged(Reversed, x)
    assert isinstance(right, Judged) and right.error <= right.limit
    assert isinstance(half, Judged) and half.ratio == pytest.approx(0.5)
    assert isinstance(meant, Unchecked)


def test_the_recorder_gives_its_place_back() -> None:
    own = vars(Plain)["forward"]
    recorders = [Recorder(Plain), Recorder(Halved)]  # the second one's forward is inherited
    x = X.clone().requires_grad_()
    loss = (Plain.apply(x, 2.0) + Halved.apply(x, 1.0)).sum()
    assert vars(Plain)["forward"] is own and "forward" not in vars(Halved)
    assert [one.call is not None for one in recorders] == [True, True]
    assert set(functions_behind(loss)) == {Plain, Halved}
    unused = Recorder(Plain)
    unused.end()
    assert vars(Plain)["forward"] is own


class Net(nn.Module):
    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function
        self.first, self.last = nn.Linear(5, 16), nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.last(self.function.apply(self.first(x)))
        return made


def trained(function: Any, watched: bool = True) -> tuple[Any, Tensor]:
    torch.manual_seed(0)
    net = Net(function)
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    doctor = us.watch(net, opt, quiet=True)
    if watched:
        doctor.__enter__()
    for _ in range(6):
        x = torch.randn(32, 5)
        opt.zero_grad()
        nn.functional.mse_loss(net(x)[:, 0], x[:, 0]).backward()
        opt.step()
    if watched:
        doctor.__exit__(None, None, None)
    return doctor, torch.cat([weight.detach().flatten() for weight in net.parameters()])


def test_a_loop_hears_of_it_and_is_not_changed() -> None:
    doctor, weights = trained(Halved)
    assert [finding.id for finding in doctor.findings] == ["wrong-backward"]
    assert "0.5 times the numeric one" in doctor.findings[0].evidence
    assert doctor.findings[0].remedies[0].code == "for y = x**2: dx = 2 * x * dy"
    assert doctor.lines["wrong-backward"].text.startswith("return dy * ctx.factor")
    assert torch.equal(weights, trained(Halved, watched=False)[1])
    assert doctor.json()["disabled"] == {}


def test_wrong_only_where_nothing_moves_is_a_warning() -> None:
    (finding,) = trained(Unmasked)[0].findings
    assert finding.severity == "warning" and "mask" in finding.evidence


def test_what_is_meant_is_said_not_to_be_checked() -> None:
    doctor, _ = trained(Rounded)
    assert doctor.findings == ()
    (reason,) = (one.reason for one in doctor.verdict.unchecked if one.id == "wrong-backward")
    assert reason.startswith("Rounded: x: the output does not move")
    plain, _ = trained(Plain)
    assert "wrong-backward" in plain.verdict.clear


class Averaged(Dense):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = self.grads["W"] / len(dy)
        return dx


class WithoutTwo(MeanSquaredError):
    def backward(self, dy: float = 1.0) -> Array:
        return super().backward(dy) / 2


def in_numpy() -> Session:
    options = {"steps": 4, "batch": 16, "latent_dim": 8, "hidden": (12,), "activation": "relu"}
    file = requested("numpy-autoencoder", "digits", seed=0, settings=options)
    return begin(file, load("digits", file.data))


def readings(session: Session) -> list[Reading]:
    return list(BackwardPasses().at_start(subject_of(session, "numpy-autoencoder", {}, LastMove(session))))


def wrong(found: list[Reading]) -> dict[str, float]:
    """Places and their ratios."""
    return {one.place: one.value for one in found if one.name == "backward_ratio"}


def test_a_network_in_numpy_is_right_and_is_not_changed() -> None:
    session = in_numpy()
    before = {name: weight.detach().clone() for name, weight in session.network.named_parameters()}
    found = readings(session)
    assert found[0] == Reading("by_hand", 1)
    errors = {one.place: one.value for one in found if one.name == "backward_error"}
    assert {"encoder.0.W", "encoder.1.x", "decoder.2.b", "output.0.x"} <= errors.keys()
    assert max(errors.values()) < 1e-4
    for name, weight in session.network.named_parameters():
        assert weight.dtype == torch.float32 and torch.equal(weight, before[name])


def test_a_layer_in_numpy_is_named_and_so_is_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    session = in_numpy()
    layer: Any = session.network.encoder[2].layer  # type: ignore[index]
    layer.__class__ = Averaged
    assert wrong(readings(session)) == {"encoder.2.W": pytest.approx(1 / 4)}
    monkeypatch.setattr("understudy.models.numpy_autoencoder.MeanSquaredError", WithoutTwo)
    ratios = wrong(readings(in_numpy()))
    assert {"encoder.0.W", "decoder.2.b"} <= ratios.keys()
    assert list(ratios.values()) == pytest.approx([0.5] * len(ratios), rel=1e-3)
