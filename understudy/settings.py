"""Options: read from text, checked against a frozen pydantic dataclass, listed with their help."""

import dataclasses
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from understudy.errors import OptionError, UnknownName

T = TypeVar("T")


def parse(text: str) -> Any:
    """A value as a run file would hold it; a bare word is a string, a bare `1,2,3` a list.

    Example:
        >>> parse("64,32"), parse("1e-3"), parse("adam"), parse("true")
        ([64, 32], 0.001, 'adam', True)
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return [parse(part.strip()) for part in text.split(",") if part.strip()] if "," in text else text


def assignments(pairs: list[str]) -> dict[str, Any]:
    """`key=value` texts as a mapping.

    Raises:
        OptionError: a text has no `=`, or a key comes twice.
    """
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        key = key.strip().replace("-", "_")
        if not separator or not key:
            raise OptionError(f"--set takes key=value, got '{pair}'")
        if key in settings:
            raise OptionError(f"--set {key} was given twice")
        settings[key] = parse(value.strip())
    return settings


def validated(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """An instance of the options class `kind`.

    Raises:
        UnknownName: a key that is not an option.
        OptionError: values of the wrong type or range, all of them in one line.
    """
    known = [field.name for field in dataclasses.fields(typing.cast(Any, kind))]
    several = {name: typing.get_origin(hint) is tuple for name, hint in typing.get_type_hints(kind).items()}
    for key in values:
        if key not in known:
            raise UnknownName(f"option in {where}:", key, known)
    try:
        return TypeAdapter(kind).validate_python({key: _tupled(value, several[key]) for key, value in values.items()})
    except ValidationError as error:
        raise OptionError(f"{where}: {'; '.join(_complaint(item) for item in error.errors())}") from None


def _tupled(value: Any, several: bool) -> Any:
    """A run file's list as the options' tuple; `hidden=32` is a list of one."""
    if isinstance(value, list):
        return tuple(value)
    if several and value == "":  # --set hidden=
        return ()
    return (value,) if several and not isinstance(value, tuple) else value


def _complaint(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    message = item["msg"].removeprefix("Value error, ")
    return f"{name}={item['input']!r}: {message}" if name else message


@dataclass(frozen=True)
class Option:
    """One option, for help and documentation."""

    name: str
    type: str
    default: Any
    help: str


def options(kind: type) -> list[Option]:
    """The options of a class, in the order they are declared."""
    hints = typing.get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):
        info = field.default
        default, text = (info.default, info.description or "") if isinstance(info, FieldInfo) else (info, "")
        found.append(Option(field.name, _type_name(hints[field.name]), default, text))
    return found


def _type_name(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return " | ".join(str(argument) for argument in arguments)
    if origin is tuple:
        return f"{_type_name(arguments[0])},{_type_name(arguments[0])},..."
    if origin in (types.UnionType, typing.Union):
        return " | ".join(_type_name(argument) for argument in arguments if argument is not types.NoneType)
    return str(getattr(hint, "__name__", hint))


def as_dict(options_: Any) -> dict[str, Any]:
    """An options object as plain JSON values."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in vars(options_).items()
        if not key.startswith("_")
    }
