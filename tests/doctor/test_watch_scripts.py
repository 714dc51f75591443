"""Training scripts as people write them: the mistake is named first, with its line; its healthy twin is left alone."""

from importlib.util import find_spec

import pytest
from scripts import PATHS, Script

FABRIC = pytest.mark.skipif(find_spec("lightning_fabric") is None, reason="needs lightning-fabric")
SCRIPTS = [
    pytest.param(Script(path), id=path.stem, marks=[FABRIC] if path.stem.startswith("fabric") else []) for path in PATHS
]


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
