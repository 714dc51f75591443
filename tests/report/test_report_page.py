"""The report of one run: it is one file, it loads nothing, it says what the run says."""

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from understudy.errors import RunError
from understudy.report.comparison import write_comparison
from understudy.report.page import write_report
from understudy.runs.compare import Group, Spread

VOID = {"meta", "img", "br"}
FINDING = {
    "id": "not-finite",
    "severity": "error",
    "title": "The loss became NaN",
    "evidence": {"term": "loss"},
    "cause": "The learning rate is too high.",
    "remedies": ["--set training.learning_rate=0.0001"],
    "step": 500,
}


class Page(HTMLParser):
    """Collects the addresses that a page loads and checks that its tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href", "srcset", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script" and data.startswith("{"):
            self.scripts.append(data)

    @property
    def charts(self):
        """The data of the live charts, by title."""
        return {chart["title"]: chart for chart in map(json.loads, self.scripts)}


def read(directory: Path) -> tuple[str, Page]:
    text = write_report(directory).read_text("utf-8")
    return text, Page(text)


def row(text: str, label: str) -> str:
    return re.search(rf"<tr>(?:(?!</tr>).)*{label}.*?</tr>", text).group()


def test_loads_nothing_from_outside(make_run):
    text, page = read(make_run())
    assert page.addresses and all(address.startswith("data:") for address in page.addresses)
    assert not re.search(r"@import|url\(", text)
    assert "default-src &#x27;none&#x27;" in text


def test_every_image_is_inlined_and_scatter_drawn(make_run):
    text, page = read(make_run())
    assert len([address for address in page.addresses if address.startswith("data:image/png;base64,")]) == 1
    assert "Drawn from the prior." in text and 'aria-label="Latent space"' in text
    assert len(text) < 1_500_000


def test_best_score_is_marked_in_the_right_direction(make_run):
    text, _ = read(make_run())
    assert re.search(r'class="best"[^>]*>0.01000<', row(text, "Mean squared error"))
    assert re.search(r'class="best"[^>]*>0.9000<', row(text, "Structural similarity"))
    assert "best" not in row(text, "Active units") + row(text, "Negative log-likelihood")


def test_unknown_and_broken_scores_still_show(make_run):
    text, _ = read(make_run(scores={"my_score": 3.25, "mse": float("nan"), "pca_mse": 0.5, "nll": None}))
    assert "3.250" in row(text, "My score") and "NaN" in row(text, "Mean squared error")
    assert "best" not in row(text, "Mean squared error")


def test_unscored_run_says_how_to_score_it(make_run):
    text, _ = read(make_run("my run", scores=None))
    assert "understudy evaluate &#x27;" in text and "my run" in text
    assert "when training ends" in read(make_run("other", scores=None, status="running"))[0]


def test_findings_are_shown_and_pinned(make_run):
    later = FINDING | {"severity": "warning", "title": "Too hot", "step": 200}
    text, page = read(make_run(findings=[later, FINDING, FINDING | {"severity": "advice", "step": None}]))
    assert text.index("The loss became NaN") < text.index("Too hot") < text.index("<h2>Curves")
    pins = page.charts["Loss"]["pins"]
    assert [(pin["step"], pin["label"]) for pin in pins] == [(500, "1 The loss became NaN"), (200, "2 Too hot")]
    assert pins[0]["time"] == 5.0
    assert "<code>--set training.learning_rate=0.0001</code>" in text


def test_evidence_is_drawn_against_its_healthy_band(make_run):
    measured = {"signal": "x", "value": 3.0, "low": None, "high": 1.0, "steps": [10, 20, 30], "values": [0.5, 2, 3]}
    remedy = {"title": "Less of it", "patch": {"beta": 1}, "expects": "x falls", "code": "beta = 1"}
    found = FINDING | {"measured": measured, "step": 20, "remedies": [remedy]}
    text, _ = read(make_run(findings=[found]))
    assert 'class="band"' in text and 'aria-label="x and its healthy band"' in text
    assert "Less of it: x falls <code>--set beta=1</code>" in text
    assert 'class="band"' not in read(make_run("b", findings=[FINDING | {"measured": measured | {"values": [1]}}]))[0]


def test_healthy_and_unexamined_runs_differ(make_run):
    healthy = make_run("a b", findings=[])
    assert f"<code>understudy doctor &#x27;{healthy}&#x27;</code>" in read(healthy)[0]
    assert "<h2>Findings" not in read(make_run("b"))[0]


def test_text_from_the_run_is_escaped(make_run):
    evil = "</script><script>alert(1)</script>&amp;"
    spec = {"kind": "image", "channels": 1, "height": 8, "width": 8, "classes": [evil]}
    directory = make_run(
        name=evil,
        summary=evil,
        reason=evil,
        command=evil,
        data={"name": evil, "spec": spec, "sizes": {evil: 3}},
        config={evil: evil},
        scores={evil: 1.0},
        findings=[FINDING | {"title": evil, "evidence": evil, "remedies": [evil], "id": evil}],
        figures=[{"file": "samples.png", "title": evil, "caption": evil}, {"file": "latent.json", "kind": "scatter"}],
        scatter={"x_label": evil, "y_label": evil, "classes": [evil], "points": [[0, 1, 0], [1, 0, 0]]},
        events=json.dumps({"event": "steps", "step": 1, "loss": {evil: 1.0, "x/loss": 2.0}, "time": 1.0}) + "\n",
    )
    text, _ = read(directory)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in text


def test_diverged_run_breaks_its_curve_and_says_why(make_run, step, jsonl):
    events = jsonl(step(1, loss=2.0), step(2, loss=float("inf")), step(3, loss=float("nan")))
    text, page = read(make_run(events=events, status="diverged", reason="diverged: loss was inf at step 2."))
    assert page.charts["Loss"]["lines"][0]["value"] == [2.0, None, None]
    assert "loss was inf at step 2." in text and "badge diverged" in text


def test_players_share_the_loss_chart(make_run, step, jsonl):
    terms = {"critic/loss": 1.0, "critic/gradient_penalty": 0.1, "generator/loss": 2.0}
    _, page = read(make_run(events=jsonl(step(1, **terms), step(2, **terms))))
    assert [line["label"] for line in page.charts["Loss"]["lines"]] == ["Critic", "Generator"]
    assert "Gradient penalty (critic)" in page.charts


def test_a_players_outputs_share_a_chart_and_validation_its_colours(make_run, step, jsonl):
    terms = {"d/loss": 1.0, "d/real": 0.4, "d/fake": -0.2, "d/penalty_norm": 1.1, "g/loss": 2.0, "g/real": 3.0}
    held = {"event": "validation", "step": 2, "epoch": 1, "loss": {"d/real": 0.3, "d/fake": -0.1}, "time": 1.0}
    _, page = read(make_run(events=jsonl(step(1, **terms), step(2, **terms), held)))
    outputs = page.charts["Output on real and generated items (d)"]["lines"]
    assert [(line["label"], line["style"]) for line in outputs] == [
        ("Real, training", "training"),
        ("Real, validation", "validation"),
        ("Generated, training", "training"),
        ("Generated, validation", "validation"),
    ]
    colours = [line["colour"] for line in outputs]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert list(page.charts) == [
        "Loss",
        "Output on real and generated items (d)",
        "Gradient norm under the penalty (d)",
        "Real (g)",
        "Learning rate",
        "Gradient norm",
    ]


def test_a_share_ends_at_1(make_run, step, jsonl):
    terms = {"d/loss": 1.0, "g/loss": 2.0, "d/told_apart": 1.0}
    text, page = read(make_run(events=jsonl(step(1, **terms), step(2, **terms))))
    told = page.charts["Real items told from generated ones (d)"]
    assert told["share"] and not page.charts["Loss"]["share"]
    still = text.partition('aria-label="Real items told')[2].partition("</svg>")[0]
    assert max(float(label) for label in re.findall(r'class="y">([\d.]+)<', still)) == 1


def test_a_term_alone_has_a_colour_for_training_and_one_for_validation(make_run):
    _, page = read(make_run())
    lines = [(line["label"], line["colour"]) for line in page.charts["KL"]["lines"]]
    assert [label for label, _ in lines] == ["Training", "Validation"]
    assert len({colour for _, colour in lines}) == 2


@pytest.mark.parametrize(
    "events", ["", '{"event":"steps","st', '{"event":"end","status":"failed","step":0,"time":1}\n']
)
def test_run_without_a_step(make_run, events):
    text, page = read(make_run(events=events, figures=None))
    assert "No training step has been recorded." in text and page.charts == {}


def test_one_point_and_only_nan(make_run, step, jsonl):
    text, page = read(make_run(events=jsonl(step(1, loss=1.0, kl=float("nan")))))
    assert page.charts["Loss"]["lines"][0]["step"] == [1]
    assert "No finite value to draw." in text


def test_still_picture_of_the_loss_for_readers_without_script(make_run):
    text, _ = read(make_run())
    assert re.search(r'<svg[^>]*aria-label="Loss".*?<path d="M', text)


def test_write_is_atomic(make_run, monkeypatch):
    directory = make_run()
    (directory / "report.html").write_text("old")

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_report(directory)
    assert (directory / "report.html").read_text() == "old"
    assert [path.name for path in directory.glob(".*")] == []


def test_errors_name_the_file(make_run, tmp_path):
    with pytest.raises(RunError, match=r"run\.json"):
        write_report(tmp_path)
    with pytest.raises(RunError, match="format 2"):
        write_report(make_run("future", format=2))
    directory = make_run("broken")
    (directory / "scores.json").write_text("{")
    with pytest.raises(RunError, match=r"scores\.json"):
        write_report(directory)


def test_only_files_of_the_run_are_inlined(make_run):
    with pytest.raises(RunError, match="same folder"):
        write_report(make_run(figures=[{"file": "../run.json", "title": "x"}]))


def test_missing_picture_is_named(make_run):
    assert "gone.png is missing." in read(make_run(figures=[{"file": "gone.png", "title": "x"}]))[0]


def test_comparison_page(make_run):
    runs = [make_run(f"run{index}", config={"seed": index, "model": {"depth": index // 2}}) for index in range(4)]
    groups = [
        Group(
            "shallow <2>",
            runs[:2],
            {"mse": Spread(0.02, 0.001, 2), "ssim": Spread(0.8, 0.1, 2), "pca_mse": Spread(0.03, 0.0, 2)},
        ),
        Group("deep", runs[2:], {"mse": Spread(0.01, 0.001, 2), "ssim": Spread(0.75, 0.1, 2)}),
    ]
    text = write_comparison(groups, runs[0].parent / "compare.html").read_text("utf-8")
    page = Page(text)
    assert all(address.startswith("data:") for address in page.addresses) and len(page.addresses) == 2
    styles = [(line["label"], line["style"], line["group"]) for line in page.charts["Loss, training"]["lines"]]
    assert styles[2:4] == [("shallow <2>", "mean", 0), ("deep 1", "seed", 1)] and len(styles) == 6
    assert '<td class="best">0.01000' in text and '<td class="tie">0.7500' in text
    assert "<code>model.depth</code>" in text and "not comparable" not in text


def test_comparison_warns_about_different_data(make_run):
    runs = [make_run("a"), make_run("b", data={"name": "other", "fingerprint": "zzz"}, scores=None, figures=None)]
    groups = [Group(run.name, [run], {}) for run in runs]
    text = write_comparison(groups, runs[0] / "c.html").read_text("utf-8")
    assert "not comparable" in text and "None of these runs has been scored." in text
    assert "This run has no such figure." in text


def test_scores_on_different_data_are_not_ranked(make_run):
    runs = [make_run("a"), make_run("b", data={"name": "other", "fingerprint": "zzz"})]
    groups = [Group(run.name, [run], {"mse": Spread(0.1 * (1 + place), 0.0, 1)}) for place, run in enumerate(runs)]
    text = write_comparison(groups, runs[0] / "c.html").read_text("utf-8")
    assert 'class="best"' not in text and "Filled" not in text
    alike = write_comparison([groups[0], groups[0]], runs[0] / "d.html").read_text("utf-8")
    assert 'class="best"' in alike
