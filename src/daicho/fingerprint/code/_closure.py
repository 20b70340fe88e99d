"""The walk: from a class to all first-party code that it can reach.

The closure is a set, not a tree of digests: rings of definitions cost nothing, and what changed between two
closures is their difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from daicho.fingerprint.code._modules import Finder, Module
from daicho.fingerprint.code._names import Names, Node
from daicho.fingerprint.code._serialise import digest
from daicho.fingerprint.code._table import Part, Table, Unit

BODY = "<body>"
FILE = "<file>"


class Reached(NamedTuple):
    """A piece of code that was reached: its place, its digest without and with its docstrings."""

    module: Module
    name: str
    line: int
    code: str
    with_docs: str


@dataclass
class Step:
    """One node: the code that it stands for, where it leads, what cannot be followed."""

    reached: list[Reached] = field(default_factory=list)
    nodes: dict[Node, None] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    reads_docs: bool = False


class Closure:
    """Walks the graph of definitions; each node is looked at once, however many classes reach it."""

    def __init__(self, finder: Finder, read: Callable[[Module], Table]) -> None:
        self._finder = finder
        self._read = read
        self._steps: dict[Node, Step] = {}
        self.names = Names(finder, read)

    def walk(self, start: Iterable[Node], follow: Callable[[Node], bool] | None = None) -> Iterator[Step]:
        """All steps that can be reached, each once; `follow` may refuse nodes that lie behind the first ones."""
        stack = list(start)
        seen = set(stack)
        while stack:
            node = stack.pop()
            step = self.step(node)
            yield step
            fresh = step.nodes.keys() - seen
            seen |= fresh
            stack.extend(each for each in fresh if follow is None or follow(each))

    def step(self, node: Node) -> Step:
        """One node, without what it leads to."""
        if node not in self._steps:
            self._steps[node] = self._step(node)
        return self._steps[node]

    def _step(self, node: Node) -> Step:
        step = Step()
        if node.module is None:
            return step
        table = self._read(node.module)
        if table.opaque:
            self._file(step, node.module, table)
        elif node.kind == "def":
            self._definition(step, node.module, node.name, table)
        elif node.kind == "body":
            self._body(step, node.module, table)
        elif node.kind == "whole":
            self._whole(step, node.module, table)
        else:
            self._member(step, node)
        return step

    # ------------------------------------------------------------------------------ kinds of nodes

    def _file(self, step: Step, module: Module, table: Table) -> None:
        step.reached.append(Reached(module, FILE, 1, table.opaque, table.opaque))
        step.nodes.update(dict.fromkeys(Node("body", parent, "") for parent in self._finder.parents(module)))
        step.notes.add(f"{module.file} cannot be read as Python: all of it counts, what it uses does not")

    def _definition(self, step: Step, module: Module, name: str, table: Table) -> None:
        units = table.units_of(name)
        if not units:
            return
        step.reached.append(_reached(module, name, [unit.part for unit in units]))
        step.nodes[Node("body", module, "")] = None
        for unit in units:
            self._unit(step, module, name, unit)
        if not all(unit.is_import for unit in units):
            hooked = table.hooks.get(name, ())
            step.nodes.update(dict.fromkeys(Node("def", module, each) for each in hooked))

    def _unit(self, step: Step, module: Module, name: str, unit: Unit) -> None:
        self._part(step, module, unit.part)
        if unit.members is None:
            return
        for part in _all(unit):
            self._part(step, module, part)
        # Inherited methods too: `run()` of a base may read what only this class declares.
        own = {
            each for *_, base in self.names.lineage(module, name) for part in _all(base) for each in part.own
        }
        step.nodes.update(dict.fromkeys(self.names.dependencies(module, name, own)))

    def _body(self, step: Step, module: Module, table: Table) -> None:
        parts = [table.unit(number).part for number in table.effects]
        if parts:
            step.reached.append(_reached(module, BODY, parts))
        for part in parts:
            self._part(step, module, part)
        step.nodes.update(dict.fromkeys(Node("body", parent, "") for parent in self._finder.parents(module)))

    def _whole(self, step: Step, module: Module, table: Table) -> None:
        step.nodes[Node("body", module, "")] = None
        for name in table.names:
            step.nodes[Node("def", module, name)] = None
            for target in table.imports.get(name, ()):
                if not target.endswith(":"):  # what it took from elsewhere can be had from it
                    step.nodes.update(dict.fromkeys(self.names.follow(module, target)))
        for star in table.stars:
            step.nodes.update(dict.fromkeys(self.names.follow(module, star)))

    def _member(self, step: Step, node: Node) -> None:
        """One attribute of a task class that is used from outside: it, and what it uses of its own class."""
        assert node.module is not None
        kind, _, name = node.name.partition(".")
        step.nodes[Node("body", node.module, "")] = None
        for module, owner, parts in self.names.members(node.module, kind, name):
            if node.kind == "need" and all(part.declared for part in parts):
                continue
            step.reached.append(_reached(module, f"{owner}.{name}", parts))
            step.nodes[Node("body", module, "")] = None
            for part in parts:
                self._part(step, module, part)
                self._of_self(step, node.module, kind, part)

    def _of_self(self, step: Step, module: Module, kind: str, part: Part) -> None:
        for dotted in part.own:
            name = dotted.partition(".")[0]
            if not name or name.startswith("__"):  # `self` is handed on, or looked into: anything of it
                step.nodes[Node("def", module, kind)] = None
            else:
                step.nodes[Node("attr", module, f"{kind}.{name}")] = None
        step.nodes.update(dict.fromkeys(self.names.dependencies(module, kind, part.own)))

    def _part(self, step: Step, module: Module, part: Part) -> None:
        for reference in part.refs:
            step.nodes.update(dict.fromkeys(self.names.follow(module, reference)))
        for reference in part.soft:
            step.nodes.update(dict.fromkeys(self.names.follow(module, reference, soft=True)))
        step.notes.update(f"{module.file}:{line} {text}" for line, text in part.notes)
        step.reads_docs |= part.reads_docs


def _all(unit: Unit) -> Iterator[Part]:
    return (part for parts in (unit.members or {}).values() for part in parts)


def _reached(module: Module, name: str, parts: list[Part]) -> Reached:
    code = parts[0].code if len(parts) == 1 else digest("several", *(part.code for part in parts))
    docs = [part.docs for part in parts]
    with_docs = digest("documented", code, *docs) if any(docs) else code
    return Reached(module, name, parts[0].line, code, with_docs)
