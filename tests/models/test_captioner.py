from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from made import SPECS, batch_of
from torch import Tensor

import understudy as us
from understudy import models
from understudy.data.sentences import END, START
from understudy.data.spec import CaptionSpec, ImageSpec
from understudy.data.text import IGNORED
from understudy.decoding.beam_options import BeamOptions
from understudy.decoding.captioning import caption
from understudy.errors import DataError, OptionError, RunError
from understudy.models.autoencoder import Autoencoder
from understudy.models.captioner import Captioner
from understudy.training.loop import Observer
from understudy.training.session import Session

SPEC = SPECS["captions"]
assert isinstance(SPEC, CaptionSpec)
WAYS = [{"attention": "luong"}, {"attention": "bahdanau", "cell": "gru"}, {"attention": "none", "num_layers": 2}]


def build(seed: int = 0, **options: Any) -> Captioner:
    torch.manual_seed(seed)
    sizes = {"hidden_dim": 12, "embedding_dim": 10, "channels": (4, 6), "kernel_size": 3}
    network = models.build("captioner", {**sizes, **options}, SPEC)
    assert isinstance(network, Captioner)
    return network


def before(y: Tensor) -> Tensor:
    """What the decoder reads: the caption moved on by its start."""
    return torch.cat([torch.full_like(y[:, :1], START), y[:, :-1].clamp_min(0)], 1)


@pytest.mark.parametrize("options", WAYS)
def test_step_by_step_it_says_what_it_says_of_the_whole(options: dict[str, Any]) -> None:
    network, batch = build(**options).eval(), batch_of(SPEC, 4)
    read = before(batch.y)
    whole = network(batch.x, read)
    state = network.begin(batch.x)
    for place in range(read.shape[1]):
        logits, state = network.step(read[:, place], state)
        torch.testing.assert_close(logits, whole[:, place], rtol=1e-4, atol=1e-5)


def test_the_loss_is_the_mean_over_the_words_that_are_asked_for() -> None:
    network, batch = build().eval(), batch_of(SPEC, 6)
    assert bool((batch.y == IGNORED).any()), "captions differ in length"
    logits = network(batch.x, before(batch.y))
    expected = F.cross_entropy(logits.flatten(0, 1), batch.y.flatten(), ignore_index=IGNORED)
    torch.testing.assert_close(network.loss(batch)["loss"], expected)


def test_attention_is_shares_of_the_pictures_places() -> None:
    network, batch = build().eval(), batch_of(SPEC, 3)
    assert network.grid() == (2, 3)
    (best, *_) = caption(network, batch.x, SPEC, BeamOptions(beam=3))
    assert best[0].attention is not None
    assert best[0].attention.shape == (len(best[0].tokens) + 1, 6)
    torch.testing.assert_close(best[0].attention.sum(1), torch.ones(len(best[0].tokens) + 1))


def test_a_caption_that_left_places_out_can_be_made_to_pay() -> None:
    network, batch = build().eval(), batch_of(SPEC, 3)
    for beta in (0.0, 0.2):
        (best, *_) = caption(network, batch.x, SPEC, BeamOptions(beam=1, beta=beta, alpha=0))
        assert best[0].attention is not None
        covered = best[0].attention.double().sum(0).clamp_max(1).log().sum().item()
        assert best[0].score == pytest.approx(best[0].log_probability + beta * covered, rel=1e-5)


def test_a_place_is_told_from_another_by_more_than_what_is_there() -> None:
    """Two pictures of the same stripes in other places are not one to the decoder, with attention or without."""
    left, right = torch.zeros(2, 1, 1, 8, 12)
    left[..., :4], right[..., 4:8] = 1, 1
    for options in WAYS:
        network = build(**options).eval()
        one, other = (network(picture) for picture in (left, right))
        assert not torch.allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("options", WAYS)
