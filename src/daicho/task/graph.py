"""A target and all that it needs, as an immutable graph. Rings and clashes are found here, without recursion."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, takewhile
from pathlib import Path
from typing import Any, Literal

import luigi

from daicho.digest import encode
from daicho.errors import DeclarationError, GraphError
from daicho.provenance import looks_secret
from daicho.runtime import current
from daicho.task.output import Output
from daicho.task.paths import pin
from daicho.task.reading import read_edges
from daicho.task.secret import Secret, secrets_in
from daicho.task.task import EXACT, Task, declared_outputs

NodeKind = Literal["task", "wrapper", "plain", "pinned"]


@dataclass(frozen=True)
class Edge:
    """A dependency: `role` says by which way it is reached (`data`, `parts[0]`, `requires`).

    `reads` names the outputs that count, where it is known that no others are read; None for all.
    """

    role: str
    task_id: str
    reads: frozenset[str] | None = None

    def or_by(self, other: Edge) -> Edge:
        """This way, with what is read by another as well."""
        both = None if self.reads is None or other.reads is None else self.reads | other.reads
        return replace(self, reads=both)


@dataclass(frozen=True)
class Node:
    """A task in the graph.

    `kind` is `task` (ours: has a key and a run), `wrapper` (ours, without `run()`: only stands for what it needs),
    `plain` (any other Luigi task: runs unless complete, and is not recorded), or `pinned` (ours, but what it has is
    what lies in the folder `pin`: it neither runs nor needs anything; `pinned_to` is what the configuration says).
    `edges` are what it says that it needs; `yields` what its `run()` yields, as far as that is known: no part of its
    key, which is known before.
    """

    task: Any
    kind: NodeKind
    edges: tuple[Edge, ...]
    pin: Path | None = None
    pinned_to: str | None = None
    yields: tuple[Edge, ...] = ()

    @property
    def needs(self) -> tuple[Edge, ...]:
        """All that must be there before it is done."""
        return (*self.edges, *self.yields)

    @property
    def task_id(self) -> str:
        """Luigi's identity of the task."""
        return str(self.task.task_id)

    @property
    def family(self) -> str:
        """The task's family: its name, with its namespace."""
        return str(self.task.get_task_family())

    @cached_property
    def outputs(self) -> Mapping[str, Output[Any]]:
        """The declared outputs by attribute; empty for plain Luigi tasks."""
        return declared_outputs(self.task)


@dataclass(frozen=True)
class Graph:
    """The nodes by task id, each after all that it needs; the targets are what was asked for."""

    targets: tuple[str, ...]
    nodes: Mapping[str, Node]

    @cached_property
    def dependants(self) -> Mapping[str, tuple[str, ...]]:
        """The tasks that need a task directly."""
        found: dict[str, list[str]] = {task_id: [] for task_id in self.nodes}
        for task_id, node in self.nodes.items():
            for needed in dict.fromkeys(edge.task_id for edge in node.needs):
                found[needed].append(task_id)
        return {task_id: tuple(others) for task_id, others in found.items()}

    def readable(self, task_id: str) -> Iterator[tuple[str, Node]]:
        """The tasks whose outputs a task may read, each once with its role: its own, and through wrappers theirs."""
        return ((edge.role, self.nodes[edge.task_id]) for edge in self.reads(task_id))

    def reads(self, task_id: str) -> Iterator[Edge]:
        """By which way a task may read others, each once, and which of their outputs: as for `readable`."""
        return self.through(self.nodes[task_id].needs)

    def through(self, edges: Iterable[Edge]) -> Iterator[Edge]:
        """What may be read by some edges: the tasks that they lead to, and through wrappers what these need."""
        waiting = deque(edges)
        found: dict[str, Edge] = {}
        while waiting:
            edge = waiting.popleft()
            known = found.get(edge.task_id)
            edge = edge if known is None else known.or_by(edge)
            if edge == known:
                continue
            found[edge.task_id] = edge
            node = self.nodes[edge.task_id]
            if node.kind == "wrapper":
                waiting.extend(
                    Edge(f"{edge.role}.{each.role}", each.task_id, edge.reads) for each in node.edges
                )
        return iter(found.values())

    def label(self, task_id: str) -> str:
        """A task's name for people: its family, with what tells it from others of the family where there are any."""
        return self._labels[task_id]

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        families: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            families.setdefault(node.family, []).append(node)
        return {task_id: label for nodes in families.values() for task_id, label in _told_apart(nodes)}

    def grown(self, more: Mapping[str, Node], yields: Mapping[str, tuple[Edge, ...]]) -> Graph:
        """The graph with further tasks in it, which some of its tasks yield.

        Raises:
            GraphError: If one of these needs the task that yields it.
        """
        changed = {task_id: replace(self.nodes[task_id], yields=edges) for task_id, edges in yields.items()}
        nodes = _inserted(self.nodes, more, changed)
        return Graph(self.targets, _ordered({**self.nodes, **more, **changed}) if nodes is None else nodes)

    def pruned(self) -> Graph:
        """The graph without what its targets do not need."""
        wanted = set(self.targets)
        waiting = list(self.targets)
        while waiting:
            found = {edge.task_id for edge in self.nodes[waiting.pop()].needs} - wanted
            wanted |= found
            waiting.extend(found)
        if len(wanted) == len(self.nodes):
            return self
        return Graph(
            self.targets, {task_id: node for task_id, node in self.nodes.items() if task_id in wanted}
        )


