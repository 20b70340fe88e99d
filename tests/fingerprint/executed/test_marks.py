"""The marks that Python 3.11 needs change nothing that can be noticed; shown on every Python."""

from __future__ import annotations

import dis
import pickle
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

from daicho.fingerprint.executed._marks import Mark, compile_marked, filled

LIBRARY = ["argparse", "dataclasses", "functools", "textwrap", "asyncio/tasks", "collections/__init__"]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _shape(code: CodeType) -> tuple[object, ...]:
    lines = {line for _, line in dis.findlinestarts(code)}
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    doc = code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else None
    return code.co_qualname, code.co_firstlineno, code.co_flags, lines, names, doc


def _marked(text: str) -> tuple[dict[str, Any], list[Mark]]:
    found = compile_marked(text.encode(), "marked.py")
    assert found is not None
    names: dict[str, Any] = {}
    code, marks = filled(found)
    exec(code, names)
    return names, marks


@pytest.mark.parametrize("name", LIBRARY)
def test_marked_code_has_the_same_lines_and_names(name: str) -> None:
    """Lines, names, flags and docstrings of each code object of some of Python's own files are as without marks."""
    data = (Path(dis.__file__).parent / f"{name}.py").read_bytes()
    found = compile_marked(data, "x.py")
    assert found is not None
    plain = [_shape(each) for each in _codes(compile(data, "x.py", "exec", dont_inherit=True))]
    marked = [_shape(each) for each in _codes(filled(found)[0])]
    with_seen = [tuple(_without_seen(part) for part in each) for each in marked]
    assert [tuple(_without_seen(part) for part in each) for each in plain] == with_seen


def _without_seen(part: object) -> object:
    """The name of the mark's attribute is the one trace."""
    if isinstance(part, tuple) and part and isinstance(part[0], tuple):
        return (tuple(name for name in part[0] if name != "seen"), *part[1:])
    return part


def test_each_function_has_a_mark_of_its_own() -> None:
    """Functions, methods, lambdas and coroutines are marked, each by its place, when they start and not before."""
    text = "def f():\n    'Doc.'\n\nclass A:\n    async def g(self): return lambda x=1: x\n\nh = lambda: 0\n"
    names, marks = _marked(text)
    assert [("f", 1), ("A.g", 5), ("A.g.<locals>.<lambda>", 5), ("<lambda>", 7)] == [
        mark.place[1:] for mark in marks
    ]
    assert [False] * 4 == [mark.seen for mark in marks]
    names["f"]()
    assert 0 == names["h"]()
    assert [True, False, False, True] == [mark.seen for mark in marks]
    for mark in marks:
        mark.reset()
    assert [False] * 4 == [mark.seen for mark in marks]
    marks[3].seen = True
    assert marks[3].seen


@pytest.mark.parametrize(
    "value", ["0", "''", "None", "(yield)", "1 if x else 2", "(y := x)", "[x for x in x]"]
)
def test_a_lambda_gives_what_it_gave(value: str) -> None:
    """The value of a lambda is its own, whatever it is."""
    names, _ = _marked(f"f = lambda x: {value}\n")
    plain: dict[str, Any] = {}
    exec(f"f = lambda x: {value}\n", plain)
    if "yield" in value:
        assert list(plain["f"]([1])) == list(names["f"]([1]))
    else:
        assert plain["f"]([1]) == names["f"]([1])


def test_code_that_travels_by_value_works_where_daicho_is_not() -> None:
    """A mark that is pickled with its function becomes something that Python itself has, and that works alike."""
    _, (function, value) = _marked("def f(): pass\nh = lambda: 0\n")
    first: Any = pickle.loads(pickle.dumps(function))
    second: Any = pickle.loads(pickle.dumps(value))
    first.seen = True
    assert (SimpleNamespace(seen=True), 0, defaultdict) == (first, second[1000], type(second))


@pytest.mark.parametrize("text", ["import numba\n", "from numba import njit\n", "import numba.core as n\n"])
def test_what_numba_compiles_is_left_alone(text: str) -> None:
    """A file that uses numba is not marked, for its compiler refuses what it does not know."""
    assert compile_marked((text + "def f(): pass\n").encode(), "x.py") is None
    assert compile_marked(b"# numba\ndef f(): pass\n", "x.py") is not None


def test_the_future_is_kept() -> None:
    """`from __future__` stays first, and an encoding is heeded."""
    names, marks = _marked('"""Doc."""\nfrom __future__ import annotations\ndef f(x: y): pass\n')
    assert ("Doc.", {"x": "y"}, 1) == (names["__doc__"], names["f"].__annotations__, len(marks))
    found = compile_marked("# -*- coding: latin-1 -*-\nf = lambda: 'é'\n".encode("latin-1"), "x.py")
    assert found is not None
    exec(filled(found)[0], names)
    assert "é" == names["f"]()
