"""Definitions as people read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.fingerprint.code.definition import definitions, documentation, pieces
from tests.fingerprint.code.project import FILES, code_of

SOURCE = b'''\
"""A module."""

import math
from os import (
    path as p,
    sep,
)

LIMIT = 3
if LIMIT:
    MORE = 1
print("done")


@staticmethod
def scale(value):
    """Scale."""

    # by the limit
    return value * (LIMIT)


class Step(math.Base):
    """A step."""

    seed: int = 0
    a = b = 2

    def run(self):
        "Runs."


class Empty: pass
'''


def told(name: str) -> list[tuple[str, int, int, str]]:
    """The pieces of a symbol."""
    return [(each.name, each.start, each.end, each.code) for each in pieces(SOURCE, name)]


def test_a_function() -> None:
    """Its lines reach from its decorators to its end; comments, docstrings and layout are not in its text."""
    text = "@staticmethod\ndef scale(value):\n    return value * LIMIT"
    assert [("scale", 15, 20, text)] == told("scale")


def test_a_class_has_a_head_and_members() -> None:
    """Each member is a piece of its own, so that what changed in it can be named."""
    assert [
        ("Step", 23, 23, "class Step(math.Base):"),
        ("Step.seed", 26, 26, "    seed: int = 0"),
        ("Step.a, b", 27, 27, "    a = b = 2"),
        ("Step.run", 29, 30, "    def run(self):\n        pass"),
    ] == told("Step")
    assert [("Empty", 33, 33, "class Empty:")] == told("Empty")


def test_a_member() -> None:
    """Of a class of which only a member counts, only that is shown."""
    assert ["Step.a, b"] == [each[0] for each in told("Step.b")]


def test_constants_imports_and_blocks() -> None:
    """Whatever binds a name is its definition."""
    assert "LIMIT = 3" == told("LIMIT")[0][3]
    assert ("from os import path as p, sep", 4, 7) == (told("sep")[0][3], *told("p")[0][1:3])
    assert "if LIMIT:\n    MORE = 1" == told("MORE")[0][3]


def test_what_a_module_does() -> None:
    """`<body>` is what runs when the module is imported, `<file>` all of it."""
    assert ["print('done')"] == [each[3] for each in told("<body>")]
    assert [("<file>", 1, SOURCE.count(b"\n"), SOURCE.decode())] == told("<file>")


def test_docstrings() -> None:
    """Each docstring with what it is of, and where it stands."""
    assert [("the module", 1, 1), ("scale", 17, 17), ("Step", 24, 24), ("run", 30, 30)] == sorted(
        ((each.name, each.line, each.end) for each in documentation(SOURCE)), key=lambda each: each[1]
    )


@pytest.mark.parametrize("source", [b"def (", b"\x00", b"\xff\xfe"])
def test_what_is_no_python(source: bytes) -> None:
    """Nothing is told of what cannot be read, and nothing fails."""
    assert () == pieces(source, "scale")
    assert {} == definitions(source)
    assert () == documentation(source)


def test_very_deep_code_is_not_shown() -> None:
    """A sum of thousands of terms does not end the explanation."""
    deep = b"X = " + b" + ".join([b"1"] * 1500)
    assert "X" == pieces(deep, "X")[0].name


def test_every_symbol_has_its_text(tmp_path: Path) -> None:
    """Whatever a class reaches is found again, by the name and on the line that its symbol has."""
    for symbol in code_of(tmp_path, FILES).symbols.values():
        found = pieces((tmp_path / symbol.file).read_bytes(), symbol.name)
        assert found, symbol
        assert any(each.start <= symbol.line <= each.end for each in found), symbol


@pytest.mark.parametrize("name", ["Trainer", "helper", "FIRST", "fast"])
def test_comments_and_layout_are_not_in_the_text(name: str) -> None:
    """Text that the serialiser takes for the same is shown as the same."""
    edited = FILES["tasks.py"].replace("\n    def run(self)", "\n\n    # a comment\n    def run(self)")
    edited = edited.replace("FIRST, SECOND = 1, 2", "FIRST,SECOND=1,2  # two").replace(
        '"""Help."""', '"""Helps."""'
    )
    before, after = (pieces(text.encode(), name) for text in (FILES["tasks.py"], edited))
    assert edited != FILES["tasks.py"]
    assert [each.code for each in before] == [each.code for each in after]
