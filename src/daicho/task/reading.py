"""Which outputs of which tasks a task reads: what its code shows; in the published layout what it said of its files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from luigi.task_register import Register

from daicho._nearest import nearest
from daicho.errors import GraphError
from daicho.task.counting import counted, read_by_code
from daicho.task.layout import Read
from daicho.task.paths import called
from daicho.task.run_task import RunTask, layout_of

if TYPE_CHECKING:
    from daicho.task.graph import Edge, Node


def read_edges(node: Node, nodes: Mapping[str, Node]) -> tuple[Edge, ...]:
    """The edges of a task with what it reads by each; one more for each task further up that it reads by name.

    Args:
        node: The task.
        nodes: All tasks that it needs, by id.

    Raises:
        GraphError: If it reads the files of a task that it does not depend on, of one of several of that name, or
            a file that is no output.
    """
    if not isinstance(node.task, RunTask):
        return counted(node, nodes)
    wanted: dict[str, set[str]] = {}
    for read in layout_of(node.task).reads:
        needed = _needed(node, read, nodes)
        wanted.setdefault(needed.task_id, set()).update(_outputs(node, read, needed))
    direct = {edge.task_id for edge in node.edges}
    shown = read_by_code(node, nodes)
    edges = [
        _counting(edge, nodes[edge.task_id], wanted, shown.get(edge.role, frozenset()))
        for edge in _called_by_name(node.edges, nodes)
    ]
    edges += [
        replace(node.edges[0], role=nodes[task_id].family, task_id=task_id, reads=frozenset(roles))
        for task_id, roles in wanted.items()
        if task_id not in direct
    ]
    return tuple(edges)


def _called_by_name(edges: tuple[Edge, ...], nodes: Mapping[str, Node]) -> Iterator[Edge]:
    """What `requires()` gives goes by the name of its class, for so its files are asked for."""
    families = [nodes[edge.task_id].family for edge in edges]
    for edge, family in zip(edges, families, strict=True):
        named = edge.role.startswith("requires") and families.count(family) == 1
        yield replace(edge, role=family) if named else edge


def _counting(edge: Edge, needed: Node, wanted: Mapping[str, set[str]], shown: frozenset[str] | None) -> Edge:
    """Of a task with declared outputs only those count that are read; what plain Luigi makes counts as a whole."""
    if needed.kind == "plain" or shown is None:
        return edge
    return replace(edge, reads=shown.union(wanted.get(edge.task_id, ())))


def _needed(node: Node, read: Read, nodes: Mapping[str, Node]) -> Node:
    """The task whose files are read: the one of that name that it depends on, directly or else further up."""
    direct = [nodes[task_id] for task_id in dict.fromkeys(edge.task_id for edge in node.edges)]
    found = _of_name(read.task, direct) or _of_name(read.task, _upstream(direct, nodes))
    if len(found) == 1:
        return found[0]
    if found:
        raise GraphError(
            f"`{node.family}` reads path_config['{read.task}'], but depends on {len(found)} tasks `{found[0].family}`: "
            "which one is meant cannot be said by name",
            hints=(
                f"as a Task it can say so: an annotated attribute for each `{found[0].family}`, read by its outputs",
            ),
        )
    raise _undeclared(node, read, direct)


def _of_name(name: str, nodes: list[Node]) -> list[Node]:
    exact = [each for each in nodes if name in (each.family, type(each.task).__name__)]
    return exact or [each for each in nodes if called(name, type(each.task))]


def _upstream(direct: list[Node], nodes: Mapping[str, Node]) -> list[Node]:
    found = {each.task_id: each for each in direct}
    waiting = deque(direct)
    while waiting:
        for edge in waiting.popleft().edges:
            if edge.task_id not in found:
                found[edge.task_id] = nodes[edge.task_id]
                waiting.append(nodes[edge.task_id])
    return list(found.values())


def _undeclared(node: Node, read: Read, direct: list[Node]) -> GraphError:
    asked = f"`{node.family}.{read.name}` reads path_config['{read.task}']"
    kinds = [kind for kind in Register._reg if called(read.task, kind)]
    if not kinds:
        names = {kind.__name__ for kind in Register._reg if not kind.__module__.startswith("luigi")}
        return GraphError(
            f"{asked}, but `[PathConfig]` has no such key, and no task has that name",
            hints=nearest(read.task, names),
        )
    name = kinds[-1].__name__
    required = ", ".join([*(type(each.task).__name__ for each in direct), name])
    return GraphError(
        f"{asked}, but `{node.family}` does not depend on `{name}`",
        hints=(f"write `@requires({required})` above `class {type(node.task).__name__}`",),
    )


def _outputs(node: Node, read: Read, needed: Node) -> Iterator[str]:
    """The outputs that a path means: one file, a file in a folder that is one, or all that lie below it."""
    file = read.file.strip("/")
    found = [
        role
        for role, output in needed.outputs.items()
        if not file
        or output.name == file
        or output.name.startswith(f"{file}/")
        or file.startswith(f"{output.name}/")
    ]
    if not found and file:
        raise GraphError(
            f"`{node.family}.{read.name}` reads `{file}` of `{needed.family}`, which has no such output",
            hints=nearest(file, (output.name for output in needed.outputs.values())),
        )
    yield from found
