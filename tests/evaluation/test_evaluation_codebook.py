import math

import pytest
import torch
from made import PICTURES, dataset_of
from torch import Tensor

from understudy.evaluation.codebook import codebook, score_codebook, uses
from understudy.evaluation.principal import QuantisedPrincipal, quantised_principal
from understudy.evaluation.reconstruction import fair_principal


class Words:
    """Two words an item, of eight; the words 0, 1 and 2 in the ratio 2 : 1 : 1, the others never."""

    def codebook_size(self) -> int:
        return 8

    def tokens(self, x: Tensor) -> Tensor:
        place = torch.arange(len(x))
        return torch.stack([torch.zeros(len(x), dtype=torch.int64), 1 + place % 2], 1)

    def decode_tokens(self, tokens: Tensor) -> Tensor:
        return (tokens[:, :1].float() / 8).view(-1, 1, 1, 1).expand(len(tokens), 1, 8, 8)

    def encode(self, x: Tensor) -> Tensor:
        return self.tokens(x).float()

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.decode_tokens(self.tokens(x))


def test_perplexity_is_of_the_words_and_dead_ones_are_counted() -> None:
    data = dataset_of(PICTURES, test=16)
    assert uses(Words(), data).tolist() == [16, 8, 8, 0, 0, 0, 0, 0]
    scores = score_codebook(Words(), data, seed=0)
    entropy = -(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25))
    assert scores["codebook_perplexity"] == pytest.approx(math.exp(entropy))
    assert (scores["dead_codes"], scores["codebook_size"], scores["bits_per_item"]) == (5, 8, 6)


def test_pca_gets_as_many_bits() -> None:
    data = dataset_of(PICTURES, train=200, validation=50, test=16)
    principal = fair_principal(Words(), data, 0)
    assert isinstance(principal, QuantisedPrincipal)
    numbers = len(principal.components)
    assert numbers * math.log2(principal.levels) <= 6
    codes = principal.encode(data.test.take(torch.arange(16)).x)
    assert all(len(codes[:, number].unique()) <= principal.levels for number in range(numbers))


def test_more_bits_never_make_pca_worse_and_the_best_width_is_chosen_on_validation_items() -> None:
    data = dataset_of(PICTURES, train=300, validation=100, test=100)
    x = data.validation.take(torch.arange(100)).x
    errors = [(quantised_principal(data, bits, 0).reconstruct(x) - x).square().mean().item() for bits in (2, 8, 24)]
    assert errors == sorted(errors, reverse=True)


def test_the_exhibits_are_the_use_of_each_word_and_what_it_looks_like() -> None:
    plot, picture = codebook(Words(), dataset_of(PICTURES, test=16), seed=0)
    assert [row[1] for row in plot.plot["points"]] == [50, 25, 25, 0, 0, 0, 0, 0]
    assert "5 never do" in plot.caption
    assert picture.image is not None