def build(*targets: luigi.Task, known: Mapping[str, Node] | None = None) -> Graph:
    """The graph of some targets.

    Args:
        targets: The tasks.
        known: Nodes that are there already, with all that they need; they are in the graph, too.

    Raises:
        GraphError: If tasks need each other in a ring, two classes share a name, or two instances differ only in
            what does not count.
        DeclarationError: If a task cannot be run as it is written.
        ParameterError: If a dependency cannot be built.
    """
    found: dict[str, Node] = dict(known or {})
    done: dict[str, Node] = dict(found)
    families: dict[str, type] = {node.family: type(node.task) for node in found.values()}
    path: dict[str, None] = {}  # the tasks that wait for the one in hand, in order
    stack: list[tuple[str, Iterator[luigi.Task]]] = []  # each with those it needs that are still to be seen

    def enter(task: luigi.Task) -> None:
        _refuse_namesake(families, task)
        folder, said = _pin(task, found)
        dependencies = _dependencies(task) if folder is None else []
        kind: NodeKind = _kind(task) if folder is None else "pinned"
        edges = tuple(Edge(role, each.task_id) for role, each in dependencies)
        found[task.task_id] = Node(task, kind, edges, folder, said)
        path[task.task_id] = None
        stack.append((task.task_id, iter([each for _, each in dependencies])))

    for target in targets:
        if target.task_id in found:
            _refuse_twin(found[target.task_id].task, target)
        else:
            enter(target)
        while stack:
            task_id, waiting = stack[-1]
            needed = next(waiting, None)
            if needed is None:
                stack.pop()
                path.pop(task_id)
                node = found[task_id]
                done[task_id] = replace(node, edges=read_edges(node, done)) if node.kind == "task" else node
            elif needed.task_id in path:
                raise _ring([*path], needed.task_id, found)
            elif needed.task_id in found:
                _refuse_twin(found[needed.task_id].task, needed)
            else:
                enter(needed)
    return Graph(tuple(dict.fromkeys(target.task_id for target in targets)), done)


def secrets_of(graph: Graph) -> Iterator[Secret]:
    """The secrets that tasks of a graph have."""
    for node in graph.nodes.values():
        yield from secrets_in(node.task.param_kwargs.values())


def _dependencies(task: luigi.Task) -> list[tuple[str, luigi.Task]]:
    if isinstance(task, Task):
        return task.dependencies()
    return [(f"requires[{place}]", each) for place, each in enumerate(task.deps())]


def _pin(task: luigi.Task, found: Mapping[str, Node]) -> tuple[Path | None, str | None]:
    """The folder that holds a task's outputs because the configuration says so, and what it says."""
    said = pin(type(task), current().paths, current().root) if isinstance(task, Task) else None
    if said is None:
        return None, None
    if any(type(node.task) is type(task) for node in found.values()):
        raise GraphError(
            f"`[PathConfig]` pins `{task.get_task_family()}`, but there are two tasks of it, with different parameters",
            hints=("take it out of `[PathConfig]`: daicho finds the results of both by itself",),
        )
    return said


def _kind(task: luigi.Task) -> NodeKind:
    if not isinstance(task, Task):
        return "plain"
    runs = type(task).run is not luigi.Task.run
    declared = declared_outputs(task)
    if declared and not runs:
        raise DeclarationError(
            f"`{type(task).__name__}` declares outputs but has no `run()` that saves them",
            hints=(f"write `def run(self)` that saves `{next(iter(declared))}`",),
        )
    return "task" if runs else "wrapper"


