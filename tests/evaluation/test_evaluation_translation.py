import math
from dataclasses import replace
from typing import cast

import pytest
import sacrebleu
import torch
import torch.nn.functional as F
from made import SPECS, dataset_of, pairs_of, session_of

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.pairs import PairItems
from understudy.data.sources import load
from understudy.data.spec import PairSpec
from understudy.data.text import IGNORED
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.translation import limits, translate, translate_items, translate_texts
from understudy.evaluation import beams
from understudy.evaluation.beams import attention_maps, beam_widths, best_and_worst, widths
from understudy.evaluation.nearest import nearest
from understudy.evaluation.translation import BEAM, compared, compared_to_any, score_translation, signatures, written
from understudy.models.translator import Translator
from understudy.training.loop import train

SPEC = SPECS["pairs"]
assert isinstance(SPEC, PairSpec)
SENTENCES = ["A man sits on a bench.", "Two dogs run in the snow.", "A girl is reading a book."]


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset_of(SPEC, 400, 40, 60)


@pytest.fixture(scope="module")
def network(data: Dataset) -> Translator:
    """Trained for long enough to get some right and some wrong."""
    torch.manual_seed(0)
    network = models.build("translator", {"hidden_dim": 48, "embedding_dim": 24}, SPEC)
    assert isinstance(network, Translator)
    train(session_of(network, data, steps=250, batch=32, learning_rate=1e-2))
    return network.eval()


def test_scores_are_sacrebleus() -> None:
    texts = ["A man sits on the bench.", "Two dogs run in snow.", "A boy."]
    scores = compared(texts, SENTENCES)
    assert scores["bleu"] == pytest.approx(sacrebleu.corpus_bleu(texts, [SENTENCES]).score)
    assert scores["chrf"] == pytest.approx(sacrebleu.corpus_chrf(texts, [SENTENCES]).score)
    assert scores["exact_match"] == 0
    assert compared(SENTENCES, SENTENCES)["bleu"] == pytest.approx(100)
    assert compared([SENTENCES[0].lower(), *SENTENCES[1:]], SENTENCES)["exact_match"] == pytest.approx(2 / 3)
    assert compared([text.lower() for text in SENTENCES], SENTENCES)["bleu"] < 100, "capital letters count"
    assert "bleu" not in compared(["17"], ["17"]), "no four words, no BLEU"
    assert "case:mixed" in signatures()
    assert "nrefs:1" in signatures()


def test_the_test_split_is_scored_with_a_beam_beside_greedy_and_baselines(network: Translator, data: Dataset) -> None:
    scores = score_translation(network, data, seed=0)
    targets = [target for _, target in data.test.written]
    for name, beam in {"": BEAM, "greedy_": 1}.items():
        texts = written(network, data.test, SPEC, beam)
        assert scores[f"{name}exact_match"] == sum(map(str.__eq__, texts, targets)) / len(targets)
    assert 0.1 < scores["exact_match"] < 1
    assert scores["copy_exact_match"] == 0
    assert scores["nearest_exact_match"] < scores["exact_match"]
    assert scores["perplexity"] == pytest.approx(math.exp(scores["nats_per_token"]))


def test_cross_entropy_is_over_every_target_token(network: Translator, data: Dataset) -> None:
    batch = data.test.take(torch.arange(len(data.test)))
    before = torch.cat([torch.full((len(batch.x), 1), 2), batch.y[:, :-1].clamp_min(0)], 1)
    expected = F.cross_entropy(network(batch.x, before).flatten(0, 1), batch.y.flatten(), ignore_index=IGNORED)
    assert score_translation(network, data, seed=0)["nats_per_token"] == pytest.approx(expected.item(), rel=1e-4)


def test_scores_do_not_see_training_targets(network: Translator, data: Dataset) -> None:
    other = replace(data, validation=pairs_of(SPEC, 9, seed=77))
    assert score_translation(network, other, seed=0) == score_translation(network, data, seed=0)


def test_every_sentence_is_translated_as_it_is_alone(network: Translator, data: Dataset) -> None:
    options = BeamOptions(beam=3, nbest=2)
    together = translate_items(network, data.test, SPEC, options)
    texts = [source for source, _ in data.test.written]
    for number in range(0, 60, 7):
        (alone,) = translate_texts(network, texts[number : number + 1], SPEC, options)
        assert [it.tokens for it in alone] == [it.tokens for it in together[number]]
        assert alone[0].score == pytest.approx(together[number][0].score, abs=1e-4)


