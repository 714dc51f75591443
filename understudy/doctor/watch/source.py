"""Where in the user's files something was made: an optimizer, a layer, the weights' first values."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from torch import nn

from understudy.doctor.watch.lines import NOT_THEIRS, Line

INITIALISES = ("zeros_", "ones_", "constant_", "zero_", "fill_", "normal_", "uniform_", "trunc_normal_")
"""Calls that give weights their first values; those that give all the same one first."""
LAST_CONSTANT = INITIALISES.index("fill_")


@lru_cache(maxsize=16)
def _tree(file: str) -> ast.Module | None:
    try:
        return ast.parse(Path(file).read_text())
    except (OSError, SyntaxError, ValueError):
        return None  # not a file, such as a cell of a notebook: then no line is named


def _assignments(tree: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value), those of tuples one by one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from zip(target.elts, node.value.elts, strict=False)
                else:
                    yield target, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield node.target, node.value


def made_at(value: object, names: Mapping[str, Any], file: str) -> Line | None:
    """Where the object was given the name that it has in the user's frame, by a call."""
    mine = {name for name, one in names.items() if one is value}
    tree = _tree(file)
    found = [
        target.lineno
        for target, made in _assignments(tree or ast.Module([], []))
        if isinstance(target, ast.Name) and target.id in mine and isinstance(made, ast.Call)
    ]
    return Line(file, found[-1]) if found else None


def attribute_at(module: nn.Module, name: str) -> Line | None:
    """Where the module's class sets `self.name`."""
    file = their_file(module)
    tree = _tree(file) if file else None
    for node in ast.walk(tree or ast.Module([], [])):
        if isinstance(node, ast.ClassDef) and node.name == type(module).__name__:
            for target, _ in _assignments(node):
                if isinstance(target, ast.Attribute) and target.attr == name:
                    return Line(str(file), target.lineno)
    return None


def initialised_at(file: str) -> Line | None:
    """Where weights are given their first values: best where all get the same one, or the line speaks of weights."""
    calls = [
        (INITIALISES.index(node.func.attr) > LAST_CONSTANT, "weight" not in ast.unparse(node), node.lineno)
        for node in ast.walk(_tree(file) or ast.Module([], []))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in INITIALISES
    ]
    return Line(file, min(calls)[2]) if calls else None


def gradient_at(code: CodeType, place: int) -> Line | None:
    """Where a backward pass makes what it returns in a place: where the name that it returns was set, or the return."""
    file = code.co_filename
    for node in ast.walk(_tree(file) or ast.Module([], [])):
        first = min((one.lineno for one in getattr(node, "decorator_list", ())), default=getattr(node, "lineno", 0))
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == code.co_name
            and code.co_firstlineno in (first, node.lineno)
        ):
            returns = [one for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
            return Line(file, _made(node, returns[-1], place)) if returns else Line(file, node.lineno)
    return None


def _made(function: ast.FunctionDef, returned: ast.Return, place: int) -> int:
    given: ast.expr | None = returned.value
    if isinstance(given, ast.Tuple) and place < len(given.elts):
        given = given.elts[place]
    if isinstance(given, ast.Name):
        found = [one.lineno for one, _ in _assignments(function) if isinstance(one, ast.Name) and one.id == given.id]
        return max((line for line in found if line <= returned.lineno), default=returned.lineno)
    return given.lineno if given is not None else returned.lineno


def their_file(module: nn.Module) -> str | None:
    """The file of a module's class, where it is the user's own."""
    forward = getattr(type(module).forward, "__code__", None)
    file = getattr(forward, "co_filename", "")
    return None if not file or file.startswith(NOT_THEIRS) else file
