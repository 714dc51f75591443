"""What is kept of training, that keeping it changes nothing, and what is drawn of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from made import PICTURES, POINTS, SPECS, Toy, ToyConfig, dataset_of, session_of
from torch import Generator, Tensor

from understudy import models
from understudy.data.spec import ImageSpec, Spec, VectorSpec
from understudy.errors import OptionError
from understudy.evaluation.figures import Figure
from understudy.evaluation.film import film as module
from understudy.evaluation.film.canvas import HEAD, dots
from understudy.evaluation.film.film import Film, films_of
from understudy.evaluation.film.plane import Plane
from understudy.evaluation.film.scene import Scene, Shot, stills
from understudy.evaluation.film.sheet import Sheet
from understudy.evaluation.film.window import MADE
from understudy.evaluation.pictures import some
from understudy.models.network import Network
from understudy.training.loop import train
from understudy.training.session import Session

SGD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 1.0}


class Maker(Toy):
    """Makes items that are all its weight, which is the number of its steps, and notes how it was asked."""

    def __init__(self, spec: Spec = POINTS) -> None:
        super().__init__(ToyConfig(), spec)
        self.seen: list[tuple[bool, bool]] = []

    def sample(self, count: int, generator: Generator) -> Tensor:
        torch.rand(3)  # a careless network, which takes of training's randomness
        self.seen.append((self.training, torch.is_grad_enabled()))
        return self.weight * torch.ones(count, *self.spec.shape) + torch.rand(1, generator=generator) * 1e-4


class Slope(Maker):
    """Judges by the first number of an item, as the classes have it."""

    def judge(self, x: Tensor, classes: Tensor | None = None) -> Tensor:
        return x[:, 0] * (1 if classes is None else classes)


class Classed(Slope):
    def sample_of(self, classes: Tensor, generator: Generator) -> Tensor:
        return classes.view(-1, *[1] * len(self.spec.shape)) / 10 * torch.ones(len(classes), *self.spec.shape)


class Packs(Slope):
    def judge(self, x: Tensor, classes: Tensor | None = None) -> Tensor:
        return x[::2, 0]


def shot_of(scene: Scene, network: Network) -> Shot:
    with torch.no_grad():
        return scene.shoot(network)


def filmed(network: Network, frames: int | None = None, **settings: Any) -> tuple[Film, Session]:
    session = session_of(network, film=frames, **settings)
    film = films_of(session)[0]
    train(session, [film])
    return film, session


# When


def test_frames_are_closer_together_at_the_start_and_the_ends_are_there() -> None:
    film, _ = filmed(Maker(), 10, steps=100, **SGD)
    assert film.steps == [0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100]
    weights = [round(float((shot["points"][0, 0] - 0.5) / 2)) for shot in film.shots]
    assert weights == film.steps


@pytest.mark.parametrize(("steps", "frames"), [(1, 1), (99, 1), (500, 10), (100_000, 60)])
def test_a_short_run_has_a_short_film(steps: int, frames: int) -> None:
    film = films_of(session_of(Maker(), steps=steps))[0]
    assert len(film.shares) == frames
    assert film.shares[-1] == 1


def test_a_run_in_minutes_and_one_that_stops_early_have_their_last_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    film, session = filmed(Maker(), minutes=0.005, **SGD)
    assert film.steps[-1] == session.progress.step
    monkeypatch.setattr(Maker, "script", (1, 2, 3, 4, 5))
    film, session = filmed(Maker(), 3, steps=1000, validate_every=2, early_stopping=2, **SGD)
    assert session.progress.step < 1000
    assert film.steps[-1] == session.progress.step


def test_a_slow_sampler_is_asked_before_the_first_step_and_after_the_last_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FREE_SECONDS", -1.0)
    film, _ = filmed(Maker(), 10, steps=50, **SGD)
    assert film.steps == [0, 50]


def test_an_interrupted_sitting_takes_no_last_frame() -> None:
    session = session_of(Maker(), steps=100, film=3, **SGD)
    film = films_of(session)[0]
    train(session, [film], stop=lambda: session.progress.step >= 40)
    assert film.steps == [0, 12]


# Training is left alone


SMALL = {"hidden": (8,)}
SMALL_CYCLE = {"generator_channels": 4, "blocks": 1, "discriminator_channels": (4,)}


@pytest.mark.parametrize("ema", [None, 0.9])
@pytest.mark.parametrize(
    ("name", "spec", "options"),
    [
        ("vae", "points", SMALL),
        ("vae", "grey 1x8x8", SMALL),
        ("gan", "points", SMALL),
        ("dcgan", "grey 1x8x8", SMALL),
        ("conditional-gan", "grey 1x8x8", SMALL),
        ("cyclegan", "two domains", SMALL_CYCLE),
    ],
)
def test_weights_are_the_same_to_the_bit_with_a_film_and_without(
    name: str, spec: str, options: dict[str, Any], ema: float | None
) -> None:
    ends = []
    for frames in (0, 6):
        torch.manual_seed(0)
        network = models.build(name, options, SPECS[spec])
        session = session_of(network, steps=9, film=frames, ema=ema)
        films = films_of(session)
        train(session, films)
        assert [len(film.shots) for film in films] == [6] * (frames > 0)  # two are due at the first step
        ends.append(session.state_dict())
    same(*[{key: end[key] for key in ("network", "ema", "random", "carried", "optimizers")} for end in ends])


def same(left: Any, right: Any) -> None:
    """Trees of tensors that are equal to the bit."""
    if isinstance(left, Mapping):
        assert left.keys() == right.keys()
        left, right = list(left.values()), list(right.values())
    if isinstance(left, list):
        for one, other in zip(left, right, strict=True):
            same(one, other)
    else:
        assert torch.equal(left, right) if isinstance(left, Tensor) else left == right


def test_the_network_is_seen_as_validation_sees_it_and_its_average_where_there_is_one() -> None:
    network = Maker()
    filmed(network, 4, steps=8, **SGD)
    assert network.seen == [(False, False)] * 5
    assert network.training
    film, session = filmed(Maker(), 4, steps=8, ema=0.5, **SGD)
    assert 0 < session.judged.weight.item() < session.network.weight.item() == 8
    assert film.shots[-1]["points"][0, 0].item() == pytest.approx(0.5 + 2 * session.judged.weight.item(), abs=1e-3)


def test_a_film_that_goes_on_is_whole() -> None:
    whole, _ = filmed(Maker(), 7, steps=60, **SGD)
    for cut in (1, 7, 30, 44):
        first = session_of(Maker(), steps=60, film=7, **SGD)
        film = films_of(first)[0]
        train(first, [film], stop=lambda first=first, cut=cut: first.progress.step >= cut)
        second = session_of(Maker(), steps=60, film=7, **SGD)
        second.load_state_dict(first.state_dict())
        rest = films_of(second)[0]
        rest.load_state_dict(film.state_dict())
        train(second, [rest])
        same(rest.state_dict(), whole.state_dict())


# What there is a film of


@pytest.mark.parametrize(
    ("spec", "scene"), [("points", Plane), ("odd 1x7x5", Sheet), ("rows of 40", None), ("two domains", None)]
)
def test_pictures_and_points_of_the_plane_are_filmed(spec: str, scene: type | None) -> None:
    assert [type(film.scene) for film in films_of(session_of(Maker(SPECS[spec])))] == [scene] * (scene is not None)


def test_none_is_taken_where_none_is_wanted_or_nothing_is_sampled_and_asking_for_it_then_is_refused() -> None:
    assert films_of(session_of(Maker(), film=0)) == []
    assert films_of(session_of(Toy())) == []
    assert films_of(session_of(Toy(), film=0)) == []
    with pytest.raises(OptionError, match=r"film=7: .*leave film out"):
        films_of(session_of(Toy(), film=7))


# Sheets


@pytest.mark.parametrize(("side", "rows", "kept"), [(8, 8, 8), (28, 8, 28), (64, 4, 64), (256, 4, 64)])
def test_sheets_of_large_pictures_have_fewer_and_smaller_ones(side: int, rows: int, kept: int) -> None:
    spec = ImageSpec(3, side, side)
    shot = shot_of(Sheet(Maker(spec), spec, 0), Maker(spec))
    assert shot["pictures"].shape == (rows**2, 3, kept, kept)
    assert shot["pictures"].dtype == torch.uint8


def test_a_network_that_makes_classes_has_a_column_for_each() -> None:
    network = Classed(PICTURES)
    film, _ = filmed(network, 2, steps=4, **SGD)
    shades = film.shots[-1]["pictures"][:, 0, 0, 0].view(-1, 10)
    assert torch.equal(shades, (torch.arange(10) * 25.5).round().byte().expand(8, 10))
    assert "0, 1, 2" in film.figures()[0].caption


def test_what_is_not_finite_is_black() -> None:
    network = Maker(PICTURES)
    network.weight.data.fill_(float("nan"))
    assert not shot_of(Sheet(network, PICTURES, 0), network)["pictures"].any()


def test_the_strip_has_a_row_for_each_noise_and_a_column_for_each_moment() -> None:
    film, _ = filmed(Maker(PICTURES), 3, steps=9, learning_rate=0.1, optimizer="sgd")
    moving, strip = film.figures()
    assert len(moving.frames) == 4
    cells = strip.image[HEAD:]
    side = (cells.shape[1] - 3 * 2) // 4
    shades = [int(cells[side // 2, place * (side + 2) + side // 2]) for place in range(4)]
    assert shades == [round(255 * 0.1 * step) for step in (0, 1, 4, 9)]
    assert cells.shape[0] == 8 * (side + 2) - 2
    assert side <= 80  # few moments are not shown large


def test_a_film_of_one_shot_is_none() -> None:
    assert Film(Sheet(Maker(PICTURES), PICTURES, 0), 3).figures() == []


@pytest.mark.parametrize(("count", "shown"), [(2, [0, 1]), (4, [0, 1, 2, 3]), (61, [0, 20, 40, 60])])
def test_stills_are_the_ends_and_some_between(count: int, shown: list[int]) -> None:
    assert stills(count, 4) == shown


# Domains


class Shifts(Toy):
    """The way to the left domain is darker, to the right one brighter, the more steps it has taken."""

    def transfer(self, x: Tensor, to: str) -> Tensor:
        return x * 0.5 + self.weight * {"left": 0.0, "right": 0.1}[to]


def test_pictures_of_two_domains_stand_above_what_is_made_of_them() -> None:
    network = Shifts(ToyConfig(), SPECS["two domains"])
    film, session = filmed(network, 2, steps=4, **SGD)
    pictures = some(session.validation_items, 8, 0).x
    moving, strip = film.figures()
    side = (moving.frames[-1].shape[1] + 2) // 8
    spots = [[moving.frames[-1][HEAD + down * side + 1, across * side + 1] for across in range(8)] for down in range(4)]
    expected = [pictures[:, 0], pictures[:, 0] * 0.5 + 0.4, pictures[:, 1], pictures[:, 1] * 0.5]
    for row, x in zip(spots, expected, strict=True):
        assert row == pytest.approx((x[:, 0, 0, 0].clamp(0, 1) * 255).numpy(), abs=3)
    assert "left and right" in moving.caption
    side = (strip.image.shape[1] + 2) // 4
    assert strip.image[HEAD + 1, 1] == pytest.approx(255 * pictures[0, 0, 0, 0, 0].item(), abs=1)
    assert strip.image[HEAD + 1, side + 1] == pytest.approx(127.5 * pictures[0, 0, 0, 0, 0].item(), abs=1)


# The plane


def plane_of(network: Network) -> Plane:
    return Plane(network, POINTS, dataset_of(POINTS).validation, 0)


def drawn(scene: Plane, *shots: Shot) -> list[np.ndarray]:
    figure: Figure = scene.figures(range(len(shots)), shots)[0]
    return [frame[HEAD:-HEAD] for frame in figure.frames]


def middle_of(mask: np.ndarray) -> tuple[float, float]:
    down, across = np.nonzero(mask)
    return float(across.mean() + 0.5), float(down.mean() + 0.5)


@pytest.mark.parametrize("share", [(0.25, 0.75), (0.5, 0.5), (0.9, 0.1)])
def test_a_point_is_drawn_where_it_lies_the_second_number_upwards(share: tuple[float, float]) -> None:
    scene = plane_of(Maker())
    scene.real = scene.real[:0]
    place = scene.window.low + np.array(share) * (scene.window.high - scene.window.low)
    far = torch.tensor([[1e9, -1e9], [float("nan"), 0.0], [float("inf"), 0.0]])
    points = torch.cat([torch.from_numpy(place.astype(np.float32))[None], far])
    frame = drawn(scene, {"points": points}, {"points": points})[0]
    height, width = frame.shape[:2]
    spot = (frame[1:-1, 1:-1] == np.array(frame[1, 1])).all(2)
    across, down = middle_of(~spot)
    assert (across + 1, down + 1) == pytest.approx((share[0] * width, (1 - share[1]) * height), abs=0.6)


def test_discs_have_their_area_wherever_they_lie() -> None:
    for place in ([10.0, 10.0], [10.3, 10.8], [10.5, 10.5]):
        cover = dots(np.array([place], np.float32), (20, 20), 3.0)
        assert cover.sum() == pytest.approx(np.pi * 9, rel=0.03)
        weights = cover / cover.sum()
        centre = [(weights.sum(axis) * (np.arange(20) + 0.5)).sum() for axis in (0, 1)]
        assert centre == pytest.approx(place, abs=0.05)
    assert dots(np.array([[0.0, 19.9], [-5, 3], [30, 3]], np.float32), (20, 20), 2.0)[:, 5:].sum() == 0


def test_one_unit_is_as_long_across_as_up() -> None:
    spec = VectorSpec(2, (0.0, 0.0), (1.0, 1.0))
    scene = Plane(Maker(spec), spec, dataset_of(spec).validation, 0)
    height, width = scene.window.size(480)
    assert width / (scene.window.high - scene.window.low)[0] == pytest.approx(
        height / (scene.window.high - scene.window.low)[1], rel=0.01
    )


def test_the_field_is_of_its_places_in_the_networks_terms_and_tints_them() -> None:
    scene = plane_of(Slope())
    shots = [shot_of(scene, Slope()) for _ in range(2)]
    field = shots[0]["field"]
    assert (field.diff(dim=1) > 0).all()
    assert torch.allclose(field, field[:1].expand_as(field))
    step = (scene.window.high - scene.window.low)[0] / POINTS.std[0] / field.shape[1]
    assert torch.allclose(field.diff(dim=1), torch.tensor(step, dtype=torch.float32), atol=1e-5)
    frame = drawn(scene, *shots)[0].astype(int)
    left, right = frame[2, 2], frame[2, -3]
    assert left[0] > left[2]  # orange: looks generated
    assert right[2] > right[0]  # grey-blue: looks real


def test_of_classes_the_one_that_looks_most_real_counts_and_packs_have_no_field() -> None:
    spec = VectorSpec(2, (0.0, 0.0), (1.0, 1.0), ("a", "b", "c"))
    scene = Plane(Classed(spec), spec, dataset_of(spec).validation, 0)
    plain = shot_of(Plane(Slope(spec), spec, dataset_of(spec).validation, 0), Slope(spec))["field"]
    assert torch.allclose(shot_of(scene, Classed(spec))["field"], torch.maximum(torch.zeros(1), 2 * plain))
    assert "field" not in shot_of(plane_of(Packs()), Packs())
    assert "field" not in shot_of(plane_of(Maker()), Maker())


def test_a_shade_means_the_same_in_every_frame_and_the_middle_is_white() -> None:
    scene = plane_of(Slope())
    shot = shot_of(scene, Slope())
    flat = {**shot, "field": torch.full_like(shot["field"], 3.0)}
    frames = drawn(scene, shot, flat, shot)
    assert (frames[1][2, 2:-2] == 255).all()
    assert np.array_equal(frames[0], frames[2])


def test_generated_points_are_orange() -> None:
    scene = plane_of(Maker())
    shot = {"points": torch.from_numpy(scene.real[:1].astype(np.float32))}
    frame = drawn(scene, shot, shot)[0].astype(int)
    assert (np.abs(frame - np.array(MADE)).max(2) < 40).sum() > 5
