"""The plan of the house, enforced: import directions, budgets, and a test and a page for each network."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy import models
from understudy.cli import VERBS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "understudy"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Imports point up: a part imports only from parts on lines above its own, and from itself. docs/tour.md explains them.
LAYERS = (
    ("errors", "files"),
    ("settings",),
    ("scratch",),
    ("data",),
    ("layers",),
    ("models",),
    ("decoding",),
    ("training",),
    ("evaluation",),
    ("doctor",),
    ("runs",),
    ("report",),
    ("run",),
    ("comparison", "use", "describe", "prediction"),
    ("experiment",),
    ("sweeps",),
    ("cures",),
    ("cli",),
    ("__init__", "__main__"),
)
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}

FILE_LINES, MEDIAN_FILE_LINES = 400, 150
FUNCTION_LINES, MEDIAN_FUNCTION_LINES = 60, 12
ELIF_CHAIN = 4
DEPENDENCIES = 12
NAMELESS = {"utils", "util", "helpers", "misc", "common"}


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules of the package that a file imports, wherever in it, those for type checkers included."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.split(".")[0] == "understudy" and "." in name)


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def lines(node: ast.FunctionDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_every_part_has_a_place() -> None:
    assert {part_of(path) for path in SOURCES} == set(LEVEL)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_up(path: Path) -> None:
    own = part_of(path)
    for name in imported(ast.parse(path.read_text())):
        other = name.split(".")[1]
        if other != own:
            assert LEVEL[other] < LEVEL[own], f"{own} may not import {name}"


def test_no_module_imports_itself_in_a_circle() -> None:
    """Within a part too, counting only what is imported when a module is."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in SOURCES}
    needs: dict[str, set[str]] = {}
    for name, path in modules.items():
        top = ast.Module([node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.If)], [])
        inner = [node for node in ast.walk(top) if isinstance(node, ast.FunctionDef)]
        for function in inner:
            function.body = []
        found = set(imported(top))
        needs[name] = {other for other in modules if other in found or other in {f.rpartition(".")[0] for f in found}}
        needs[name].discard(name)
    done: set[str] = set()
    while free := {name for name in needs if name not in done and needs[name] <= done}:
        done |= free
    assert done == set(needs), f"in or behind a circle: {sorted(set(needs) - done)}"


def test_files_and_functions_are_short() -> None:
    long = [len(path.read_text().splitlines()) for path in SOURCES]
    sizes = [lines(function) for path in SOURCES for function in functions(path)]
    assert max(long) <= FILE_LINES
    assert statistics.median(long) < MEDIAN_FILE_LINES
    assert max(sizes) <= FUNCTION_LINES
    assert statistics.median(sizes) < MEDIAN_FUNCTION_LINES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_names_say_something_and_chains_are_short(path: Path) -> None:
    assert path.stem not in NAMELESS
    for node in ast.walk(ast.parse(path.read_text())):
        chain = 0
        while isinstance(node, ast.If):
            chain += 1
            node = node.orelse[0] if len(node.orelse) == 1 else ast.Pass()
        assert chain <= ELIF_CHAIN + 1


def test_few_dependencies() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert len(project["dependencies"]) <= DEPENDENCIES
    pinned = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    for requirement in project["dependencies"] + project["optional-dependencies"]["test"]:
        assert requirement.split(">")[0].lower() in pinned, "constraints.txt pins what make installs"


@pytest.mark.parametrize("name", models.TABLE)
def test_each_network_has_a_page_and_a_line_in_the_readme(name: str) -> None:
    page = ROOT / "docs" / "networks" / f"{name}.md"
    assert page.is_file(), f"write {page.relative_to(ROOT)}"
    text = page.read_text()
    for heading in ("## Paper", "## Our figure", "## Differs from the paper", "## Options"):
        assert heading in text
    assert f"docs/networks/{name}.md" in (ROOT / "README.md").read_text()


def test_each_network_module_has_tests_of_its_own() -> None:
    for line in models.TABLE.values():
        module = line.target.partition(":")[0].rpartition(".")[2]
        assert (ROOT / "tests" / "models" / f"test_{module}.py").is_file()


def test_each_verb_has_a_module_and_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for verb in VERBS:
        assert (PACKAGE / "cli" / f"{verb.replace('-', '_')}.py").is_file()
        assert f"understudy {verb}" in readme
