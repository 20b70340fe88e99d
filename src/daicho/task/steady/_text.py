"""A first-party module as text beside the module that it became: what each of its names is bound by."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from daicho.task.find import is_first_party

Bound = ast.stmt | ast.alias


@dataclass(frozen=True, eq=False)
class Text:
    """A module's syntax tree.

    Attributes:
        module: The module itself, as it was imported.
        tree: What its file says.
        bound: What binds each name directly at the top; an imported name has the `alias` of its import.
        deeper: Names that are bound below an `if`, a `try`, a loop: what they are depends on how that goes.
    """

    module: ModuleType
    tree: ast.Module
    bound: dict[str, list[Bound]] = field(default_factory=dict)
    deeper: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The module's dotted name."""
        return self.module.__name__

    def value(self, name: str) -> Any:
        """What a name is in the imported module; None if it is not there."""
        return vars(self.module).get(name)


@dataclass
class Texts:
    """All first-party modules that were asked for, each read once."""

    root: Path
    _known: dict[str, Text | None] = field(default_factory=dict)

    def of(self, name: str) -> Text | None:
        """The module of that name; None if it is not first-party, not imported, or cannot be read."""
        if name not in self._known:
            self._known[name] = _read(name) if self.is_own(name) else None
        return self._known[name]

    def is_own(self, name: str) -> bool:
        """Whether a module is first-party; what was typed at a prompt is none."""
        there = getattr(sys.modules.get(name), "__file__", None) is not None
        return there and is_first_party(name, self.root)


def imported(alias: ast.alias) -> tuple[str, str]:
    """The module that an import names, and the name in it; empty where it is the module itself that is bound."""
    module: str = getattr(alias, "module", "")
    return (module, alias.name) if module else (alias.name, "")


def _read(name: str) -> Text | None:
    module = sys.modules[name]
    try:
        with open(str(module.__file__), "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    text = Text(module, tree)
    for statement in tree.body:
        direct = not isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While | ast.Match)
        for bound, by in _bindings(statement, module):
            if direct:
                text.bound.setdefault(bound, []).append(by)
            else:
                text.deeper.add(bound)
    return text


def _bindings(statement: ast.stmt, module: ModuleType) -> Iterator[tuple[str, Bound]]:
    """The names that a statement binds, with those below it that are not in a scope of their own."""
    match statement:
        case ast.Import(names=names):
            for alias in names:
                yield alias.asname or alias.name.partition(".")[0], alias
        case ast.ImportFrom(names=names):
            for alias in names:
                vars(alias)["module"] = _absolute(statement, module)
                yield alias.asname or alias.name, alias
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name, statement
        case _:
            for node in ast.iter_child_nodes(statement):
                if isinstance(node, ast.stmt):
                    yield from _bindings(node, module)
                elif isinstance(node, ast.ExceptHandler | ast.match_case):
                    for inner in node.body:
                        yield from _bindings(inner, module)
                else:
                    yield from ((each, statement) for each in _stored(node))


def _stored(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del):
            yield each.id


def _absolute(statement: ast.ImportFrom, module: ModuleType) -> str:
    if not statement.level:
        return statement.module or ""
    package = (module.__package__ or "").split(".")
    base = package[: len(package) - statement.level + 1]
    return ".".join([*base, statement.module] if statement.module else base)
