"""The forecaster: it sees the newest observation, nothing after it, and its options reach the cell."""

from typing import Any

import numpy as np
import pytest
import torch
from made import SPECS, batch_of, dataset_of, session_of, windows_of
from torch import Tensor, nn

from understudy import models
from understudy.data.dataset import Batch
from understudy.data.differences import integrate
from understudy.data.spec import SeriesSpec
from understudy.decoding.forecasting import forecast
from understudy.errors import OptionError
from understudy.models.forecaster import LEVELS, QUANTILES, Forecaster
from understudy.training.loop import train

MONTHS, STEPS = SPECS["months"], SPECS["steps"]
assert isinstance(MONTHS, SeriesSpec)
assert isinstance(STEPS, SeriesSpec)
HEADS = ["direct", "recursive"]


def build(spec: SeriesSpec = MONTHS, seed: int = 0, **options: Any) -> Forecaster:
    torch.manual_seed(seed)
    head = {"head": "direct"} if options.get("loss") == "pinball" else {}
    network = models.build("forecaster", {"hidden_dim": 12, **head, **options}, spec)
    assert isinstance(network, Forecaster)
    return network.eval()


def moved_by(network: Forecaster, place: int) -> Tensor:
    """How far each step of the forecast goes when one value of the input goes up by 1: (horizon,)."""
    x = batch_of(network.spec, 1).x
    other = x.clone()
    other[:, place, 0] += 1
    return (network.point(network.forecast(other)) - network.point(network.forecast(x)))[0]


class Late(Forecaster):
    """The mistake of a known tool: its direct head is told all but the newest observation."""

    def forecast(self, x: Tensor) -> Tensor:
        return super().forecast(torch.cat([x[:, :1], x[:, : self.spec.window - 1], x[:, self.spec.window :]], 1))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("spec", [MONTHS, STEPS], ids=["months", "steps"])
def test_every_step_of_a_forecast_sees_the_newest_observation(head: str, spec: SeriesSpec) -> None:
    assert (moved_by(build(spec, head=head), spec.window - 1).abs() > 1e-6).all()


def test_the_test_before_would_find_a_head_that_misses_the_newest_observation() -> None:
    late = Late(build(head="direct").config, MONTHS).eval()
    assert (moved_by(late, MONTHS.window - 1) == 0).all()


def test_a_series_that_stays_where_it_is_is_learnt_only_from_the_newest_observation() -> None:
    """A random walk's next value is its newest one; older values say less. A head that misses it cannot reach this."""
    steps = np.random.RandomState(0).normal(0, 1, (1, 400)).cumsum(1)
    spec = SeriesSpec(("a",), "n1", 1, 1, 4, offset=(0.0,), scale=(float(steps.std()),))

    def learnt(kind: type[Forecaster]) -> float:
        torch.manual_seed(0)
        network = kind(build(spec, head="direct").config, spec)
        x = torch.from_numpy(steps / spec.scale[0]).float().unfold(1, 5, 1)[0]
        batch = Batch(torch.cat([x[:, :4], torch.zeros(len(x), 1)], 1)[..., None], x[:, 4:])
        optimizer = torch.optim.Adam(network.parameters(), 1e-2)
        for _ in range(250):
            optimizer.zero_grad()
            network.loss(batch)["loss"].backward()
            optimizer.step()
        return network.loss(batch)["loss"].item() * spec.scale[0] ** 2

    assert learnt(Forecaster) < 1.3  # a step's variance is 1, that of two steps 2
    assert learnt(Late) > 1.6


@pytest.mark.parametrize("head", HEADS)
def test_what_comes_after_the_origin_is_not_seen(head: str) -> None:
    x = batch_of(MONTHS, 2).x
    assert (x[:, MONTHS.window :, 0] == 0).all()
    network, other = build(head=head), x.clone()
    other[:, MONTHS.window :, 0] = 9
    assert torch.equal(network.forecast(x), network.forecast(other))
    items = windows_of(MONTHS, 3)
    origin = int(items.origins[0])
    before = forecast(network, items.windows, origin)
    items.windows.series.values[:, origin:] = 1e6
    assert np.array_equal(forecast(network, items.windows, origin).values, before.values)


@pytest.mark.parametrize("head", HEADS)
def test_the_calendar_of_the_step_to_come_is_seen(head: str) -> None:
    network, x = build(head=head), batch_of(MONTHS, 1).x
    other = x.clone()
    other[:, -1, 1:] += 1  # of the horizon's last step alone
    moved = (network.forecast(other) - network.forecast(x))[0, :, 0].abs() > 1e-6
    assert moved[-1] and not moved[:-1].any()


