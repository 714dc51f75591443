"""The gradient checker names planted mistakes, and accuses no right backward pass."""

import planted
import pytest

from understudy.scratch.gradient_check.check import check_gradients


@pytest.mark.parametrize("case", planted.MISTAKES)
def test_planted_mistakes_are_named(case: str) -> None:
    mistake = planted.MISTAKES[case]
    result = check_gradients(mistake.subject, *mistake.inputs)
    assert not result.ok
    assert result.mistake is not None, result
    assert result.mistake.name.startswith(mistake.name), result


@pytest.mark.parametrize("case", planted.RIGHT)
@pytest.mark.parametrize("seed", [0, 1])
def test_right_ones_are_not_accused(case: str, seed: int) -> None:
    subject, inputs = planted.RIGHT[case]
    result = check_gradients(subject, *inputs, seed=seed)
    assert result.ok, result
    assert result.mistake is None
