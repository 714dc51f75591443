"""Scatter plots, enlarged pictures, axes and the notebook card."""

import re

import pytest

from understudy.report.axes import Axis, bounds, tick_label
from understudy.report.card import card_html
from understudy.report.figures import enlargement
from understudy.report.scatter import MAX_POINTS, scatter_html


def drawn(text: str) -> int:
    return sum(path.count("M") for path in re.findall(r'<path d="([^"]*)"', text.split("</svg>")[0]))


def test_scatter_draws_every_point_up_to_the_limit():
    few = {"classes": ["a"], "points": [[index, index % 7, 0] for index in range(100)]}
    many = {"classes": [], "points": [[index, index % 7, -1] for index in range(10_000)]}
    assert drawn(scatter_html(few, "x")) == 100
    assert MAX_POINTS / 2 < drawn(scatter_html(many, "x")) <= MAX_POINTS


def test_scatter_cycles_shapes_after_ten_classes():
    text = scatter_html({"classes": [], "points": [[index, index, index] for index in range(12)]}, "x")
    assert text.count('class="cross stroke-0"') == 2 and text.count('class="disc stroke-0"') == 2  # plot and legend


def test_scatter_leaves_out_what_is_not_finite():
    points = [[0, 0, 0], [float("nan"), 1, 0], [None, 1, 0], [1, float("inf"), 0]]
    assert drawn(scatter_html({"points": points}, "x")) == 1
    assert "No points" in scatter_html({"points": []}, "x")


def test_scatter_units_are_equally_long_on_both_axes():
    text = scatter_html({"points": [[0, 0, -1], [4, 0, -1], [0, 2, -1]]}, "x")
    (x0, y0), (x1, _), (_, y2) = [map(float, place) for place in re.findall(r"M([\d.]+) ([\d.]+)h0", text)]
    assert (x1 - x0) / 4 == pytest.approx((y0 - y2) / 2, abs=0.1)


@pytest.mark.parametrize(("size", "factor"), [((302, 62), 3), ((82, 18), 8), ((2000, 900), 1), ((302, 302), 2)])
def test_enlargement_is_whole_and_fits(size, factor):
    assert enlargement(size) == factor


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 7), (1e-5, 3e-5), (99.9, 100.1), (0, 8440)])
def test_ticks_are_round_and_within(low, high):
    ticks = Axis(low, high, 0, 1).ticks(5)
    assert 2 <= len(ticks) <= 7 and low - 1e-9 <= min(ticks) and max(ticks) <= high * (1 + 1e-9)


def test_axis_of_one_value_is_not_empty():
    assert bounds([2.0]) == (1.0, 3.0) and bounds([]) == (-1.0, 1.0)
    assert [tick_label(value) for value in (1500, 0.00015, -2)] == ["1.5k", "1.5e-4", "−2"]  # noqa: RUF001


def test_card_is_small_and_has_no_script(make_run):
    text = card_html(make_run(name="a <b>", scores={"mse": 0.5}))
    assert "a &lt;b&gt;" in text and "<script" not in text and len(text) < 100_000
    assert "Mean squared error" in text and "data:image/png" in text and "<svg" in text


def test_card_of_a_bare_run(make_run):
    text = card_html(make_run(scores=None, figures=None, events=""))
    assert "Not scored yet." in text and "<svg" not in text and "<img" not in text


def test_card_leaves_out_a_picture_that_is_too_large(make_run):
    directory = make_run()
    with (directory / "figures" / "samples.png").open("ab") as file:
        file.write(bytes(100_000))
    assert "<img" not in card_html(directory)
