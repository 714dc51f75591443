from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from understudy.errors import OptionError, UnknownName
from understudy.settings import as_dict, assignments, options, parse, validated


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Sizes:
    """Options for these tests."""

    width: int = Field(3, ge=1, description="how wide")
    sizes: tuple[int, ...] = Field((1, 2), description="how many each")
    rate: float | None = Field(None, description="how fast")
    kind: Literal["round", "square"] = Field("round", description="which shape")
    smooth: bool = Field(True, description="whether it is")

    def __post_init__(self) -> None:
        if self.width == 13:
            raise ValueError("width is unlucky")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("64,32", [64, 32]),
        ("64,", [64]),
        ("0.1, 2", [0.1, 2]),
        ("1e-3", 1e-3),
        ("adam", "adam"),
        ("true", True),
        ("one-cycle", "one-cycle"),
        ("[1, 2]", [1, 2]),
        ('"5"', "5"),
        ("runs/a b.npy", "runs/a b.npy"),
        ("", ""),
    ],
)
def test_a_text_is_what_a_run_file_would_hold(text: str, value: Any) -> None:
    parsed = parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


@given(st.one_of(st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.lists(st.integers(0, 99), min_size=2)))
def test_a_number_comes_back_as_it_was_written(value: Any) -> None:
    assert parse(str(value)) == value
    assert parse(str(value).strip("[]")) == value


@given(st.text(max_size=20))
def test_any_text_is_some_value(text: str) -> None:
    value = parse(text)
    assert type(value).__module__ in ("builtins", "datetime"), "what TOML has, a string or a list"


def test_assignments_are_pairs_with_dashes_for_underscores() -> None:
    assert assignments(["latent-dim=3", "name = a=b", "hidden=1,2"]) == {
        "latent_dim": 3, "name": "a=b", "hidden": [1, 2]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["width"], "takes key=value, got 'width'"),
        (["=3"], "takes key=value"),
        (["a-b=1", "a_b=2"], "a_b was given twice"),
    ],
)
def test_what_is_no_pair_is_refused(pairs: list[str], told: str) -> None:
    with pytest.raises(OptionError, match=told):
        assignments(pairs)


@pytest.mark.parametrize(("given_", "kept"), [(5, (5,)), ([5], (5,)), ([5, 6], (5, 6)), ([], ()), ((7,), (7,))])
def test_a_list_of_one_needs_no_brackets(given_: Any, kept: tuple[int, ...]) -> None:
    assert validated(Sizes, {"sizes": given_}, "options").sizes == kept


def test_all_that_is_wrong_is_said_in_one_line() -> None:
    wrong = {"width": 0, "kind": "oval", "rate": "fast"}
    with pytest.raises(OptionError) as caught:
        validated(Sizes, wrong, "shape")
    message = str(caught.value)
    assert message.startswith("shape: ")
    assert "\n" not in message
    assert all(part in message for part in ("width=0", "kind='oval'", "'round' or 'square'", "rate='fast'"))


@pytest.mark.parametrize("value", [float("nan"), "nan"])
def test_what_is_not_a_number_is_no_size(value: Any) -> None:
    with pytest.raises(OptionError):
        validated(Sizes, {"width": value}, "options")


def test_a_rule_of_the_class_itself_is_said_without_its_name() -> None:
    with pytest.raises(OptionError, match="width is unlucky"):
        validated(Sizes, {"width": 13}, "options")


def test_an_unknown_option_gets_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown option in shape: 'widht'\. Did you mean 'width'"):
        validated(Sizes, {"widht": 1}, "shape")


def test_options_are_listed_as_declared_with_help() -> None:
    listed = [(option.name, option.type, option.default, option.help) for option in options(Sizes)]
    assert listed == [
        ("width", "int", 3, "how wide"),
        ("sizes", "int,int,...", (1, 2), "how many each"),
        ("rate", "float", None, "how fast"),
        ("kind", "round | square", "round", "which shape"),
        ("smooth", "bool", True, "whether it is"),
    ]


@given(st.integers(1, 12), st.lists(st.integers(), max_size=3), st.one_of(st.none(), st.floats(allow_nan=False)))
def test_plain_values_make_the_same_options_again(width: int, sizes: list[int], rate: float | None) -> None:
    made = validated(Sizes, {"width": width, "sizes": sizes, "rate": rate}, "options")
    plain = as_dict(made)
    assert plain["sizes"] == sizes
    assert validated(Sizes, plain, "options") == made
