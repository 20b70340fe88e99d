"""A target and all that it needs, as an immutable graph. Rings and clashes are found here, without recursion."""

from __future__ import annotations

import inspect
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import luigi

from daicho.digest import encode
from daicho.errors import DeclarationError, GraphError
from daicho.provenance import looks_secret
from daicho.task.declare import outputs_of
from daicho.task.output import Output
from daicho.task.task import EXACT, Task

NodeKind = Literal["task", "wrapper", "plain"]


@dataclass(frozen=True)
class Edge:
    """A dependency: `role` says by which way it is reached (`data`, `parts[0]`, `requires`)."""

    role: str
    task_id: str


@dataclass(frozen=True)
class Node:
    """A task in the graph.

    `kind` is `task` (ours: has a key and a run), `wrapper` (ours, without `run()`: only stands for what it needs),
    or `plain` (any other Luigi task: runs unless complete, and is not recorded).
    """

    task: Any
    kind: NodeKind
    edges: tuple[Edge, ...]

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
        return outputs_of(type(self.task)) if isinstance(self.task, Task) else {}


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
            for needed in dict.fromkeys(edge.task_id for edge in node.edges):
                found[needed].append(task_id)
        return {task_id: tuple(others) for task_id, others in found.items()}

    def readable(self, task_id: str) -> Iterator[tuple[str, Node]]:
        """The tasks whose outputs a task may read, each once with its role: its own, and through wrappers theirs."""
        waiting = deque((edge.role, edge.task_id) for edge in self.nodes[task_id].edges)
        seen: set[str] = set()
        while waiting:
            role, needed = waiting.popleft()
            if needed in seen:
                continue
            seen.add(needed)
            node = self.nodes[needed]
            yield role, node
            if node.kind == "wrapper":
                waiting.extend((f"{role}.{edge.role}", edge.task_id) for edge in node.edges)

    def label(self, task_id: str) -> str:
        """A task's name for people: its family, with what tells it from others of the family where there are any."""
        return self._labels[task_id]

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        families: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            families.setdefault(node.family, []).append(node)
        return {task_id: label for nodes in families.values() for task_id, label in _told_apart(nodes)}


def build(*targets: luigi.Task) -> Graph:
    """The graph of some targets.

    Raises:
        GraphError: If tasks need each other in a ring, two classes share a name, or two instances differ only in
            what does not count.
        DeclarationError: If a task cannot be run as it is written.
        ParameterError: If a dependency cannot be built.
    """
    found: dict[str, Node] = {}
    done: dict[str, Node] = {}
    families: dict[str, type] = {}
    path: dict[str, None] = {}  # the tasks that wait for the one in hand, in order
    stack: list[tuple[str, Iterator[luigi.Task]]] = []  # each with those it needs that are still to be seen

    def enter(task: luigi.Task) -> None:
        _refuse_namesake(families, task)
        dependencies = _dependencies(task)
        node = Node(task, _kind(task), tuple(Edge(role, each.task_id) for role, each in dependencies))
        found[task.task_id] = node
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
                done[task_id] = found[task_id]
            elif needed.task_id in path:
                raise _ring([*path], needed.task_id, found)
            elif needed.task_id in found:
                _refuse_twin(found[needed.task_id].task, needed)
            else:
                enter(needed)
    return Graph(tuple(dict.fromkeys(target.task_id for target in targets)), done)


def _dependencies(task: luigi.Task) -> list[tuple[str, luigi.Task]]:
    if isinstance(task, Task):
        return task.dependencies()
    return [(f"requires[{place}]", each) for place, each in enumerate(task.deps())]


def _kind(task: luigi.Task) -> NodeKind:
    if not isinstance(task, Task):
        return "plain"
    runs = type(task).run is not luigi.Task.run
    declared = outputs_of(type(task))
    if declared and not runs:
        raise DeclarationError(
            f"`{type(task).__name__}` declares outputs but has no `run()` that saves them",
            hints=(f"write `def run(self)` that saves `{next(iter(declared))}`",),
        )
    if runs and inspect.isgeneratorfunction(inspect.unwrap(type(task).run)):
        raise DeclarationError(
            f"`{type(task).__name__}.run()` yields: tasks that are found while running are not supported",
            hints=("declare what it needs: an annotated attribute, or `requires()`",),
        )
    return "task" if runs else "wrapper"


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
