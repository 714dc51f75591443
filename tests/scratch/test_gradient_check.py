"""The gradient checker names planted mistakes, and accuses no right backward pass."""

from pathlib import Path

import numpy as np
import planted
import pytest
import torch
from plain_form import Array

import understudy as us
from understudy.cli import main
from understudy.errors import OptionError
from understudy.scratch.dense import Dense
from understudy.scratch.gradient_check.check import check_gradients
from understudy.scratch.gradient_check.hypotheses import HYPOTHESES

FOLDER = Path(__file__).parent


def test_there_are_enough_of_both() -> None:
    assert len(planted.MISTAKES) >= 70
    assert len(planted.RIGHT) >= 35


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
    assert all(slot.compared for slot in result.slots)


def test_every_hypothesis_can_be_read() -> None:
    for each in HYPOTHESES:
        assert each.claims.__doc__ or each.claims.__name__ == "claims"
        assert each.cause.endswith(".")
        assert "{" not in each.name.replace("{detail}", "").replace("{slot}", "")


def test_what_no_hypothesis_explains_is_said_to_be_unexplained() -> None:
    noise = np.random.default_rng(0).normal(size=(4, 3))
    result = check_gradients((np.sin, lambda dy, x: dy * np.cos(x) + noise), noise)
    assert not result.ok
    assert result.mistake is None
    assert "No mistake that we know explains it" in str(result)


def test_the_first_wrong_entries_are_told() -> None:
    def backward(dy: Array, x: Array) -> Array:
        dx = 2 * x * dy
        dx[1, 2] += 1
        return dx

    (slot,) = check_gradients((np.square, backward), np.ones((3, 4))).slots
    (entry,) = slot.wrong
    assert entry.index == (1, 2)
    assert entry.given == pytest.approx(entry.expected + 1)


def test_entries_at_a_kink_are_not_compared() -> None:
    x = np.array([[0.0, 1.0, -2.0], [3.0, 0.0, 1.0]])
    relu = (lambda x: np.maximum(x, 0), lambda dy, x: dy * (x >= 0))  # at 0, any slope from 0 to 1 will do
    (slot,) = check_gradients(relu, x).slots
    assert slot.ok
    assert (slot.compared, slot.entries) == (4, 6)


def test_the_users_object_is_left_as_it_was() -> None:
    layer = Dense(3, 4, np.random.default_rng(0))
    before = {name: array.copy() for name, array in layer.params.items()}
    assert us.check_gradients(layer, np.ones((2, 3))).ok
    assert not layer.grads
    assert layer.x.size == 0
    assert all(np.array_equal(layer.params[name], array) for name, array in before.items())


def test_tensors_are_taken_too() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    assert check_gradients(Dense(3, 4, np.random.default_rng(0)), x).ok


def test_the_documentation_shows_the_real_output(capsys: pytest.CaptureFixture[str]) -> None:
    docs = FOLDER.parent.parent / "docs"
    with pytest.raises(SystemExit):
        main(["check-gradients", f"{docs / 'check_gradients.py'}:Output"])
    said = capsys.readouterr().out
    assert "extra activation derivative (sigmoid)" in said
    assert said in (docs / "check_gradients.md").read_text()


@pytest.mark.parametrize("thing", [torch.nn.Linear(2, 2), np.sin, "layer", (np.sin,)])
def test_what_has_no_backward_pass_is_refused(thing: object) -> None:
    with pytest.raises(OptionError, match="no backward pass"):
        check_gradients(thing, np.ones((2, 2)))


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("mistaken_layers.py:Affine", 0, "the backward pass is right"),
        ("mistaken_layers.py:UnsummedBias", 3, r"db = dz.sum(axis=0)"),
        ("mistaken_networks.py:NetworkSigmoidLeftIn", 3, "extra activation derivative (sigmoid)"),
        ("mistaken_functions.py:TorchSigmoid --input-shape 4,5", 3, "missing activation derivative"),
        ("mistaken_functions.py:TorchLinear --input-shape 4,5 --input-shape 3,5 --input-shape 3", 0, "is right"),
    ],
)
def test_command_line(name: str, code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check-gradients", *f"{FOLDER}/{name}".split()])
    assert ended.value.code == code
    assert says in capsys.readouterr().out
