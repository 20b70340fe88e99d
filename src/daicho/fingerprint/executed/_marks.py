"""Python 3.11 cannot tell which functions start, so each says so itself: one store at its top.

A function gets `mark.seen = True` after its docstring, a lambda `mark[…] or` before its value; both run in C alone.
The mark is a constant of the code, not a global: reload, other globals and the end of the process leave it where it
is. Lines, docstrings and signatures stay as they are written.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import CodeType, MappingProxyType, SimpleNamespace
from typing import Any, Final, NamedTuple

from daicho.fingerprint.code._serialise import docstring

_FUNCTION: Final = "\0daicho function\0"
_LAMBDA: Final = "\0daicho lambda\0"
_INDEX: Final = 1000  # outside of the text, so that the compiler leaves the subscript alone

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """Where a code object is defined."""

    path: str
    name: str
    line: int


class FunctionMark:
    """Whether a function has started. Pickled with its code by value, it becomes something that any process has."""

    __slots__ = ("place", "seen")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.seen = False

    def reset(self) -> None:
        """Forget it."""
        self.seen = False

    def __reduce__(self) -> tuple[Any, ...]:
        return SimpleNamespace, ()


class LambdaMark(defaultdict[int, int]):
    """Whether a lambda has started: a dictionary, since that notes in C what it is asked for."""

    def __init__(self, place: Place) -> None:
        super().__init__(int)
        self.place = place

    @property
    def seen(self) -> bool:
        """Whether it was asked."""
        return bool(self)

    @seen.setter
    def seen(self, value: bool) -> None:
        self[_INDEX] = 0

    def reset(self) -> None:
        """Forget it."""
        self.clear()

    def __reduce__(self) -> tuple[Any, ...]:
        return defaultdict, (int,)

    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]  # code objects are hashed with their constants


Mark = FunctionMark | LambdaMark

_KINDS: Final[Mapping[str, type[Mark]]] = MappingProxyType({_FUNCTION: FunctionMark, _LAMBDA: LambdaMark})


def compile_marked(data: bytes, path: str) -> CodeType | None:
    """Compile a file with the places of marks in it, see `filled`; None for one that must stay as it is.

    What numba compiles must hold nothing that it does not know; and a tree may be too deep to be taken apart
    where the compiler itself still manages.
    """
    try:
        tree = ast.parse(data, path)
        if b"numba" in data and _uses_numba(tree):
            return None
        # Most of a tree are expressions: they are looked through only where there is something to find.
        for node in list(ast.walk(tree) if b"lambda" in data else _statements(tree)):
            if isinstance(node, Function):
                _mark_function(node)
            elif isinstance(node, ast.Lambda):
                _mark_lambda(node)
        code: CodeType = compile(tree, path, "exec", dont_inherit=True)
    except RecursionError:
        return None
    return code


def filled(code: CodeType) -> tuple[CodeType, list[Mark]]:
    """The code with marks in their places, and these marks."""
    marks: list[Mark] = []
    return _filled(code, marks), marks


def _uses_numba(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.partition(".")[0] == "numba" for name in names):
            return True
    return False


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                stack.extend(inner)


def _mark_function(node: Function) -> None:
    at = 0 if docstring(node) is None else 1
    # In the line of what follows and does something, so that debuggers and coverage see no line of its own.
    while at < len(node.body) and isinstance(node.body[at], ast.Global | ast.Nonlocal):
        at += 1
    where = _where(node.body[min(at, len(node.body) - 1)])
    target = ast.Attribute(ast.Constant(_FUNCTION, **where), "seen", ast.Store(), **where)
    node.body.insert(at, ast.Assign([target], ast.Constant(True, **where), **where))


def _mark_lambda(node: ast.Lambda) -> None:
    where = _where(node.body)
    mark, index = ast.Constant(_LAMBDA, **where), ast.Constant(_INDEX, **where)
    asked = ast.Subscript(mark, index, ast.Load(), **where)
    node.body = ast.BoolOp(ast.Or(), [asked, node.body], **where)


def _where(node: ast.stmt | ast.expr) -> dict[str, Any]:
    line, column = node.lineno, node.col_offset
    return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}


def _filled(code: CodeType, marks: list[Mark]) -> CodeType:
    return code.replace(co_consts=tuple(_constants(code, marks)))


def _constants(code: CodeType, marks: list[Mark]) -> Iterator[object]:
    place = Place(code.co_filename, code.co_qualname, code.co_firstlineno)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield _filled(constant, marks)
        elif isinstance(constant, str) and constant in _KINDS:
            marks.append(_KINDS[constant](place))
            yield marks[-1]
        else:
            yield constant
