"""Events to curves."""

import math

from understudy.report.history import Point, read_history, thin


def test_unfinished_last_line_is_left_out_and_broken_ones_counted(step, jsonl):
    text = jsonl(step(1)) + "{broken\n" + jsonl(step(2), {"event": "unheard of"}) + '{"event":"steps","step":3'
    history = read_history(text.splitlines(keepends=True))
    assert [point.step for point in history.training["loss"]] == [1, 2]
    assert history.skipped == 1


def test_resumed_run_counts_its_later_steps(step, jsonl):
    text = jsonl(step(1, loss=1.0), step(2, loss=2.0), step(3, loss=3.0), step(2, loss=20.0), step(3, loss=30.0))
    points = read_history(text.splitlines(keepends=True)).training["loss"]
    assert [(point.step, point.value) for point in points] == [(1, 1.0), (2, 20.0), (3, 30.0)]


def test_gradient_norm_may_be_absent_and_rate_per_player():
    line = '{"event":"steps","step":1,"loss":{"loss":1},"learning_rate":{"critic":0.1,"generator":0.2},"time":1}\n'
    history = read_history([line])
    assert list(history.learning_rate) == ["critic", "generator"] and history.gradient_norm == {}


def test_thinning_keeps_ends_spikes_and_breaks():
    values = [1.0] * 10_000
    values[4321], values[7000] = 99.0, math.nan
    points = [Point(step, float(step), value) for step, value in enumerate(values)]
    kept = thin(points, 100)
    assert len(kept) <= 302 and kept[0] == points[0] and kept[-1] == points[-1]
    assert points[4321] in kept and points[7000] in kept
    assert [point.step for point in kept] == sorted(point.step for point in kept)
