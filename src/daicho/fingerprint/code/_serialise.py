"""The normaliser: a piece of a syntax tree as a digest that every supported Python agrees on.

What cannot change what code does is left out: positions, layout, comments, quotes, parentheses, docstrings,
`pass`, lone constants. The rest is written down node by node, field by field, each constant with its type.
`ast.dump` and `ast.unparse` differ between Pythons and recurse, so neither is used; the golden digests in the
tests hold the form fixed. Whoever changes it must raise `SCHEME`.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

SCHEME: Final = "fp1"

_HALF = 32  # hexadecimal digits: 128 bits

# `ctx` follows from the position, `kind` is the u of u"", the others are comments.
_IGNORED: Final = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_BODIES: Final = frozenset({"body", "orelse", "finalbody"})
_DOCUMENTED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


class Digests(NamedTuple):
    """The digest of some code, and that of its docstrings (empty where it has none)."""

    code: str
    docs: str


def digest(*tokens: str) -> str:
    """The digest of a row of tokens; a token must not be two tokens with a NUL between them."""
    data = "\0".join((SCHEME, *tokens)).encode("utf-8", "surrogatepass")
    return f"{SCHEME}:{hashlib.sha256(data).hexdigest()[:_HALF]}"


def of_bytes(data: bytes) -> str:
    """The digest of a file that is taken as it is."""
    return f"{SCHEME}:{hashlib.sha256(SCHEME.encode() + b'=' + data).hexdigest()[:_HALF]}"


def of_node(node: ast.AST, *, without: str = "") -> Digests:
    """The digests of a node and all below it, but for one field of the node itself."""
    tokens: list[str] = []
    docs: list[str] = []
    _write(node, without, tokens, docs)
    return Digests(digest(*tokens), digest(*docs) if docs else "")


def _write(root: ast.AST, without: str, tokens: list[str], docs: list[str]) -> None:
    # A stack of what is still to be written, not recursion: a sum of thousands of terms is as deep as it is long.
    stack: list[ast.AST | str] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            tokens.append(item)
        elif isinstance(item, ast.Constant):
            tokens.append(_constant(item.value))
        elif isinstance(item, ast.Name):
            tokens.append("n" + item.id)
        elif isinstance(item, ast.JoinedStr):
            stack.append("]")
            stack.extend(reversed(list(_parts(item))))
            tokens.append("[f")
        else:
            fields = _kept(item._fields)
            tokens.append("(" + type(item).__name__)
            if not fields:
                continue
            if isinstance(item, _DOCUMENTED) and (text := docstring(item)) is not None:
                docs.append(f"{len(tokens)} {inspect.cleandoc(text)}")
            stack.append(")")
            for field in fields:
                if item is not root or field != without:
                    _push(stack, field, getattr(item, field, None))


@cache
def _kept(fields: tuple[str, ...]) -> tuple[str, ...]:
    # By name, not in the order of the grammar; backwards, since they go through a stack.
    return tuple(sorted(set(fields) - _IGNORED, reverse=True))


def _push(stack: list[ast.AST | str], field: str, value: object) -> None:
    """Add a field to what is still to be written; empty ones say nothing, so a Python may add such a field."""
    if isinstance(value, list):
        items = [item for item in value if not is_idle(item)] if field in _BODIES else value
        if items:
            stack.append("]")
            stack.extend(_item(item) for item in reversed(items))
            stack.append("[" + field)
    elif isinstance(value, ast.JoinedStr) and field == "format_spec" and not any(_parts(value)):
        pass  # f"{x:}" is f"{x}", and some Pythons read the one as the other
    elif value is not None and (field != "level" or value):
        stack.append(_item(value))
        stack.append("." + field)


def _item(value: object) -> ast.AST | str:
    if isinstance(value, ast.AST):
        return value
    if value is None:
        return "~"
    return f"'{value}"


def _parts(text: ast.JoinedStr) -> Iterator[ast.AST]:
    """The parts of an f-string, neighbouring texts joined: Pythons split them at different places."""
    plain = ""
    queue: list[ast.AST] = list(reversed(text.values))
    while queue:
        part = queue.pop()
        if isinstance(part, ast.JoinedStr):
            queue.extend(reversed(part.values))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            plain += part.value
        else:
            if plain:
                yield ast.Constant(plain)
            plain = ""
            yield part
    if plain:
        yield ast.Constant(plain)


def _constant(value: object) -> str:
    # The length in front keeps a text from looking like the tokens around it.
    if isinstance(value, str):
        return f"s{len(value)}:{value}"
    if isinstance(value, bool) or value is None or value is Ellipsis:
        return f"c{value}"
    if isinstance(value, int):
        return f"i{value:x}"  # decimal digits of huge numbers are refused by Python
    if isinstance(value, bytes):
        return f"b{value.hex()}"
    return f"{type(value).__name__} {value!r}"  # float and complex: their repr is exact


def docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module) -> str | None:
    """The docstring of a node as it is written, if it has one."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value.value if isinstance(first.value.value, str) else None
    return None


def is_idle(node: object) -> bool:
    """Whether a statement does nothing: `pass`, a docstring, another lone constant."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
