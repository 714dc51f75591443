"""The picture of a beam search: everything is drawn once, nothing covers anything, and what is left out is said."""

import itertools
import re

import pytest

from understudy.report.plots import plot_html
from understudy.report.tree import MOST_ROWS, WIDTH, tree_html


def node(number, parent, step, label="the", fate="pruned", end=False):
    return {
        "id": number,
        "parent": parent,
        "step": step,
        "label": label,
        "end": end,
        "log_probability": -0.1 * number,
        "score": -0.05 * number,
        "fate": fate,
    }


def grown(steps, beam, label="the"):
    """Each step's hypotheses come from those in their place; the first is returned, and has the last end."""
    nodes = [node(0, None, 0, "<s>", "kept")]
    for step in range(1, steps + 1):
        for place in range(beam):
            parent = 0 if step == 1 else len(nodes) - beam
            nodes.append(node(len(nodes), parent, step, label, "kept" if place == 0 else "pruned"))
    nodes.append(node(len(nodes), len(nodes) - beam, steps + 1, "</s>", "kept", end=True))
    return {"kind": "tree", "nodes": nodes}


def boxes(text):
    found = re.findall(r'<rect rx="6" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', text)
    return [tuple(map(float, box)) for box in found]


@pytest.mark.parametrize(("steps", "beam", "label"), [(5, 3, "the"), (12, 5, "unpredictable"), (3, 5, "東京")])
def test_no_box_covers_another_and_all_are_within(steps, beam, label):
    text, width = plot_html("tree", grown(steps, beam, label), "t")
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(boxes(text), 2):
        assert x + w < x2 or x2 + w2 < x or y + h < y2 or y2 + h2 < y
    assert all(x + w <= width == WIDTH for x, _, w, _ in boxes(text))


def test_every_hypothesis_is_there_with_a_line_to_its_parent():
    text = tree_html(grown(6, 5), "t").split("</svg>")[0]
    assert len(boxes(text)) == 1 + 6 * 5 + 1
    assert text.count("<path") == 6 * 5 + 1
    assert "Only the first" not in tree_html(grown(6, 5), "t")


def test_what_is_returned_lies_on_top_and_an_end_shows_its_score():
    text = tree_html(grown(3, 2), "t").split("</svg>")[0]
    fates = re.findall(r'class="(kept|pruned)" fill', text)
    assert fates == sorted(fates, reverse=True)
    assert 'class="kept end"' in text and ">−0.35</text>" in text  # noqa: RUF001


def test_labels_are_escaped_and_cut_where_there_is_no_room():
    assert "&lt;s&gt;" in tree_html(grown(2, 2), "t")
    assert ">unpredictable</text>" in tree_html(grown(3, 2, "unpredictable"), "t")
    text = tree_html(grown(10, 5, "unpredictable"), "t")
    assert ">unpredictable</text>" not in text and re.search(r">unp\w+…</text>", text)


def test_what_is_left_out_is_said():
    assert re.search(r"Only the first \d+ of 41 steps are shown", tree_html(grown(40, 2), "t"))
    wide = tree_html(grown(3, 30), "t")
    assert f"at most {MOST_ROWS} hypotheses of each step" in wide
    assert len(boxes(wide)) == 1 + 3 * MOST_ROWS + 1


def test_no_nodes_are_said_to_be_none():
    assert "No hypotheses" in tree_html({"nodes": []}, "t")
