"""The shape that the sources keep: small files, short functions, names that say something, a sentence each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "daicho"
FILE_LINES = 400
FUNCTION_LINES = 50
EMPTY_NAMES = {"base", "common", "core", "helpers", "manager", "utils"}

LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer: `module.function` and the reason."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_file_is_long() -> None:
    """No file of the package is longer than what one idea takes."""
    assert [] == [str(path) for path in _sources() if len(path.read_text().splitlines()) > FILE_LINES]


def test_no_function_is_long() -> None:
    """No function of the package is longer than a screen, but for those listed with a reason."""
    assert sorted(LONG_FUNCTIONS) == sorted(
        name for path in _sources() for name in _long_functions(path.read_text(), _module(path))
    )


def test_every_file_says_its_idea() -> None:
    """Every file of the package and of the tests opens with a docstring."""
    files = [*_sources(), *(ROOT / "tests").rglob("*.py")]
    assert [] == [str(path) for path in files if not ast.get_docstring(ast.parse(path.read_text()))]


def test_every_name_says_something() -> None:
    """No file or folder of the package has a name that could hold anything."""
    assert [] == [str(path) for path in PACKAGE.rglob("*") if path.stem in EMPTY_NAMES]


def test_every_test_has_its_sentence() -> None:
    """Every test says in a docstring what holds."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    assert [] == [f"{path.name}: {name}" for path in files for name in _silent_tests(path.read_text())]


@pytest.mark.parametrize("lines", [FUNCTION_LINES, FUNCTION_LINES + 1])
def test_long_functions_are_found(lines: int) -> None:
    """The length of a function counts from its `def` to its last line, also inside a class."""
    body = "\n".join("        pass" for _ in range(lines - 1))
    found = list(_long_functions(f"class A:\n    def f(self):\n{body}\n", "m"))
    assert (["m.f"] if lines > FUNCTION_LINES else []) == found


def test_silent_tests_are_found() -> None:
    """Tests without a docstring are found, also in classes; what is no test is left alone."""
    text = 'class TestA:\n    def test_b(self): pass\ndef test_c():\n    "Says."\ndef helper(): pass\n'
    assert ["test_b"] == list(_silent_tests(text))


def _sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _functions(text: str) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, Function))


def _long_functions(text: str, module: str) -> Iterator[str]:
    for function in _functions(text):
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES:
            yield f"{module}.{function.name}"


def _silent_tests(text: str) -> Iterator[str]:
    for function in _functions(text):
        if function.name.startswith("test_") and not ast.get_docstring(function):
            yield function.name
