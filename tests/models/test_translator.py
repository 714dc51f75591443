from typing import Any

import pytest
import torch
import torch.nn.functional as F
from made import SPECS, batch_of, dataset_of, session_of
from torch import Tensor

from understudy import models
from understudy.data.pairs import PairBatch
from understudy.data.sentences import END, PADDING, START
from understudy.data.spec import PairSpec
from understudy.data.text import IGNORED
from understudy.errors import DataError, OptionError
from understudy.models.translator import TRUE_SHARE, Translator
from understudy.models.writing import smoothed_cross_entropy
from understudy.training.loop import train

SPEC = SPECS["pairs"]
assert isinstance(SPEC, PairSpec)
WAYS = [
    {"attention": "luong"},
    {"attention": "luong-dot", "num_layers": 2},
    {"attention": "bahdanau", "num_layers": 2, "cell": "gru"},
    {"attention": "none", "encoder_dim": 6},
    {"encoder": "transformer", "encoder_layers": 2},
    {"encoder": "transformer", "attention": "bahdanau", "heads": 2},
]


def build(seed: int = 0, **options: Any) -> Translator:
    torch.manual_seed(seed)
    network = models.build("translator", {"hidden_dim": 12, "embedding_dim": 10, **options}, SPEC)
    assert isinstance(network, Translator)
    return network


def before(y: Tensor) -> Tensor:
    """What the decoder reads: the target moved on by its start."""
    return torch.cat([torch.full_like(y[:, :1], START), y[:, :-1].masked_fill(y[:, :-1] == IGNORED, PADDING)], 1)


def longer(x: Tensor, by: int = 5) -> Tensor:
    return F.pad(x, (0, by), value=PADDING)