@pytest.mark.parametrize("spec", [MONTHS, STEPS], ids=["months", "steps"])
def test_the_recursive_head_reads_its_own_answers_as_observations(spec: SeriesSpec) -> None:
    """Written out: forecast a step, append it to the values, and read all of them anew."""
    network, x = build(spec, head="recursive", num_layers=2), batch_of(spec, 3).x
    values = x[:, : spec.window, 0]
    for _ in range(spec.horizon):
        states, _ = network.recurrent(network.inputs(values, torch.cat([x, x[:, -1:]], 1)))
        values = torch.cat([values, network.output(states[:, -1])], 1)
    expected = integrate(values[:, spec.window :], network.lag)
    torch.testing.assert_close(network.forecast(x)[..., 0], expected, rtol=1e-4, atol=1e-5)


CELLS: dict[str, tuple[type[nn.Module], str]] = {
    "rnn": (nn.RNN, "tanh"), "relu-rnn": (nn.RNN, "relu"), "lstm": (nn.LSTM, ""), "gru": (nn.GRU, "")
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
def test_the_cell_that_is_asked_for_is_the_cell(cell: str) -> None:
    kind, activation = CELLS[cell]
    layers = [module for module in build(cell=cell).modules() if isinstance(module, nn.RNNBase)]
    assert [type(layer) for layer in layers] == [kind]
    if activation:
        assert layers[0].nonlinearity == activation


def test_every_option_of_the_cell_changes_the_forecast_and_an_unknown_cell_is_refused() -> None:
    x = batch_of(MONTHS, 2).x
    said = [build(cell=cell).forecast(x) for cell in ("rnn", "relu-rnn", "irnn", "sigmoid-rnn", "lstm", "gru")]
    assert all(not torch.equal(one, other) for n, one in enumerate(said) for other in said[:n])
    with pytest.raises(OptionError, match="cell='GRU'"):
        build(cell="GRU")


def test_quantiles_do_not_go_with_a_recursive_head() -> None:
    with pytest.raises(OptionError, match="loss=pinball needs head=direct"):
        build(head="recursive", loss="pinball")


@pytest.mark.parametrize("options", [{"head": "direct"}, {"loss": "pinball"}, {"loss": "mae"}], ids=str)
def test_the_same_seed_gives_the_same_forecast_and_another_another(options: dict[str, Any]) -> None:
    found = []
    for seed in (0, 0, 1):
        network = build(seed=seed, **options)
        data = dataset_of(MONTHS)
        train(session_of(network, data, steps=4))
        network.eval()
        found.append(forecast(network, data.test.windows, int(data.test.origins[0])).values)
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_pinball_loss_is_least_at_the_quantiles() -> None:
    network = build(STEPS, loss="pinball")
    draws = torch.randn(20_000, 1, generator=torch.Generator().manual_seed(0))
    right = torch.distributions.Normal(0, 1).icdf(torch.tensor(QUANTILES))
    least = network.error(right.expand(len(draws), 1, -1), draws)
    for moved in (right + 0.1, right - 0.1, right * 1.2, right * 0.8):
        assert network.error(moved.expand(len(draws), 1, -1), draws) > least


def test_quantiles_never_cross() -> None:
    said = build(STEPS, loss="pinball").forecast(batch_of(STEPS, 20).x)
    assert said.shape[-1] == len(QUANTILES)
    assert (said.diff(dim=-1) >= 0).all()


@pytest.mark.parametrize("loss", ["mse", "pinball"])
def test_margins_make_intervals_that_hold_their_share_of_items_like_those_they_were_set_on(loss: str) -> None:
    network, spec = build(STEPS, loss=loss), STEPS
    generator = torch.Generator().manual_seed(0)

    def drawn(count: int) -> Batch:
        x = torch.randn(count, *spec.shape, generator=generator)
        x[:, spec.window :] = 0
        return Batch(x, torch.randn(count, spec.horizon, generator=generator))

    network.calibrate([drawn(300), drawn(100)])
    batch = drawn(4000)
    low, high = network.intervals(network.forecast(batch.x))
    assert batch.y is not None
    for place, level in enumerate(LEVELS):
        held = ((low[place] <= batch.y) & (batch.y <= high[place])).float().mean(0)
        assert (held - level).abs().max() < 0.06


def test_a_margin_is_the_error_of_the_rank_that_the_promise_needs() -> None:
    network = build(STEPS)
    batch = windows_of(STEPS, 5).take(torch.arange(9))
    network.calibrate([batch])
    errors = (integrate(batch.y, network.lag) - network.forecast(batch.x)[..., 0]).abs().sort(0).values
    assert torch.equal(network.margins[0], errors[7])  # ceil(10 * 0.8) = 8th of 9
    assert torch.equal(network.margins[1], errors[8])  # ceil(10 * 0.9) = 9th


def test_too_few_items_set_no_margin() -> None:
    network = build(STEPS)
    network.calibrate([windows_of(STEPS, 4).take(torch.arange(8))])
    assert torch.isfinite(network.margins[0]).all()  # 8 of them are enough for 80%
    assert torch.isinf(network.margins[1]).all()  # not for 90%
    network.calibrate([])
