"""Dropout: how much it strikes out, what that does to means and gradients, and when it leaves values alone."""

import pytest
import torch

from understudy.layers.bidirectional import Bidirectional
from understudy.layers.dropout import Dropout, SequenceDropout, struck_out
from understudy.layers.recurrent import Recurrent, RecurrentOptions
from understudy.layers.writer import Writer, WriterOptions


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("share", [0.1, 0.75])
def test_a_share_is_struck_out_and_the_mean_stays(share: float, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    left = struck_out(torch.ones(401, 501, dtype=dtype), share)
    assert left.dtype == dtype
    assert (left == 0).float().mean().item() == pytest.approx(share, abs=0.005)
    assert left.float().mean().item() == pytest.approx(1, abs=0.02)
    assert left.unique().tolist() == pytest.approx([0, 1 / (1 - share)], rel=4e-3 if dtype == torch.bfloat16 else 1e-4)


@pytest.mark.parametrize("apart", [1, 2, 3, 4])
def test_values_of_one_draw_do_not_depend_on_each_other(apart: int) -> None:
    torch.manual_seed(0)
    struck = (struck_out(torch.ones(400_000), 0.3) == 0).float()
    assert (struck[apart:] * struck[:-apart]).mean().item() == pytest.approx(0.09, abs=0.003)


def test_shares_that_16_bits_do_not_hold() -> None:
    assert torch.equal(struck_out(torch.ones(1000), 1e-9), torch.ones(1000))
    assert (struck_out(torch.ones(100_000), 1 - 1e-9) != 0).sum() < 20


def test_only_what_is_left_gets_a_gradient_and_a_seed_decides() -> None:
    values = torch.randn(7, 3, requires_grad=True)
    torch.manual_seed(3)
    left = struck_out(values, 0.5)
    left.sum().backward()
    assert values.grad is not None
    torch.testing.assert_close(values.grad * values, left)
    torch.manual_seed(3)
    assert torch.equal(struck_out(values, 0.5), left)
    assert not torch.equal(struck_out(values, 0.5), left)


def test_dropout_leaves_values_alone_outside_of_training_or_with_no_share() -> None:
    values = torch.randn(5, 4)
    assert torch.equal(Dropout(0.5).eval()(values), values)
    assert torch.equal(Dropout(0.0)(values), values)
    assert not torch.equal(Dropout(0.5)(values), values)


def test_variational_dropout_strikes_the_same_values_at_every_step() -> None:
    torch.manual_seed(0)
    dropout = SequenceDropout(0.5)
    out = dropout(torch.ones(3, 9, 40))
    assert torch.equal(out, out[:, :1].expand_as(out))
    assert sorted(out.unique().tolist()) == [0.0, 2.0]
    assert not torch.equal(out[0], out[1])
    assert torch.equal(dropout.eval()(out), out)


@pytest.mark.parametrize("kind", [Dropout, SequenceDropout])
def test_layers_have_the_dropout_that_is_asked_for(kind: type[Dropout]) -> None:
    variational = kind is SequenceDropout
    options = RecurrentOptions(hidden_dim=4, dropout=0.5, variational_dropout=variational)
    writer = Writer(9, 4, 4, WriterOptions(hidden_dim=4, dropout=0.5, variational_dropout=variational))
    for layers in (Recurrent(3, options), Bidirectional(3, options), writer, writer.recurrent):
        assert type(layers.dropout) is kind
