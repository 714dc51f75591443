"""`understudy doctor` and `understudy explain`: what they say, and what they return."""

import json
from pathlib import Path

import pytest

import understudy as us
from understudy.cli import main
from understudy.doctor import rules

pytestmark = pytest.mark.usefixtures("in_tmp")


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def healthy() -> Path:
    return us.train("vae", "digits", steps=40, hidden=[16], latent_dim=2, out="healthy", quiet=True).path


@pytest.fixture
def diverged() -> Path:
    run = us.train("vae", "digits", steps=60, hidden=[16], learning_rate=1e30, optimizer="sgd", out="bad", quiet=True)
    assert run.status == "diverged"
    return run.path


def test_a_healthy_run(healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "doctor", str(healthy))
    assert code == 0
    assert out.startswith("healthy: nothing found")
    assert "clear: " in out and "not checked: overfitting" in out


def test_a_sick_run(diverged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "doctor", str(diverged))
    assert code == 3
    assert "error: " in out and "understudy explain non-finite" in out and "--set clip_norm=1" in out
    code, out, _ = call(capsys, "doctor", str(diverged), "--json")
    assert code == 3
    told = json.loads(out)
    assert told["findings"] == us.load(diverged).findings
    assert told["findings"][0]["id"] == "non-finite"
    assert "VAE" not in told["disabled"]


def test_what_is_known_is_set_aside(diverged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.json").write_text(call(capsys, "doctor", str(diverged), "--json")[1])
    code, out, _ = call(capsys, "doctor", str(diverged), "--baseline", "known.json")
    assert (code, "[non-finite]: known: known.json" in out, "1 set aside" in out) == (0, True, True)
    code, out, _ = call(capsys, "doctor", str(diverged), "--ignore", "non-finite=on purpose")
    assert (code, "[non-finite]: on purpose" in out) == (0, True)
    Path("known.toml").write_text("[ignore]\nnon-finite = 'a test of the rate'\n")
    code, out, _ = call(capsys, "doctor", str(diverged), "--baseline", "known.toml", "--json")
    assert (code, json.loads(out)["ignored"]) == (0, {"non-finite": "a test of the rate"})
    Path("again.json").write_text(out)  # a baseline made under a baseline keeps the reasons
    assert "[non-finite]: a test of the rate" in call(capsys, "doctor", str(diverged), "--baseline", "again.json")[1]


def test_a_run_file_sets_aside_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.toml").write_text(
        'network = "vae"\n[data]\nsource = "digits"\n[model]\nhidden = [16]\n'
        '[training]\nsteps = 60\nlearning_rate = 1e30\noptimizer = "sgd"\n'
        '[doctor.ignore]\nnon-finite = "a test of the rate"\n'
    )
    code, out, _ = call(capsys, "train", "--config", "run.toml", "--out", "bad", "--quiet")
    assert code == 1 and "aside   reconstruction became nan: a test of the rate" in out
    run = us.load("bad")
    assert run.findings == [] and [finding["ignored"] for finding in run.directory.ignored] == ["a test of the rate"]
    assert "Set aside: reconstruction became nan: a test of the rate" in Path("bad/report.html").read_text()
    code, out, _ = call(capsys, "doctor", "bad")
    assert code == 0 and "1 set aside" in out and "[non-finite]: a test of the rate" in out
    Path("run.toml").write_text(Path("run.toml").read_text().replace("non-finite", "non-finit"))
    code, _, err = call(capsys, "train", "--config", "run.toml", "--out", "other")
    assert code == 2 and "Did you mean 'non-finite'" in err and not Path("other").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--ignore", "non-finite"], "has no reason"),
        (["--ignore", "non-finit=x"], "Did you mean 'non-finite'"),
        (["--baseline", "none.json"], "cannot read baseline"),
        (["--baseline", "healthy/run.json"], "healthy/run.json is neither a verdict"),
        (["--fail-on", "no"], "no"),
    ],
)
def test_wrong_requests(words: list[str], reason: str, healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "doctor", str(healthy), *words)
    assert code == 2
    assert reason in err and err.count("\n") == 1


def test_one_batch_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    run = us.train("autoencoder", "digits", steps=4, hidden=[8], learning_rate=1e-9, out="slow", quiet=True).path
    code, out, _ = call(capsys, "doctor", str(run))
    assert code == 0 and "one-batch" in out.partition("not checked: ")[2]
    code, out, _ = call(capsys, "doctor", str(run), "--one-batch")
    assert code == 3 and "error: Not even one batch can be learnt by heart" in out and "learning_rate=0.001" in out


def test_a_run_of_an_earlier_version_is_judged_by_its_events(healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (healthy / "signals.jsonl").unlink()
    code, out, _ = call(capsys, "doctor", str(healthy))
    assert code == 0 and "not checked: " in out


def test_every_finding_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "explain")
    assert code == 0
    assert all(id_ in out for id_ in rules.TABLE)
    for rule in rules.load():
        code, out, _ = call(capsys, "explain", rule.id)
        assert code == 0
        assert rule.cause in out and rule.reference in out and all(remedy.title in out for remedy in rule.remedies)
    code, _, err = call(capsys, "explain", "overfiting")
    assert code == 2 and "Did you mean 'overfitting'" in err
