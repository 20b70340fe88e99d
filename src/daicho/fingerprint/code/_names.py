"""From a reference to the definitions that it can mean: through imports, re-exports, star imports, packages.

The answer is a set of nodes, which are what the closure is made of:

    def      all statements that bind a name of a module
    attr     one member of a class, with the classes that it inherits from
    need     the same of a dependency: parameters and outputs are not code, they come by value and content
    body     what a module does when it is imported
    whole    everything in a module
    foreign  something that is not first-party, as `module:attributes`
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from daicho.fingerprint.code._modules import Finder, Module
from daicho.fingerprint.code._table import Part, Table, Unit

_ENGINES = frozenset({"luigi", "daicho"})


class Node(NamedTuple):
    """Something that code can reach."""

    kind: Literal["def", "attr", "need", "body", "whole", "foreign"]
    module: Module | None
    name: str


Seen = set[tuple[str, str, tuple[str, ...]]]


class Names:
    """Looks names up in the tables of modules, without importing any."""

    def __init__(self, finder: Finder, read: Callable[[Module], Table]) -> None:
        self._finder = finder
        self._read = read
        self._known: dict[tuple[Module, str, bool], tuple[Node, ...]] = {}
        self._tasks: dict[tuple[Module, str], bool] = {}

    def follow(self, module: Module, reference: str, *, soft: bool = False) -> tuple[Node, ...]:
        """What a reference that stands in a module can mean.

        Args:
            module: Where it stands.
            reference: As `_references` writes it.
            soft: Whether a task class is only named as a dependency there, so that it is not followed.
        """
        key = (module, reference, soft)
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(self._follow(module, reference, soft)))
        return self._known[key]

    def _follow(self, module: Module, reference: str, soft: bool) -> Iterator[Node]:
        if reference == "*":
            yield Node("whole", module, "")
        elif reference.endswith("!"):
            target = self._module(module, reference[:-1])
            if isinstance(target, Module):
                yield Node("body", target, "")
            else:
                yield Node("foreign", None, f"{target}:")
        elif ":" in reference:
            yield from self._import(module, reference, (), soft, set())
        else:
            name, *rest = reference.split(".")
            yield from self._name(module, name, tuple(rest), soft, set())

    # ------------------------------------------------------------------------------ names

    def _name(
        self, module: Module, name: str, rest: tuple[str, ...], soft: bool, seen: Seen
    ) -> Iterator[Node]:
        table = self._read(module)
        if not (table.stars or table.opaque or name in table.imports):  # most names lead nowhere else
            if name in table.names:
                yield from self._definition(module, name, rest, soft)
            return
        if (module.path, name, rest) in seen:
            return
        seen.add((module.path, name, rest))
        if table.opaque:
            yield Node("whole", module, "")
            return
        units = table.units_of(name)
        if units:
            targets = table.imports.get(name, ())
            if targets:
                yield Node("def", module, name)  # the import itself: another one would be other code
            for target in targets:
                yield from self._import(module, target, rest, soft, seen)
            if not all(unit.is_import for unit in units):
                yield from self._definition(module, name, rest, soft)
        # A star that stands below hides what is above it.
        starred = self._starred(module, table, name, rest, soft, seen)
        yield from (node for node in starred if not (units and node.kind == "foreign"))

    def _starred(
        self, module: Module, table: Table, name: str, rest: tuple[str, ...], soft: bool, seen: Seen
    ) -> Iterator[Node]:
        for star in table.stars:
            found = list(self._import(module, star + name, rest, soft, seen))
            if found:
                target = self._module(module, star[:-1])
                yield Node("def", module, "*")
                if isinstance(target, Module) and self._read(target).units_of("__all__"):
                    yield Node("def", target, "__all__")
                yield from found

    def _definition(self, module: Module, name: str, rest: tuple[str, ...], soft: bool) -> Iterator[Node]:
        if "__globals__" in rest:
            yield Node("whole", module, "")
        if (rest or soft) and self.is_task(module, name):
            if rest:
                yield Node("attr", module, f"{name}.{rest[0]}")
        else:
            yield Node("def", module, name)

    # ------------------------------------------------------------------------------ imports

    def _import(
        self, module: Module, target: str, rest: tuple[str, ...], soft: bool, seen: Seen
    ) -> Iterator[Node]:
        where, _, names = target.partition(":")
        wanted = (*(names.split(".") if names else ()), *rest)
        found = self._module(module, where)
        if isinstance(found, str):
            yield Node("foreign", None, f"{found}:{'.'.join(wanted)}")
        elif wanted:
            yield from self._attribute(found, wanted[0], wanted[1:], soft, seen)
        else:
            yield Node("whole", found, "")

    def _attribute(
        self, module: Module, name: str, rest: tuple[str, ...], soft: bool, seen: Seen
    ) -> Iterator[Node]:
        """An attribute of a module: a name of it, else a submodule, else what its `__getattr__` makes."""
        found = list(self._name(module, name, rest, soft, seen))
        if found:
            yield from found
            return
        if name == "__dict__":
            yield Node("whole", module, "")
            return
        child = self._finder.child(module, name)
        if child is not None and rest:
            yield from self._attribute(child, rest[0], rest[1:], soft, seen)
        elif child is not None:
            yield Node("whole", child, "")
        elif module.path:
            yield Node("body", module, "")
            if self._read(module).units_of("__getattr__"):
                yield Node("def", module, "__getattr__")

    def loaded(self, module: Module) -> Iterator[Module]:
        """The first-party modules that are imported when a module is, the packages around it included."""
        yield from self._finder.parents(module)
        for target in self._read(module).loads if module.path else ():
            where, _, name = target.partition(":")
            found = self._module(module, where)
            if not isinstance(found, Module):
                continue
            child = self._finder.child(found, name) if name else None
            yield from (each for each in (found, child) if each is not None)
            yield from self._finder.parents(found)

    def _module(self, importer: Module, spec: str) -> Module | str:
        """A first-party module, or the name of another."""
        dotted = spec.lstrip(".")
        level = len(spec) - len(dotted)
        find = self._finder
        found = find.relative(importer, level, dotted) if level else find.absolute(dotted, importer)
        return spec if found is None else found

    # ------------------------------------------------------------------------------ classes

    def is_task(self, module: Module, name: str) -> bool:
        """Whether a name is a class that derives from Luigi's tasks or from ours."""
        key = (module, name)
        if key not in self._tasks:
            self._tasks[key] = False  # for a class that derives from itself
            self._tasks[key] = any(self._is_task_node(node) for node in self.bases(module, name))
        return self._tasks[key]

    def bases(self, module: Module, name: str) -> Iterator[Node]:
        """What the classes of this name derive from."""
        for unit in self._read(module).units_of(name):
            for base in unit.bases:
                yield from self.follow(module, base)

    def _is_task_node(self, node: Node) -> bool:
        if node.module is not None:
            return node.kind == "def" and self.is_task(node.module, node.name)
        where, _, dotted = node.name.partition(":")
        if where.partition(".")[0] in _ENGINES and dotted.endswith("Task"):
            return True
        return _derives_from_task(sys.modules.get(where), dotted)

    def registering(self, module: Module) -> Iterator[str]:
        """The definitions of a module that have decorators or bases of the project, with these; tasks are none."""
        table = self._read(module)
        for name in table.names:
            if self.is_task(module, name):
                continue
            bases = [each for unit in table.units_of(name) for each in unit.bases]
            if any(node.module for base in bases for node in self.follow(module, base)):
                yield f"{module.name}:{name} {' '.join(bases)}"
        for name, decorators in table.decorated.items():
            if not self.is_task(module, name):
                yield f"{module.name}:{name} {decorators}"

    def lineage(self, module: Module, kind: str) -> Iterator[tuple[Module, str, Unit]]:
        """A class and the first-party classes that it inherits from."""
        queue, seen = [(module, kind)], set()
        while queue:
            place = queue.pop(0)
            if place in seen:
                continue
            seen.add(place)
            for unit in self._read(place[0]).units_of(place[1]):
                if unit.members is not None:
                    yield (*place, unit)
            bases = self.bases(*place)
            queue.extend((node.module, node.name) for node in bases if node.kind == "def" and node.module)

    def members(self, module: Module, kind: str, name: str) -> Iterator[tuple[Module, str, list[Part]]]:
        """What gives a class a member of this name, there and in its bases: module, class, statements."""
        for home, owner, unit in self.lineage(module, kind):
            assert unit.members is not None
            if name in unit.members:
                # Statements that bind nothing, `COLUMNS.append("a")`, may be about any of them.
                yield home, owner, [*unit.members[name], *unit.members.get("", ())]

    def dependencies(self, module: Module, kind: str, own: Iterable[str]) -> Iterator[Node]:
        """What a task takes from its dependencies' classes: `self.data.clean()`, where `data` is a task class.

        Args:
            module: The module of the class.
            kind: The class.
            own: Attributes of `self` that it reads.
        """
        for dotted in own:
            name, _, rest = dotted.partition(".")
            if not rest:
                continue
            attribute = rest.partition(".")[0]
            for home, _, parts in self.members(module, kind, name):
                for reference in {each for part in parts for each in part.soft}:
                    for node in self.follow(home, reference):
                        if node.kind == "def" and node.module and self.is_task(node.module, node.name):
                            yield Node("need", node.module, f"{node.name}.{attribute}")


def _derives_from_task(module: Any, dotted: str) -> bool:
    """Whether an imported class that is not first-party is a Luigi task."""
    found = module
    for name in dotted.split("."):
        found = getattr(found, name, None)
    return isinstance(found, type) and any(
        base.__name__ == "Task" and base.__module__.partition(".")[0] == "luigi" for base in found.__mro__
    )
