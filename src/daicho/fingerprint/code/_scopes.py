"""The names of a scope while it is read, and what they mean once all that is bound is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

HARD: Final = 0
SOFT: Final = 1  # where naming a task class makes it a dependency, not code that is run here
NOTE: Final = 2  # an annotation: soft, and texts in it are code


class Scope:
    """The names of a module, class, function or comprehension while it is read."""

    __slots__ = ("bound", "imports", "kind", "loads", "outward", "parent", "receiver")

    def __init__(self, kind: str, parent: Scope | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.bound: set[str] = set()
        self.outward: set[str] = set()  # declared global
        self.imports: dict[str, list[str]] = {}
        self.loads: set[tuple[str, int]] = set()
        self.receiver = ""  # `self` or `cls`, in a method


@dataclass
class References:
    """What was found; `own` are attributes of `self`, with `` for `self` as a whole."""

    refs: set[str] = field(default_factory=set)
    soft: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    notes: list[tuple[int, str]] = field(default_factory=list)
    reads_docs: bool = False
    bound: set[str] = field(default_factory=set)
    imports: dict[str, list[str]] = field(default_factory=dict)


def resolve(scopes: Iterable[Scope], found: References) -> None:
    """Sort the names that were read into references, once all that is bound is known."""
    for scope in scopes:
        for dotted, mode in scope.loads:
            target = found.refs if mode == HARD else found.soft
            target.update(_look_up(dotted, scope, found))


def _look_up(dotted: str, scope: Scope, found: References) -> Iterator[str]:
    name, _, rest = dotted.partition(".")
    if scope.kind == "class":
        found.own.add(dotted)
        yield from (_joined(target, rest) for target in scope.imports.get(name, ()))
    home: Scope | None = scope
    while home is not None and home.kind != "module":
        if home.kind != "class" and name in home.outward:
            break
        if home.kind != "class" and name in home.bound:
            if name == home.receiver:
                found.own.add(rest)
            yield from (_joined(target, rest) for target in home.imports.get(name, ()))
            return
        home = home.parent
    yield dotted


def _joined(target: str, rest: str) -> str:
    return target + rest if target.endswith(":") or not rest else f"{target}.{rest}"
