"""Which expressions give the same value wherever the same files lie: literals, and what is put together from them."""

from __future__ import annotations

import ast
import builtins
import datetime as dt
import decimal
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, Final

import luigi

from daicho.task.declare import outputs_of
from daicho.task.field import param
from daicho.task.output import Output, output
from daicho.task.source import source
from daicho.task.steady._text import Bound, Text, Texts, imported

_FUNCTIONS: Final = frozenset({
    "abs", "bool", "dict", "divmod", "enumerate", "float", "frozenset", "int", "len", "list", "max", "min", "range",
    "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip",
})  # fmt: skip
_CONSTRUCTORS: Final = (
    dt.date, dt.datetime, dt.timedelta, decimal.Decimal, Path, PurePath, param, source, output,
)  # fmt: skip
_WAYS: Final = ("configured", "named")
_DECLARED_BY_FIELDS: Final = ("dataclasses", "pydantic.fields")
_READ_BY_NAME: Final = ("config", "path_config")
"""What the published layout's tasks read of themselves: what the configuration says."""

_PARTS: Final = (
    ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Subscript,
    ast.Slice, ast.JoinedStr, ast.FormattedValue, ast.Starred,
)  # fmt: skip
_LOOPS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: in which module, in a method of which class, with which names of its own."""

    text: Text
    kind: type | None = None
    local: frozenset[str] = frozenset()


@dataclass
class Expressions:
    """Looks at expressions; what names stand for is looked up once."""

    texts: Texts
    _names: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def odd(self, node: ast.AST, scope: Scope) -> str | None:
        """What in an expression may have another value next time: a sentence's end, with its line; None if nothing."""
        match node:
            case ast.Constant():
                return None
            case ast.Name(id=name):
                return self._name(node, name, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._loop(node, scope)
        if isinstance(node, _PARTS):
            children = (each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))
            return self.first(children, scope)
        return said(node, scope)

    def first(self, nodes: Any, scope: Scope) -> str | None:
        """What is odd in the first of several expressions that is."""
        return next((odd for node in nodes if (odd := self.odd(node, scope)) is not None), None)

    def resolve(self, node: ast.expr, scope: Scope) -> Any:
        """The object that a dotted name stands for now; None if it is none."""
        match node:
            case ast.Name(id=name):
                if name in scope.local:
                    return None
                return (
                    scope.text.value(name)
                    if name in vars(scope.text.module)
                    else getattr(builtins, name, None)
                )
            case ast.Attribute(value=value, attr=attr):
                owner = self.resolve(value, scope)
                return None if owner is None else inspect.getattr_static(owner, attr, None)
        return None

    def global_name(self, text: Text, name: str) -> str | None:
        """What is odd in the value of a module's name."""
        key = (text.name, name)
        if key not in self._names:
            self._names[key] = None  # for those that lead back to themselves
            self._names[key] = self._bound(text, name)
        return self._names[key]

    def _name(self, node: ast.AST, name: str, scope: Scope) -> str | None:
        if name in scope.local:
            return None
        if name in scope.text.bound or name in scope.text.deeper:
            return self.global_name(scope.text, name)
        return None if name in _FUNCTIONS else said(node, scope)

    def _bound(self, text: Text, name: str) -> str | None:
        if name in text.deeper or name not in text.bound:
            return f"`{name}` of `{text.name}`"
        return next(
            (odd for by in text.bound[name] if (odd := self._binding(text, name, by)) is not None), None
        )

    def _binding(self, text: Text, name: str, by: Bound) -> str | None:
        scope = Scope(text)
        match by:
            case ast.alias():
                module, inside = imported(by)
                own = self.texts.of(f"{module}.{inside}" if inside else module)
                if own is not None:
                    return None  # a module
                below = self.texts.of(module)
                return f"`{name}` of `{text.name}`" if below is None else self.global_name(below, inside)
            case ast.FunctionDef():
                return None
            case ast.ClassDef():
                return None if is_task(text.value(name)) else self.plain_class(by, text)
            case ast.Assign(value=value, targets=[ast.Name()]):
                return self.odd(value, scope)
            case ast.AnnAssign(value=value, target=ast.Name()) if value is not None:
                return self.odd(value, scope)
        return f"`{name}` of `{text.name}`"

    def _attribute(self, node: ast.Attribute, scope: Scope) -> str | None:
        if isinstance(node.value, ast.Name) and node.value.id == "self" and scope.kind is not None:
            return None if _is_declared(scope.kind, node.attr) else said(node, scope)
        owner = self.resolve(node.value, scope)
        if inspect.ismodule(owner):
            below = self.texts.of(owner.__name__)
            return self.global_name(below, node.attr) if below is not None else said(node, scope)
        if isinstance(owner, type) and not is_task(owner):
            return self.odd(node.value, scope)  # a member of an enumeration
        return said(node, scope)

    def _call(self, node: ast.Call, scope: Scope) -> str | None:
        given = [*node.args, *(each.value for each in node.keywords)]
        return self.first(given, scope) if self._may_be_called(node.func, scope) else said(node, scope)

    def _may_be_called(self, function: ast.expr, scope: Scope) -> bool:
        if isinstance(function, ast.Attribute):
            if isinstance(function.value, ast.Name) and function.value.id == "self":
                return function.attr == "clone" and scope.kind is not None
            if function.attr in _WAYS and is_task(self.resolve(function.value, scope)):
                return True
        found = self.resolve(function, scope)
        if found is None:
            return False
        if isinstance(found, type) and issubclass(found, luigi.Parameter):
            return found.__module__.partition(".")[0] in ("luigi", "daicho")
        builtin = isinstance(function, ast.Name) and found is getattr(builtins, function.id, None)
        if builtin:
            return isinstance(function, ast.Name) and function.id in _FUNCTIONS
        if is_task(found):
            return True
        if isinstance(found, type) and self.texts.is_own(found.__module__):
            return self.odd(function, scope) is None  # an object of a class that only holds values
        return found in _CONSTRUCTORS or _declares_a_field(found)

    def _loop(self, node: ast.AST, scope: Scope) -> str | None:
        assert isinstance(node, _LOOPS)
        for each in node.generators:
            odd = self.odd(each.iter, scope)
            if odd is not None:
                return odd
            scope = replace(scope, local=scope.local.union(names_in(each.target)))
            odd = self.first(each.ifs, scope)
            if odd is not None:
                return odd
        results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        return self.first(results, scope)

    def plain_class(self, node: ast.ClassDef, text: Text) -> str | None:
        """What is odd in a class of values: an enumeration, a model, a dataclass; validators are code."""
        scope = Scope(text)
        where = f"`{node.name}` of `{text.name}`"
        if any(self._is_own(each, scope) for each in (*node.decorator_list, *node.bases)) or node.keywords:
            return where
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    continue
                case ast.AnnAssign(value=value):
                    odd = None if value is None else self.odd(value, scope)
                case ast.Assign(value=value):
                    odd = self.odd(value, scope)
                case ast.FunctionDef(name=name, decorator_list=decorators):
                    odd = where if name.startswith(("_", "model_")) or not _are_plain(decorators) else None
                case _:
                    odd = where
            if odd is not None:
                return odd
        return None

    def _is_own(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a decorator or a base is code of the project, or cannot be told."""
        found = self.resolve(node.func if isinstance(node, ast.Call) else node, scope)
        if found is None:
            return True
        return self.texts.of(getattr(found, "__module__", "") or "") is not None


def is_task(value: object) -> bool:
    """Whether an object is a task class."""
    return isinstance(value, type) and issubclass(value, luigi.Task)


def names_in(target: ast.expr) -> Iterator[str]:
    """The names that a target binds."""
    return (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _is_declared(kind: type, name: str) -> bool:
    """Whether an attribute of a task is what was declared or configured, and not code that gives it."""
    found = inspect.getattr_static(kind, name, None)
    plain = isinstance(found, str | int | float | bool | tuple | list | dict | frozenset)
    return (
        plain
        or isinstance(found, luigi.Parameter | Output)
        or name in _READ_BY_NAME
        or name in outputs_of(kind)
    )


def _declares_a_field(found: object) -> bool:
    return getattr(found, "__module__", "") in _DECLARED_BY_FIELDS and getattr(found, "__name__", "") in (
        "field",
        "Field",
    )


def _are_plain(decorators: list[ast.expr]) -> bool:
    return all(
        isinstance(each, ast.Name) and each.id in ("property", "staticmethod", "classmethod")
        for each in decorators
    )


def said(node: ast.AST, scope: Scope) -> str:
    """What is odd, for people: the code, its module and line."""
    shown = ast.unparse(node).partition("\n")[0]
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    return f"`{shown}` of `{scope.text.name}`, line {getattr(node, 'lineno', 1)}"
