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
from daicho.fingerprint.code._table import SCHEDULING, Part, Table, Unit

BODY = "<body>"
FILE = "<file>"


class Reached(NamedTuple):
    """A piece of code that was reached: its place, its digest, and those of its docstrings."""

    module: Module
    name: str
    line: int
    code: str
    docs: tuple[str, ...]

    @property
    def with_docs(self) -> str:
        """The digest with docstrings; made when it is asked for, for hardly anything is."""
        return digest("documented", self.code, *self.docs) if any(self.docs) else self.code


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
        step.reached.append(Reached(module, FILE, 1, table.opaque, ()))
        step.nodes.update(dict.fromkeys(Node("body", parent, "") for parent in self._finder.parents(module)))
        step.notes.add(f"{module.file} cannot be read as Python: all of it counts, what it uses does not")

    def _definition(self, step: Step, module: Module, name: str, table: Table) -> None:
        units = table.units_of(name)
        if not units:
            return
        is_task = any(unit.bases for unit in units) and self.names.is_task(module, name)
        parts = [unit.part._replace(code=unit.lean) if is_task and unit.lean else unit.part for unit in units]
        step.reached.append(_reached(module, name, parts))
        step.nodes[Node("body", module, "")] = None
        for unit in units:
            self._unit(step, module, name, unit, is_task=is_task)
        hooked = table.hooks.get(name, ())
        if hooked and not all(unit.is_import for unit in units):
            step.nodes.update(dict.fromkeys(Node("def", module, each) for each in hooked))

    def _unit(self, step: Step, module: Module, name: str, unit: Unit, *, is_task: bool) -> None:
        self._part(step, module, unit.part)
        if unit.members is None:
            return
        for part in _all(unit, without=SCHEDULING if is_task and unit.lean else frozenset()):
            self._part(step, module, part)
        # Inherited methods too: `run()` of a base may read what only this class declares.
        own = {
            each for *_, base in self.names.lineage(module, name) for part in _all(base) for each in part.own
        }
        step.nodes.update(dict.fromkeys(self.names.dependencies(module, name, own)))
        if is_task:  # what it says of its scheduling is code after all where a method reads it
            read = SCHEDULING if _all_of_self(own) else SCHEDULING & {each.partition(".")[0] for each in own}
            step.nodes.update(dict.fromkeys(Node("attr", module, f"{name}.{each}") for each in sorted(read)))

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
            if _all_of_self([dotted]):
                step.nodes[Node("def", module, kind)] = None
            else:
                step.nodes[Node("attr", module, f"{kind}.{name}")] = None
        step.nodes.update(dict.fromkeys(self.names.dependencies(module, kind, part.own)))

    def _part(self, step: Step, module: Module, part: Part) -> None:
        nodes, follow = step.nodes, self.names.follow  # this is most of what a warm start does
        for reference in part.refs:
            for node in follow(module, reference):
                nodes[node] = None
        for reference in part.soft:
            for node in follow(module, reference, soft=True):
                nodes[node] = None
        for line, text in part.notes:
            step.notes.add(f"{module.file}:{line} {text}")
        step.reads_docs |= part.reads_docs


def _all(unit: Unit, without: frozenset[str] = frozenset()) -> Iterator[Part]:
    members = (unit.members or {}).items()
    return (part for name, parts in members if name not in without for part in parts)


def _all_of_self(own: Iterable[str]) -> bool:
    """Whether `self` is handed on, or looked into: anything of it may be read."""
    return any(not dotted or dotted.startswith(("__", ".")) for dotted in own)


def _reached(module: Module, name: str, parts: list[Part]) -> Reached:
    code = parts[0].code if len(parts) == 1 else digest("several", *(part.code for part in parts))
    return Reached(module, name, parts[0].line, code, tuple(part.docs for part in parts))
