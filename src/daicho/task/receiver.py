"""What a function does with its first argument, by its text: the attributes that it takes, and what it takes of these.

Only plain steps are followed: `self.data.train`, `data = self.data`, `for part in self.parts`. Whatever else is done
with the argument, or with an attribute of it, counts as "anything": what is told here may be more than what is done,
and never less, but for what no text shows.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

ANYTHING: Final = "*"
"""Stands for whatever there is: the attribute itself is handed on, stored, compared, printed."""

ITEM: Final = "[]"
"""Stands for an item of it: the attribute is iterated, indexed or measured."""

_SEES_ALL: Final = frozenset({"locals", "vars", "eval", "exec"})

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Use:
    """What a function does with its first argument.

    Attributes:
        attributes: The attributes that it takes, each with what it takes of that: names, `ITEM`, `ANYTHING`.
        names: All other names in it: of functions, modules, classes, attributes of anything.
        escapes: Whether the argument may go somewhere else as a whole, where nobody knows what is done with it.
    """

    attributes: Mapping[str, frozenset[str]]
    names: frozenset[str]
    escapes: bool


@lru_cache(maxsize=256)
def functions(text: str) -> Mapping[tuple[int, str], Use]:
    """The functions of a file by first line (from 1, of the first decorator) and name; none if it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
    found = [node for node in ast.walk(tree) if isinstance(node, _Function)]
    return MappingProxyType({(_first_line(node), node.name): _use(node) for node in found})


def _first_line(node: _Function) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _use(function: _Function) -> Use:
    named = [*function.args.posonlyargs, *function.args.args]
    look = _Look(named[0].arg if named else "", function.body)
    if not named and function.args.vararg is not None:
        look.escapes = True
    look.all()
    taken = {name: frozenset(of) for name, of in look.taken.items()}
    return Use(MappingProxyType(taken), frozenset(look.names), look.escapes)


@dataclass
class _Look:
    """One look at the body of a function.

    Attributes:
        receiver: The name of its first argument.
        aliases: Names that may stand for an attribute of it, or for an item of one.
        placed: Expressions whose values are bound to such a name, and nothing else happens to them.
    """

    receiver: str
    body: list[ast.stmt]
    taken: dict[str, set[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    escapes: bool = False
    aliases: dict[str, set[str]] = field(default_factory=dict)
    placed: set[ast.AST] = field(default_factory=set)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def all(self) -> None:
        """Fill in what is found."""
        nodes = list(self._walk())
        # A name of a nested class, or of the module, is seen from elsewhere.
        if not any(isinstance(node, ast.ClassDef | ast.Global) for node in nodes):
            self._bind([each for node in nodes for each in _bindings(node)])
        for node in nodes:
            self._name(node)
            if self._is_receiver(node):
                self._receiver(node)
            else:
                for attribute in self._stands_for(node):
                    self.taken.setdefault(attribute, set()).update(self._taken(node))

    def _walk(self) -> Iterator[ast.AST]:
        """All nodes but those of annotations, which do nothing."""
        waiting: list[ast.AST] = list(self.body)
        while waiting:
            node = waiting.pop()
            yield node
            for name, value in ast.iter_fields(node):
                if name in ("annotation", "returns"):
                    continue
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST) and not isinstance(child, ast.expr_context):
                        self.parents[child] = node
                        waiting.append(child)

    # ------------------------------------------------------------------------------ names

    def _name(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and node.id != self.receiver:
            self.names.add(node.id)
            self.escapes |= node.id in _SEES_ALL
        elif isinstance(node, ast.Attribute):
            self.names.add(node.attr)
        elif isinstance(node, ast.alias):
            self.names.add(node.name.rpartition(".")[2])

    def _bind(self, bindings: list[tuple[ast.Name, ast.expr]]) -> None:
        """Find what the names stand for; one may be bound to what another stands for."""
        self.placed.update(value for _, value in bindings)
        growing = True
        while growing:
            growing = False
            for target, value in bindings:
                known = self.aliases.setdefault(target.id, set())
                growing |= not known.issuperset(more := self._stands_for(value))
                known |= more

    def _stands_for(self, node: ast.AST) -> set[str]:
        """The attributes of the first argument that an expression may be, or an item of."""
        while isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Attribute):
            return {node.attr} if self._is_receiver(node.value) else set()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            return self.aliases.get(node.id, set())
        return set()

    # ------------------------------------------------------------------------------ what is done

    def _is_receiver(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id == "super"
        return isinstance(node, ast.Name) and node.id == self.receiver and isinstance(node.ctx, ast.Load)

    def _receiver(self, node: ast.AST) -> None:
        parent = self.parents[node]
        if isinstance(parent, ast.Attribute):
            return
        called = parent.func if isinstance(parent, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else ""
        of_class = name == "type" and isinstance(self.parents[parent], ast.Attribute)
        self.escapes |= not (name == "super" or of_class)

    def _taken(self, node: ast.AST) -> Iterator[str]:
        """What is taken of an attribute at one place where it stands."""
        parent = self.parents[node]
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            yield ANYTHING
        elif isinstance(parent, ast.Subscript) and parent.value is node:
            yield ITEM
        elif node in self.placed:
            if not isinstance(parent, ast.Assign | ast.AnnAssign):
                yield ITEM
        elif isinstance(parent, ast.Attribute):
            above = self.parents[parent]
            yield parent.attr
            if isinstance(above, ast.Attribute) and above.attr == "task":
                yield ANYTHING  # an output knows its task
        elif isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "len":
            yield ITEM
        elif not _asks_for_none(parent):
            yield ANYTHING


def _bindings(node: ast.AST) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The names that a node binds, each to the value that it, or each item of which, it is bound to."""
    if isinstance(node, ast.Assign):
        names = [each for each in node.targets if isinstance(each, ast.Name)]
        if len(names) == len(node.targets):
            yield from ((name, node.value) for name in names)
    elif isinstance(node, ast.AnnAssign):
        if isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target, node.value
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        target, value = _each(node.target, node.iter)
        if isinstance(target, ast.Name):
            yield target, value


def _each(target: ast.expr, values: ast.expr) -> tuple[ast.expr | None, ast.expr]:
    """What a loop binds to the items of what: `for x in a`, `a.values()`; `for _, x in a.items()`, `enumerate(a)`."""
    if not isinstance(values, ast.Call):
        return target, values
    function, second = values.func, None
    if isinstance(target, ast.Tuple) and len(target.elts) == 2:
        second = target.elts[1]
    if isinstance(function, ast.Attribute) and not values.args and not values.keywords:
        if function.attr == "items":
            return second, function.value
        return (target if function.attr == "values" else None), function.value
    if isinstance(function, ast.Name) and function.id == "enumerate" and values.args:
        return second, values.args[0]
    return None, values


def _asks_for_none(node: ast.AST) -> bool:
    """Whether it is `x is None` or `x is not None`."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Is | ast.IsNot):
        return False
    return [each.value for each in node.comparators if isinstance(each, ast.Constant)] == [None]
