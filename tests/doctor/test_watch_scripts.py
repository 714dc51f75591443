"""Training scripts as people write them: the mistake is named first, with its line; its healthy twin is left alone."""

import pytest
from scripts import PATHS, Script

SCRIPTS = [pytest.param(Script(path), id=path.stem) for path in PATHS]


def test_the_scripts_are_of_every_kind() -> None:
    """Plain PyTorch, a GAN with two optimizers, a seq2seq, and one with Fabric."""
    texts = {path.stem: path.read_text() for path in PATHS}
    assert len(texts) >= 12
    assert any("Fabric(" in text and "fabric.backward(" in text for text in texts.values())
    assert any("[optimizerG, optimizerD]" in text for text in texts.values())
    assert any("Encoder" in text and "Decoder" in text and "ignore_index" in text for text in texts.values())


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_mistake_is_named_first_with_the_line(script: Script) -> None:
    doctor, _ = script.run(script.text)
    first = doctor.json()["findings"][0]
    assert first["id"] == script.expected
    assert first["line"]["number"] == script.line, first["line"]
    assert not doctor.json()["disabled"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_healthy_twin_has_no_finding(script: Script) -> None:
    doctor, error = script.run(script.healthy())
    assert error is None
    assert [finding for finding in doctor.findings if finding.severity != "advice"] == []
    assert not doctor.json()["disabled"]
