"""A definition as people read it: where its pieces stand, and what they say without what does not count.

Digests are made elsewhere; this only shows the text behind them, so it needs the file's bytes and nothing else.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from daicho.fingerprint.code._closure import BODY, FILE
from daicho.fingerprint.code._references import references
from daicho.fingerprint.code._serialise import docstring, is_idle
from daicho.fingerprint.code._table import only_defines, statements

_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


@dataclass(frozen=True)
class Piece:
    """A statement: of a class its head and each of its members.

    Attributes:
        name: What it binds; for a member `Class.member`.
        start, end: Its lines, from 1, both included.
        code: What it says, as Python itself would lay it out, without comments and docstrings.
    """

    name: str
    start: int
    end: int
    code: str


@dataclass(frozen=True)
class Documentation:
    """A docstring: of what, and its first and last line."""

    name: str
    line: int
    end: int
    text: str


def pieces(source: bytes, name: str) -> tuple[Piece, ...]:
    """The pieces of a symbol of a file, in order; none if it is not there or the file is no Python.

    Args:
        source: The file's bytes.
        name: The symbol's name as `Symbol` has it.
    """
    if name == FILE:
        text = source.decode("utf-8", "replace")
        return (Piece(name, 1, max(text.count("\n"), 1), text),)
    owner, _, member = name.partition(".")
    found = definitions(source).get(owner, ())
    if not member:
        return found
    # Statements that bind nothing, `COLUMNS.append("a")`, may be about any of them.
    return tuple(
        each
        for each in found
        if each.name.startswith(f"{owner}.")
        and not {member, ""}.isdisjoint(each.name.partition(".")[2].split(", "))
    )


@lru_cache(maxsize=16)  # all causes of one decision ask for the same few files
def definitions(source: bytes) -> Mapping[str, tuple[Piece, ...]]:
    """All top-level names of a file with the pieces that bind them; empty if it is no Python."""
    tree = _parsed(source)
    found: dict[str, tuple[Piece, ...]] = {}
    for node, guarded in statements(tree.body) if tree is not None else ():
        made = tuple(_pieces(node))
        names = list(references([node]).bound)
        if not guarded and not only_defines(node):
            names.append(BODY)
        for name in names:
            found[name] = (*found.get(name, ()), *made)
    return MappingProxyType(found)


def documentation(source: bytes) -> tuple[Documentation, ...]:
    """The docstrings of a file."""
    found = []
    tree = _parsed(source)
    for node in ast.walk(tree) if tree is not None else ():
        text = docstring(node) if isinstance(node, _DOCUMENTED) else None
        if isinstance(node, _DOCUMENTED) and text is not None:
            first = node.body[0]
            name = getattr(node, "name", "the module")
            found.append(Documentation(name, first.lineno, first.end_lineno or first.lineno, text))
    return tuple(found)


def _parsed(source: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _pieces(node: ast.stmt) -> Iterator[Piece]:
    if not isinstance(node, ast.ClassDef):
        yield _piece(node, ", ".join(sorted(references([node]).bound)))
        return
    inside = node.body
    head = ast.copy_location(
        ast.ClassDef(**{name: getattr(node, name) for name in node._fields} | {"body": []}), node
    )
    first = _start(inside[0])
    yield Piece(node.name, _start(node), max(first - 1, node.lineno), ast.unparse(head).strip("\n"))
    for member in inside:
        if not is_idle(member):
            bound = ", ".join(sorted(references([member], of_class=True).bound))
            made = _piece(member, f"{node.name}.{bound}")
            indented = "\n".join(f"    {line}" if line else line for line in made.code.split("\n"))
            yield Piece(made.name, made.start, made.end, indented)


def _piece(node: ast.stmt, name: str) -> Piece:
    start, end = _start(node), node.end_lineno or node.lineno
    try:
        return Piece(name, start, end, ast.unparse(_plain(node)).strip("\n"))
    except RecursionError:  # a sum of thousands of terms
        return Piece(name, start, end, f"<{type(node).__name__}, too deep to be shown>")


def _start(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(int(each.lineno) for each in decorators)])


def _plain(node: ast.stmt) -> ast.stmt:
    """The statement, in place, without docstrings and what else does nothing."""
    for inner in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(inner, name, None)
            if isinstance(body, list) and any(map(is_idle, body)):
                kept = [each for each in body if not is_idle(each)]
                setattr(inner, name, kept or ([ast.Pass()] if name == "body" else []))
    return node
