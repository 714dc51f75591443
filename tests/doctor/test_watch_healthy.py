"""Nothing is said of loops with nothing wrong with them, however odd their ways."""

import pytest
import torch
from healthy_loops import LOOPS


@pytest.mark.parametrize("name", LOOPS)
def test_nothing_is_said(name: str) -> None:
    torch.manual_seed(0)
    doctor = LOOPS[name]()
    assert [finding.line() for finding in doctor.findings if finding.severity != "advice"] == []
    assert not doctor.json()["disabled"]