def test_it_learns_what_is_where(options: dict[str, Any]) -> None:
    network, batch = build(**{**options, "hidden_dim": 32}), batch_of(SPEC, 48)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(150):
        optimizer.zero_grad()
        network.loss(batch)["loss"].backward()
        optimizer.step()
    assert batch.y is not None
    found = [best[0].tokens for best in caption(network.eval(), batch.x, SPEC)]
    true = [tuple(row[(row != IGNORED) & (row != END)].tolist()) for row in batch.y]
    assert sum(map(tuple.__eq__, found, true)) >= 44


# What it borrows


LENT = {"channels": (4, 6), "kernel_size": 3, "latent_dim": 8}


def lender(**options: Any) -> Autoencoder:
    """An autoencoder of pictures of another size."""
    network = models.build("conv-autoencoder", {**LENT, **options}, ImageSpec(1, 8, 8))
    assert isinstance(network, Autoencoder)
    return network


def test_it_begins_with_the_convolutions_of_another_network() -> None:
    network, other = build(), lender()
    own, lent = (list(it.encoder[:6].parameters()) for it in (network, other))
    assert not torch.equal(own[0], lent[0])
    network.borrow(other)
    assert len(own) == len(lent) == 8
    assert all(torch.equal(one, two) for one, two in zip(own, lent, strict=True))


def test_frozen_convolutions_stay_as_they_were_and_the_run_does_without_its_lender(tmp_path: Path) -> None:
    place = tmp_path / "lender"
    us.train("conv-autoencoder", data="digits", steps=2, out=place, quiet=True, **LENT)
    weights = us.load(place).model.encoder[0].weight
    options = {"channels": (4, 6), "kernel_size": 3, "hidden_dim": 8, "embedding_dim": 4, "freeze_encoder": True}
    run = us.train(
        "captioner", data="digit-captions", steps=2, out=tmp_path / "run", quiet=True, encoder_run=str(place), **options
    )
    place.rename(tmp_path / "gone")
    again = us.load(run.path).model
    assert isinstance(again, Captioner)
    assert torch.equal(again.encoder[0].weight, weights)


class Stops(Observer):
    """Ctrl-C, twice, after the second step."""

    def on_step(self, session: Session) -> None:
        if session.progress.step == 2:
            raise KeyboardInterrupt


def test_a_run_with_a_checkpoint_goes_on_without_its_lender(tmp_path: Path) -> None:
    place = tmp_path / "lender"
    us.train("conv-autoencoder", data="digits", steps=2, out=place, quiet=True, **LENT)
    options = {"channels": (4, 6), "kernel_size": 3, "hidden_dim": 8, "embedding_dim": 4, "checkpoint_seconds": 0}
    run = us.train(
        "captioner", data="digit-captions", steps=4, out=tmp_path / "run", quiet=True, observers=[Stops()],
        encoder_run=str(place), **options,
    )  # fmt: skip
    assert run.status == "interrupted"
    place.rename(tmp_path / "gone")
    assert us.resume(run.path, quiet=True).status == "finished"


def test_convolutions_of_other_sizes_are_refused() -> None:
    for options, wanted in (({"channels": (4, 8)}, "channels 1,4,8"), ({"kernel_size": 5}, "5x5 with channels 1,4,6")):
        with pytest.raises(DataError, match=f"of 3x3 with channels 1,4,6, and the captioner .*{wanted}; set channels"):
            build(**options).borrow(lender())
    with pytest.raises(DataError, match="1,4,6 without layer norm, and"):
        build().borrow(lender(layer_norm=False))
    with pytest.raises(DataError, match="encoder_run has no convolutions"):
        build().borrow(lender(architecture="dense"))


def test_a_lender_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # away from runs of one's own, whose names the message would have
    with pytest.raises(RunError, match="nowhere"):
        us.train("captioner", data="digit-captions", steps=1, out=tmp_path / "run", quiet=True, encoder_run="nowhere")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 4}, "kernel_size is odd"),
        ({"freeze_encoder": True}, "freeze_encoder goes with encoder_run"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        build(**options)


def test_more_halvings_than_the_picture_has_are_refused() -> None:
    with pytest.raises(DataError, match=r"5 convolutions halve 1x8x12 images .*use at most 4 channels"):
        build(channels=(2, 2, 2, 2, 2))
