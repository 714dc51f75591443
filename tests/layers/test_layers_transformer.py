import math

import pytest
import torch

from understudy.layers.transformer import SelfAttention, TransformerEncoder, sinusoids

BATCH, TIME, SIZE, HEADS = 3, 5, 8, 2
LENGTHS = torch.tensor([5, 3, 1])
REAL = torch.arange(TIME) < LENGTHS[:, None]


def test_places_are_the_published_sines_and_cosines() -> None:
    found = sinusoids(40, SIZE, torch.device("cpu"))
    for place in range(40):
        for pair in range(SIZE // 2):
            angle = place / 10_000 ** (2 * pair / SIZE)
            assert found[place, pair].item() == pytest.approx(math.sin(angle), abs=1e-4)
            assert found[place, SIZE // 2 + pair].item() == pytest.approx(math.cos(angle), abs=1e-4)


def test_each_head_is_a_softmax_of_scaled_products_over_the_real_places() -> None:
    torch.manual_seed(0)
    layer, x = SelfAttention(SIZE, HEADS, 0.0).eval(), torch.randn(BATCH, TIME, SIZE)
    found = layer(x, REAL)
    query, key, value = layer.inputs(x).chunk(3, -1)
    size = SIZE // HEADS
    for row in range(BATCH):
        heads = []
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            real = slice(0, int(LENGTHS[row]))
            weights = (query[row][:, part] @ key[row][real, part].T / size**0.5).softmax(-1)
            heads.append(weights @ value[row][real, part])
        torch.testing.assert_close(found[row], layer.output(torch.cat(heads, 1)), rtol=1e-4, atol=1e-5)


def test_padding_changes_nothing_and_order_does() -> None:
    torch.manual_seed(0)
    encoder, x = TransformerEncoder(SIZE, 2, HEADS, 0.3).eval(), torch.randn(BATCH, TIME, SIZE)
    outputs, mean = encoder(x, REAL)
    other, other_mean = encoder(torch.where(REAL[..., None], x, 50.0), REAL)
    torch.testing.assert_close(other[REAL], outputs[REAL])
    torch.testing.assert_close(other_mean, mean)
    torch.testing.assert_close(mean[1], outputs[1, :3].mean(0))
    swapped = encoder(x[:, [1, 0, 2, 3, 4]], REAL)[0]
    assert not torch.allclose(swapped[0, [1, 0]], outputs[0, :2], atol=1e-3)