def _inserted(
    nodes: Mapping[str, Node], more: Mapping[str, Node], changed: Mapping[str, Node]
) -> dict[str, Node] | None:
    """The nodes with more of them, put before the first that has changed; None where that is no order."""
    before = dict(takewhile(lambda each: each[0] not in changed, nodes.items()))
    needs = chain.from_iterable(node.needs for node in (*more.values(), *changed.values()))
    if any(edge.task_id not in more and edge.task_id not in before for edge in needs):
        return None
    return {**before, **more, **nodes, **changed}


def _ordered(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """The nodes, each after all that it needs, else in the order in which they are."""
    done: dict[str, Node] = {}
    path: dict[str, None] = {}
    for first in nodes:
        stack = [] if first in done else [(first, iter(nodes[first].needs))]
        path.update(dict.fromkeys(task_id for task_id, _ in stack))
        while stack:
            task_id, waiting = stack[-1]
            needed = next((edge.task_id for edge in waiting if edge.task_id not in done), None)
            if needed is None:
                stack.pop()
                path.pop(task_id)
                done[task_id] = nodes[task_id]
            elif needed in path:
                raise _ring([*path], needed, nodes)
            else:
                path[needed] = None
                stack.append((needed, iter(nodes[needed].needs)))
    return done


def _refuse_twin(known: luigi.Task, task: luigi.Task) -> None:
    """Two instances that differ only where it does not count would get each other's result."""
    waiting = [
        (known, task)
    ]  # what is equal in all that counts has the same dependencies, but perhaps such twins
    while waiting:
        one, other = waiting.pop()
        if one is other or vars(one).get(EXACT, one) == vars(other).get(EXACT, other):
            continue
        for name, parameter in other.get_params():
            if not parameter.significant and encode(vars(one)[name]) != encode(vars(other)[name]):
                raise GraphError(
                    f"two tasks `{other.get_task_family()}` differ only in `{name}`, which does not count "
                    f"({vars(one)[name]!r} and {vars(other)[name]!r})",
                    hints=(f"give them one value, or make `{name}` significant",),
                )
        waiting.extend(
            zip(*([each for _, each in _dependencies(twin)] for twin in (one, other)), strict=False)
        )


def _refuse_namesake(families: dict[str, type], task: luigi.Task) -> None:
    kind, family = type(task), task.get_task_family()
    other = families.setdefault(family, kind)
    if (other.__module__, other.__qualname__) != (kind.__module__, kind.__qualname__):
        raise GraphError(
            f"two task classes are called `{family}`: one in `{other.__module__}`, one in `{kind.__module__}`",
            hints=('rename one, or give it a namespace: task_namespace = "…"',),
        )


def _ring(path: list[str], again: str, found: Mapping[str, Node]) -> GraphError:
    names = [f"`{found[task_id].family}`" for task_id in (*path[path.index(again) :], again)]
    shown = names if len(names) <= 8 else [*names[:4], "...", *names[-4:]]
    return GraphError(
        f"tasks depend on each other in a ring: {' -> '.join(shown)}",
        hints=("one of them has to do without another's output",),
    )


def _told_apart(siblings: list[Node]) -> list[tuple[str, str]]:
    """The label of each task of one family; with digits of its id where the parameters that are shown are equal."""
    differing = _differing(siblings)
    labels = [_distinct(node, differing) for node in siblings]
    often = Counter(labels)
    return [
        (node.task_id, label if often[label] == 1 else f"{label}#{node.task_id[-6:]}")
        for node, label in zip(siblings, labels, strict=True)
    ]


def _differing(siblings: list[Node]) -> list[str]:
    """The parameters that tell tasks of one family from each other; secrets must not."""
    first = siblings[0].task.param_kwargs
    return [
        name
        for name, value in first.items()
        if any(sibling.task.param_kwargs.get(name) != value for sibling in siblings)
        and not looks_secret(name)
    ]


def _distinct(node: Node, differing: list[str]) -> str:
    """`Trainer(seed=3)`: cut where there is much to tell."""
    if not differing:
        return node.family
    values = node.task.param_kwargs
    return f"{node.family}({', '.join(f'{name}={_short(values[name])}' for name in differing[:4])})"


def _short(value: Any) -> str:
    text = str(getattr(value, "task_id", value))
    return text if len(text) <= 24 else text[:21] + "..."
