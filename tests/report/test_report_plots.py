"""Curves, shades and tables, drawn from a run's files."""

import re

import pytest

from understudy.errors import RunError
from understudy.report.heat import MOST, heat_html
from understudy.report.lines import LEFT, RIGHT, WIDTH, lines_html, scale
from understudy.report.plots import PLOTS, plot_html


def series(**more):
    return {"series": [{"name": "a <b>", "x": [0, 1, 2], "y": [1.0, 10.0, 100.0], **more}]}


def heights(text):
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", re.search(r'<path d="([^"]*)" class="line', text)[1])]


def test_lines_go_from_edge_to_edge_and_names_are_escaped():
    text = lines_html(series(), "t")
    places = [float(x) for x in re.findall(r"[ML]([\d.]+) ", re.search(r'<path d="([^"]*)" class="line', text)[1])]
    assert places == [LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT]
    assert "a &lt;b&gt;" in text


def test_on_a_logarithmic_scale_tenfold_is_one_distance_and_zero_has_no_place():
    low, middle, high = heights(lines_html({**series(), "log_y": True}, "t"))
    assert low - middle == pytest.approx(middle - high, abs=0.2)
    broken = lines_html({**series(y=[1.0, 0.0, 100.0]), "log_y": True}, "t")
    assert len(heights(broken)) == 2 and "L" not in re.search(r'<path d="([^"]*)" class="line', broken)[1]


def test_ticks_of_a_logarithmic_scale_are_powers_of_ten_or_1_2_5():
    assert [label for _, label in scale([1e-4, 1.0], True, 0, 100, 0.0).ticks(6)] == [
        "1e-4",
        "0.001",
        "0.01",
        "0.1",
        "1",
    ]
    assert [label for _, label in scale([1.5, 8.0], True, 0, 100, 0.0).ticks(6)] == ["2", "5"]


def test_a_band_goes_round_and_needs_room():
    text = lines_html(series(low=[0, 5, 50], high=[2, 20, 400]), "t")
    assert re.search(r'<path d="M[^"]*Z" class="band', text)
    assert max(heights(text)) - min(heights(text)) < max(heights(lines_html(series(), "t")))


def test_given_ticks_are_thinned_until_they_fit():
    ticks = [[place / 50, f"2026-{place:02}-01"] for place in range(100)]
    shown = re.findall(r">2026-", lines_html({**series(), "x_ticks": ticks}, "t"))
    assert 3 <= len(shown) <= 12


def test_a_plot_without_values_says_so():
    assert "No values" in lines_html({"series": [{"name": "a", "x": [0], "y": [None]}]}, "t")
    assert "No values" in heat_html({"rows": [], "columns": ["a"], "values": []}, "t")


def test_shades_are_as_dark_as_their_values_and_within_reach():
    text = heat_html({"rows": ["<un>"], "columns": ["a", "b"], "values": [[0.25, 1.5]]}, "t")
    assert re.findall(r'fill-opacity="([\d.]+)"', text) == ["0.250", "1.000"] and "&lt;un&gt;" in text
    wide = heat_html({"rows": ["r"], "columns": ["c"] * 99, "values": [[0.5] * 99]}, "t")
    assert wide.count("<rect") == MOST and "Only the first" in wide


def test_a_table_keeps_numbers_to_the_right():
    text, _ = plot_html("table", {"columns": ["beam", "BLEU"], "rows": [["greedy", 30.123456], ["5", 1234]]}, "t")
    assert text.count('class="right"') == 3 and "30.12" in text and "1234" in text


def test_a_column_of_numbers_has_one_number_of_decimals_and_percents_are_numbers():
    rows = [[1, 0.684, "68.40 %", -0.4282], [10, 0.7, "70.00 %", -0.42]]
    text, _ = plot_html("table", {"columns": ["beam", "match", "share", "score"], "rows": rows}, "t")
    assert ">0.700<" in text and "\u22120.4200" in text
    assert text.count('class="right"') == 4 * 3
    tiny, _ = plot_html("table", {"columns": ["norm"], "rows": [[1e-9], [0.5]]}, "t")
    assert ">1e\u221209<" in tiny and ">0.5<" in tiny


def test_dots_are_drawn_over_lines():
    dots, line = {**series()["series"][0], "style": "dots"}, {**series()["series"][0], "name": "b"}
    text = lines_html({"series": [dots, line]}, "t")
    assert text.index('class="line ') < text.index('class="dots ')


def test_letters_above_a_table_of_shades_stand_as_they_are_read():
    assert "rotate" not in heat_html({"rows": ["r"], "columns": ["a", "b"], "values": [[0.1, 0.2]]}, "t")
    assert heat_html({"rows": ["r"], "columns": ["a", "word"], "values": [[0.1, 0.2]]}, "t").count("rotate") == 1


def test_a_kind_that_is_not_known_is_refused():
    with pytest.raises(RunError, match=f"'t' is a plot of kind 'cake'; this version draws {', '.join(PLOTS)}"):
        plot_html("cake", {}, "t")


def test_bars_are_as_high_as_their_values_and_side_by_side():
    data = {"labels": ["<a>", "b"], "series": [{"name": "x", "values": [0.5, 0.25]}, {"name": "y", "values": [0, 1]}]}
    text, _ = plot_html("bars", data, "t")
    bars = re.findall(r'<rect class="bar[^"]*" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)">', text)
    assert len(bars) == 4
    half, quarter, none, whole = (float(height) for *_, height in bars)
    assert whole == pytest.approx(2 * half, abs=0.2) and half == pytest.approx(2 * quarter, abs=0.2) and none == 0
    lefts = [float(left) for left, *_ in bars]
    assert lefts[0] < lefts[2] < lefts[1] < lefts[3]
    assert "&lt;a&gt;" in text


def test_bars_without_values_say_so_and_many_labels_are_thinned():
    assert "No values" in plot_html("bars", {"labels": [], "series": []}, "t")[0]
    many = {"labels": [f"class {n}" for n in range(99)], "series": [{"name": "x", "values": [1.0] * 99}]}
    text, _ = plot_html("bars", many, "t")
    assert text.count("<rect") == 99 + 1
    assert 3 <= text.count(">class ") <= 20


def test_a_value_alone_is_a_dot():
    assert 'class="line dots stroke-' in lines_html(series(y=[None, 3.0, None]), "t")
    assert "dots" not in lines_html(series(), "t")