def test_attention_under_beam_search_is_that_of_the_sentence_read_again(network: Translator, data: Dataset) -> None:
    """The rows that a hypothesis carries are what the network looks at when it is made to write just that."""
    items = data.test.only(torch.arange(12))
    for row, (best, *_) in enumerate(translate_items(network, items, SPEC, BeamOptions(beam=5))):
        x = items.take(torch.tensor([row])).x
        state, looks = network.begin(x), []
        for token in (2, *best.tokens):
            _, state = network.step(torch.tensor([token]), state)
            looks.append(network.attention(state)[0])
        assert best.attention is not None
        torch.testing.assert_close(best.attention, torch.stack(looks), rtol=1e-3, atol=1e-4)
        assert best.attention.shape == (len(best.tokens) + 1, x.shape[1])


def test_a_longer_source_may_have_a_longer_translation() -> None:
    longest = SPEC.source.longest
    assert limits(torch.tensor([2, longest, 2 * longest]), SPEC).tolist() == [
        SPEC.target.longest, SPEC.target.longest, 2 * SPEC.target.longest
    ]  # fmt: skip


def test_a_short_source_gets_no_more_than_training_targets_had_beyond_theirs() -> None:
    known = replace(SPEC, surplus=3)
    assert limits(torch.tensor([2, SPEC.target.longest]), known).tolist() == [5, SPEC.target.longest]
    data = load("dates")
    surplus = cast(PairSpec, data.spec).surplus
    train = cast(PairItems, data.train)
    assert surplus == int((train.targets.lengths - train.sources.lengths).max()) > 0


def test_a_wider_beam_never_scores_less(network: Translator, data: Dataset) -> None:
    found = widths(network, data.test, SPEC)
    assert [it.beam for it in found] == list(beams.WIDTHS)
    assert all(one.score <= other.score + 1e-6 for one, other in zip(found[:1] * 3, found[1:], strict=True))
    table, *curves = beam_widths(network, data, seed=0)
    assert [row[0] for row in table.plot["rows"]] == list(beams.WIDTHS)
    assert "case:mixed" in table.caption
    assert all(curve.plot["series"][0]["x"] == list(beams.WIDTHS) for curve in curves)


def test_maps_have_a_row_for_each_written_token_and_a_column_for_each_read_one(
    network: Translator, data: Dataset
) -> None:
    figures = attention_maps(network, data, seed=0)
    assert len(figures) == beams.MAPS
    for number, figure in enumerate(figures):
        rows, columns, values = (figure.plot[key] for key in ("rows", "columns", "values"))
        assert "".join(columns[:-1]) == data.test.written[number][0]
        assert len(values) == len(rows)
        assert all(len(row) == len(columns) for row in values)
        assert all(sum(row) == pytest.approx(1, abs=0.01) for row in values)
    plain = models.build("translator", {"hidden_dim": 8, "embedding_dim": 8, "attention": "none"}, SPEC).eval()
    assert attention_maps(plain, data, seed=0) == []


def test_best_and_worst_are_told_with_what_they_should_be(network: Translator, data: Dataset) -> None:
    (figure,) = best_and_worst(network, data, seed=0)
    worst, best = figure.text.split("BEST")
    wrong = worst.split("wrote    ")[1].splitlines()[0]
    assert wrong != worst.split("wanted   ")[1].splitlines()[0]
    assert best.split("wrote    ")[1].splitlines()[0] == best.split("wanted   ")[1].splitlines()[0]


def test_the_nearest_sentence_is_the_one_with_most_rare_words_in_common() -> None:
    known = ["a man sits on a bench", "a dog runs in the snow", "a man reads"], ["x", "y", "z"]
    asked = ["the man sits", "a dog", "reads a book", "snow on a bench in the snow"]
    assert nearest(known, asked) == ["x", "y", "z", "y"]


def test_items_can_be_taken_out_and_keep_their_order() -> None:
    items = pairs_of(SPEC, 9)
    some = items.only(torch.tensor([7, 0, 3]))
    assert isinstance(some, PairItems)
    whole, part = items.take(torch.tensor([7, 0, 3])), some.take(torch.arange(3))
    assert torch.equal(whole.x, part.x)
    assert torch.equal(whole.y, part.y)
    assert some.written == tuple(items.written[n] for n in (7, 0, 3))
    assert len(translate(models.build("translator", {"hidden_dim": 8}, SPEC).eval(), part.x, SPEC)) == 3


def test_of_several_things_that_a_text_may_be_one_is_enough() -> None:
    wanted = [("a man walks a dog", "a man with a dog outside"), ("two cats on a mat",)]
    found = compared_to_any(["a man with a dog outside", "two cats on a mat"], wanted)
    assert found == {"exact_match": 1.0, "bleu": pytest.approx(100), "chrf": pytest.approx(100)}
    worse = compared_to_any(["two cats on a mat", "two cats on a mat"], wanted)
    assert worse["exact_match"] == 0.5 and worse["bleu"] < 100