@pytest.mark.parametrize("options", WAYS)
def test_step_by_step_it_says_what_it_says_of_the_whole(options: dict[str, Any]) -> None:
    network, batch = build(**options).eval(), batch_of(SPEC, 4)
    read = before(batch.y)
    whole = network(batch.x, read)
    state = network.begin(batch.x)
    for place in range(read.shape[1]):
        logits, state = network.step(read[:, place], state)
        torch.testing.assert_close(logits, whole[:, place], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", WAYS)
def test_padding_and_other_rows_change_nothing(options: dict[str, Any]) -> None:
    network, batch = build(**options).eval(), batch_of(SPEC, 5)
    read = before(batch.y)
    whole = network(batch.x, read)
    torch.testing.assert_close(network(longer(batch.x), read), whole, rtol=1e-4, atol=1e-5)
    for row in range(5):
        own = batch.x[row][batch.x[row] != PADDING]
        alone = network(own[None], read[row : row + 1])
        torch.testing.assert_close(alone[0], whole[row], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", WAYS)
def test_the_loss_is_the_mean_over_the_tokens_that_are_asked_for(options: dict[str, Any]) -> None:
    network, batch = build(**options).eval(), batch_of(SPEC, 6)
    logits = network(batch.x, before(batch.y))
    expected = F.cross_entropy(logits.flatten(0, 1), batch.y.flatten(), ignore_index=IGNORED)
    torch.testing.assert_close(network.loss(batch)["loss"], expected)
    more = PairBatch(longer(batch.x), F.pad(batch.y, (0, 3), value=IGNORED))
    torch.testing.assert_close(network.loss(more)["loss"], expected)
    assert len(more) == len(batch)


@pytest.mark.parametrize("options", WAYS)
def test_attention_is_shares_of_the_real_places(options: dict[str, Any]) -> None:
    network, batch = build(**options).eval(), batch_of(SPEC, 5)
    _, state = network.step(torch.full((5,), START), network.begin(batch.x))
    weights = network.attention(state)
    if options.get("attention") == "none":
        assert weights is None
        return
    assert weights is not None
    real = batch.x != PADDING
    assert not bool(real.all()), "the batch has padding"
    torch.testing.assert_close(weights.sum(1), torch.ones(5))
    assert bool((weights[~real] == 0).all())
    assert bool((weights[real] > 0).all())


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize("places", [[3, 0, 0, 1], [1, 1], [0, 1, 2, 3]])
def test_reordered_states_go_on_as_the_rows_they_were(options: dict[str, Any], places: list[int]) -> None:
    network, batch = build(**options).eval(), batch_of(SPEC, 4)
    index = torch.tensor(places)
    _, state = network.step(torch.arange(4, 8), network.begin(batch.x))
    moved = network.reorder(state, index)
    nexts = torch.arange(4, 4 + len(places))
    found, after = network.step(nexts, moved)
    for row, place in enumerate(places):
        _, own = network.step(torch.tensor([4 + place]), network.begin(batch.x[place : place + 1]))
        logits, own = network.step(nexts[row : row + 1], own)
        torch.testing.assert_close(found[row], logits[0], rtol=1e-4, atol=1e-5)
        looked, alone = network.attention(after), network.attention(own)
        if looked is not None and alone is not None:
            torch.testing.assert_close(looked[row], alone[0], rtol=1e-4, atol=1e-5)
    for row, place in enumerate(places):
        if state.weights is not None:
            assert torch.equal(moved.weights[row], state.weights[place])


@pytest.mark.parametrize("options", [*WAYS, {"scheduled_sampling": "inverse-sigmoid", "sampling_steps": 5}])
def test_every_part_learns(options: dict[str, Any]) -> None:
    network, batch = build(**options), batch_of(SPEC, 16)
    network.loss(batch)["loss"].backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.any()), name
    before = network.eval().loss(batch)["loss"].item()
    optimizer = torch.optim.Adam(network.train().parameters(), 1e-2)
    for _ in range(20):
        optimizer.zero_grad()
        network.loss(batch)["loss"].backward()
        optimizer.step()
    assert network.eval().loss(batch)["loss"].item() < 0.8 * before


def test_a_sources_places_are_kept_once_and_go_when_no_row_has_them() -> None:
    network, batch = build().eval(), batch_of(SPEC, 3)
    beams = network.reorder(network.begin(batch.x), torch.tensor([0, 0, 1, 2, 2]))
    assert len(beams.memory) == 3
    assert network.reorder(beams, torch.tensor([1, 0, 2, 4])).memory is beams.memory
    fewer = network.reorder(beams, torch.tensor([4, 1, 1]))
    assert torch.equal(fewer.memory, beams.memory[[0, 2]])
    assert torch.equal(fewer.real, beams.real[[0, 2]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_smoothing_is_pytorchs_and_the_papers(smoothing: float) -> None:
    draw = torch.Generator().manual_seed(0)
    logits, targets = torch.randn(6, 9, generator=draw), torch.randint(9, (6,), generator=draw)
    found = smoothed_cross_entropy(logits, targets, smoothing)
    blurred = (1 - smoothing) * F.one_hot(targets, 9) + smoothing / 9
    torch.testing.assert_close(found, -(blurred * logits.log_softmax(1)).sum())
    expected = F.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")
    torch.testing.assert_close(found, expected)


def test_smoothing_is_for_training_alone() -> None:
    batch, losses = batch_of(SPEC, 4), {}
    for smoothing in (0.0, 0.3):
        network = build(label_smoothing=smoothing)
        losses[smoothing] = [network.train(mode).loss(batch)["loss"].item() for mode in (True, False)]
    assert losses[0.0][1] == losses[0.3][1] == losses[0.0][0]
    assert losses[0.3][0] != losses[0.3][1]


# Scheduled sampling


def test_the_share_of_true_tokens_falls_as_published() -> None:
    assert [TRUE_SHARE["linear"](step, 10) for step in (0, 5, 10, 20)] == [1.0, 0.5, 0.0, 0.0]
    inverse = TRUE_SHARE["inverse-sigmoid"]
    assert inverse(0, 9) == pytest.approx(0.9)
    assert inverse(10**9, 9) == pytest.approx(0)
    assert all(inverse(step, 9) > inverse(step + 1, 9) for step in range(60))


@pytest.mark.parametrize("attention", ["luong", "bahdanau"])
def test_true_tokens_alone_are_teacher_forcing_and_drawn_ones_are_not(attention: str) -> None:
    network, batch = build(attention=attention), batch_of(SPEC, 6)
    read = before(batch.y)
    forced = network.writer.read(read, network.begin(batch.x))[0]
    true, drawn = (network._sampled_readouts(read, network.begin(batch.x), share) for share in (1.0, 0.0))
    torch.testing.assert_close(true, forced, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(drawn[:, 0], forced[:, 0], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(drawn[:, 1:], forced[:, 1:], atol=1e-3)


def test_its_progress_is_part_of_a_checkpoint_and_validation_is_forced() -> None:
    options = {"scheduled_sampling": "linear", "sampling_steps": 4}

    def weights(stop: int | None) -> list[float]:
        session = session_of(build(**options), dataset_of(SPEC), steps=7)
        if stop:
            train(session, stop=lambda: session.progress.step >= stop)
            state = session.state_dict()
            session = session_of(build(seed=3, **options), dataset_of(SPEC), steps=7)
            session.load_state_dict(state)
        train(session)
        assert session.network.steps == 7, "looking at validation does not count"
        return [parameter.double().sum().item() for parameter in session.network.parameters()]

    assert weights(None) == weights(3)
    network, batch = build(**options).eval(), batch_of(SPEC, 3)
    assert network.loss(batch)["loss"] == build().eval().loss(batch)["loss"]


def test_a_tied_embedding_is_one_weight() -> None:
    network = build()
    assert network.writer.output.weight is network.writer.embedding.weight
    assert build(tied_embedding=False).writer.output.weight is not build().writer.embedding.weight


def test_sources_are_what_a_batch_holds() -> None:
    network = build()
    found = network.sources(["ab", "abcd", "z"])
    a, b = (SPEC.source.vocabulary.index(letter) for letter in "ab")
    assert found[0].tolist() == [a, b, END, PADDING, PADDING]
    assert found[2].tolist() == [0, END, PADDING, PADDING, PADDING], "a letter that it never saw is unknown"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"attention": "bahdanau", "dropout": 0.2, "variational_dropout": True},
            "variational_dropout .* attention=",
        ),
        ({"scheduled_sampling": "linear", "sampling_steps": 5, "weight_dropout": 0.2}, "weight_dropout .* scheduled_s"),
    ],
)
def test_masks_for_whole_sentences_need_a_decoder_that_reads_those_at_once(
    options: dict[str, Any], message: str
) -> None:
    network = build(**options)  # a run that was trained so before can still be loaded
    with pytest.raises(OptionError, match=message):
        session_of(network, dataset_of(SPEC))
    session_of(build(**{**options, "variational_dropout": False, "weight_dropout": 0.0}), dataset_of(SPEC))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attention": "luong-dot", "encoder_dim": 6}, "needs encoder_dim = hidden_dim, got 6 and 12"),
        ({"encoder_dim": 7}, "takes an even encoder_dim"),
        ({"heads": 2}, "and no heads"),
        ({"encoder": "transformer", "encoder_dim": 10}, "cannot be shared by 4 heads"),
        ({"scheduled_sampling": "linear"}, "go together"),
        ({"sampling_steps": 5}, "go together"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        build(**options)


def test_it_learns_from_pairs_alone() -> None:
    with pytest.raises(DataError, match="translator learns from pairs data"):
        models.build("translator", {}, SPECS["points"])
