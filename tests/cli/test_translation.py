"""Pairs on the command line: learnt from a file, scored, translated."""

import io
import json
from pathlib import Path

import pytest
from command import understudy

from understudy.data.vocabulary import UNKNOWN
from understudy.run import find_run
from understudy.runs.directory import RunDirectory

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("pairs")
    numbers = range(111, 1000)
    pairs = [(" ".join(WORDS[int(n) - 1] for n in str(it)), str(it)) for it in numbers if "0" not in str(it)]
    (found / "numbers.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in pairs))
    return found


@pytest.fixture(autouse=True)
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(place)
    sets = ("hidden_dim=32", "embedding_dim=16", "tokens=words", "target_tokens=characters", "learning_rate=0.01")
    options = ("--steps", 250, "--quiet", "--batch", 32, *(word for it in sets for word in ("--set", it)))
    if not (place / "run").exists():
        assert understudy("train", "translator", "--data", "numbers.tsv", "--out", "run", *options) == 0
    return "run"


def test_it_is_scored_and_its_report_has_the_search(run: str) -> None:
    directory = RunDirectory(Path(run))
    scores = directory.scores
    assert scores["exact_match"] > 0.9
    assert scores["copy_exact_match"] == 0
    assert {"greedy_exact_match", "nearest_chrf", "nats_per_token"} <= set(scores)
    report = (directory.path / "report.html").read_text(encoding="utf-8")
    for title in ("What a wider beam buys", "Where it looks, sentence 1", "How the beam searches", "Best and worst"):
        assert title in report


def test_it_answers_with_as_many_hypotheses_as_are_asked_for(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("predict", run, "four two seven") == 0
    assert capsys.readouterr().out == "427\n"
    assert understudy("predict", run, "four two seven", "nine nine one", "--beam", 4, "--nbest", 3, "--json") == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["output"] for answer in answers] == ["427", "991"]
    for answer in answers:
        outputs = [it["output"] for it in answer["hypotheses"]]
        assert len(set(outputs)) == 3
        assert outputs[0] == answer["output"]
        scores = [it["score"] for it in answer["hypotheses"]]
        assert scores == sorted(scores, reverse=True)


def test_what_it_never_read_is_shown(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert understudy("predict", run, "four zero seven") == 0
    assert f"read as: four {UNKNOWN} seven" in capsys.readouterr().out


def test_lines_are_answered_as_they_come(
    run: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one one one\n\nsix five four\n"))
    assert understudy("predict", run) == 0
    assert capsys.readouterr().out.split() == ["111", "654"]


def test_a_translation_can_be_made_to_begin_and_to_contain(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--prefix", "9", "--require", "81", "--require", "5", "--nbest", 3, "--json")
    assert understudy("predict", run, "four two seven", "one one", *options) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for answer in answers:  # three digits is all that it has learnt to write: what is asked for has room, no more
        assert {it["output"] for it in answer["hypotheses"]} == {"9815", "9581"}
    assert understudy("predict", run, "four two seven", "--prefix", "9", "--json") == 0
    assert json.loads(capsys.readouterr().out)["output"].startswith("9")


def test_every_option_of_the_search_can_be_set(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for alpha in (0, 1):
        settings = ("--set", f"alpha={alpha}", "--set", "length_penalty=plain")
        assert understudy("predict", run, "four two seven", *settings, "--json") == 0
        (found[alpha],) = json.loads(capsys.readouterr().out)["hypotheses"]
    assert found[0]["score"] == found[0]["log_probability"]
    assert found[1]["score"] == pytest.approx(found[1]["log_probability"] / 4)  # three digits and the end
    assert find_run(run).translate(["one one one"], groups=5, beam=5) == ["111"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--set", "alhpa=1"), "alhpa does not go with translator; it takes prefix, require, trace, beam"),
        (("--set", "alpha=high"), "alpha='high'"),
        (("--set", "beam=3"), "beam has a flag of its own; use --beam"),
        (("--set", "groups=2"), "groups must divide beam, got 2 and 5"),
        (("--prefix", "x1"), f"'x1' cannot be written, only '{UNKNOWN}1'"),
    ],
)
def test_what_the_search_cannot_do_is_said(
    run: str, words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert understudy("predict", run, "one", *words) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_the_trace_has_every_hypothesis_that_had_a_slot(run: str) -> None:
    assert understudy("predict", run, "four two seven", "--beam", 3, "--trace", "tree.json") == 0
    (tree,) = json.loads(Path("tree.json").read_text())
    assert (tree["input"], tree["output"], tree["kind"]) == ("four two seven", "427", "tree")
    kept = [node["label"] for node in tree["nodes"] if node["fate"] == "kept"]
    assert "".join(kept[1:4]) == "427"
    assert max(sum(node["step"] == step for node in tree["nodes"]) for step in range(1, 4)) >= 3


def test_from_python_and_what_cannot_be_done(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert find_run(run).translate(["four two seven", "one one one"], beam=2) == ["427", "111"]
    assert find_run(run).translate("four two seven") == ["427"]
    assert understudy("predict", run, "one one one", "--beam", 2, "--nbest", 3) == 2
    assert "nbest is at most beam, got 3 and 2" in capsys.readouterr().err
    assert understudy("sample", run) == 2
    assert "translator cannot sample" in capsys.readouterr().err


def test_other_pairs_are_scored_in_the_runs_languages(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.csv").write_text("source,target\none two three,123\nfour five six,456\nzero,0\n")
    assert understudy("evaluate", run, "--data", "other.csv") == 0
    assert "66.67" in capsys.readouterr().out
