"""Captions judged: what is right, beside what is commonest and nearest; where the network looked."""

from typing import Any

import numpy as np
import pytest
import torch
from made import SPECS, captions_of, dataset_of
from torch import Tensor

from understudy.data.sentences import START
from understudy.data.spec import CaptionSpec
from understudy.evaluation.captioning import (
    LABEL,
    attention_pictures,
    caption_tree,
    looked_at,
    nearest_pictures,
    score_captions,
    wrong_captions,
)

SPEC = SPECS["captions"]
assert isinstance(SPEC, CaptionSpec)


class Knows:
    """Reads the stripes off the picture, but for letter d, which it takes for c; it looks where it reads."""

    def begin(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        letters = ((x[:, 0, 0, ::4] * 255 - 60) / 60).round().long()
        return letters, torch.zeros(len(x), dtype=torch.long), torch.zeros(len(x), 3)

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        letters, at, _ = state
        own = letters.gather(1, at.clamp_max(2)[:, None])[:, 0]
        letter = torch.where((at > 2) | (own < 0), -1, own.clamp_max(2))
        logits = torch.full((len(tokens), len(SPEC.target)), -9.0).scatter(1, (4 + letter)[:, None], 9.0)
        return logits, (letters, at + 1, torch.eye(3)[at.clamp_max(2)])

    def reorder(self, state: Any, places: Tensor) -> Any:
        return tuple(part[places] for part in state)

    def attention(self, state: Any) -> Tensor:
        return state[2]

    def grid(self) -> tuple[int, int]:
        return 1, 3

    def loss(self, batch: Any) -> dict[str, Tensor]:
        return {"loss": torch.tensor(0.5)}


def test_what_is_right_is_counted_beside_what_is_commonest_and_nearest() -> None:
    data = dataset_of(SPEC, 64, 4, 40)
    scores = score_captions(Knows(), data, seed=0)
    right = np.mean(["d" not in text for text in data.test.written])
    assert scores["exact_match"] == scores["greedy_exact_match"] == pytest.approx(right)
    assert scores["nats_per_token"] == pytest.approx(0.5)
    commonest = max(set(data.train.written), key=data.train.written.count)
    assert scores["majority_exact_match"] == pytest.approx(np.mean([text == commonest for text in data.test.written]))
    known = np.mean([text in data.train.written for text in data.test.written])
    assert scores["nearest_exact_match"] == pytest.approx(known), "the same stripes are the nearest"
    assert 0 < known < 1


def test_the_nearest_picture_is_found() -> None:
    x = captions_of(SPEC, 30).x
    noisy = (x.float() + 3).clamp_max(255).byte()
    assert torch.equal(x[nearest_pictures(noisy, x)], x)


def test_the_glow_is_where_it_looked_and_a_row_for_each_word() -> None:
    maps = torch.eye(3)[:, None, :]
    image = looked_at(torch.zeros(1, 8, 12), maps, ["a", "b", "c"]).astype(float)
    height = (image.shape[0] - 2 * 8) // 3
    rows = [image[place * (height + 8) : place * (height + 8) + height, LABEL:] for place in range(3)]
    for place, row in enumerate(rows):
        thirds = [part.mean() for part in np.array_split(row, 3, axis=1)]
        assert int(np.argmax(thirds)) == place
    assert (image[:, : LABEL - 8] < 100).any(), "the words stand beside it"


def test_figures_show_the_words_and_what_went_wrong() -> None:
    data = dataset_of(SPEC, 8, 4, 40)
    first = attention_pictures(Knows(), data, seed=0)[0]
    assert data.test.written[0] in first.caption
    assert first.image is not None
    (tree,) = caption_tree(Knows(), data, seed=0)
    kept = [node for node in tree.plot["nodes"] if node["fate"] == "kept"]
    assert kept[0]["token"] == START
    assert "".join(node["label"] for node in kept[1:-1]) == data.test.written[0].replace("d", "c")
    (wrong,) = wrong_captions(Knows(), data, seed=0)
    assert wrong.text.count("wrote") == min(8, sum("d" in text for text in data.test.written))
    assert "d" not in wrong.text.splitlines()[0].removeprefix("wrote")
