import pytest
import torch
from torch import Tensor

from understudy.layers.attention import ATTENTIONS, Additive, Attention, AttentionName, Dot, General

BATCH, STEPS, PLACES, SIZE = 3, 4, 6, 8
LENGTHS = torch.tensor([6, 2, 1])
REAL = torch.arange(PLACES) < LENGTHS[:, None]


def asked(attention: Attention, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Queries, memory, contexts and weights."""
    generator = torch.Generator().manual_seed(seed)
    queries, memory = (torch.randn(BATCH, count, SIZE, generator=generator) for count in (STEPS, PLACES))
    return queries, memory, *attention(queries, attention.keys(memory), memory, REAL)


def build(name: AttentionName) -> Attention:
    torch.manual_seed(0)
    return ATTENTIONS[name](SIZE, SIZE)


@pytest.mark.parametrize("name", ATTENTIONS)
def test_each_context_is_the_published_equation(name: AttentionName) -> None:
    attention = build(name)
    queries, memory, contexts, _ = asked(attention)

    def score(query: Tensor, place: Tensor) -> Tensor:
        if isinstance(attention, Dot):
            return query @ place
        if isinstance(attention, General):
            return query @ (attention.key.weight @ place)
        assert isinstance(attention, Additive)
        inner = attention.query.weight @ query + attention.key.weight @ place + attention.key.bias
        return attention.score.weight[0] @ torch.tanh(inner)

    for row in range(BATCH):
        places = memory[row, : LENGTHS[row]]
        for step in range(STEPS):
            weights = torch.stack([score(queries[row, step], place).exp() for place in places])
            expected = (weights / weights.sum()) @ places
            torch.testing.assert_close(contexts[row, step], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ATTENTIONS)
def test_weights_are_shares_of_the_real_places_alone(name: AttentionName) -> None:
    *_, weights = asked(build(name))
    torch.testing.assert_close(weights.sum(-1), torch.ones(BATCH, STEPS))
    assert bool((weights[~REAL[:, None].expand_as(weights)] == 0).all())
    assert bool((weights[REAL[:, None].expand_as(weights)] > 0).all())


@pytest.mark.parametrize("name", ATTENTIONS)
def test_what_stands_in_the_padding_changes_nothing(name: AttentionName) -> None:
    attention = build(name)
    queries, memory, contexts, _ = asked(attention)
    other = torch.where(REAL[..., None], memory, 1e3)
    again, _ = attention(queries, attention.keys(other), other, REAL)
    assert torch.equal(again, contexts)


def test_a_dot_product_wants_one_size() -> None:
    with pytest.raises(ValueError, match="got 8 and 6"):
        Dot(8, 6)
