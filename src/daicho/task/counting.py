"""Which outputs of what a task depends on count: those that its code reads, where that shows; else all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import luigi

from daicho.task.field import Field
from daicho.task.receiver import ANYTHING, ITEM
from daicho.task.usage import Usage, own_classes, usage_of

if TYPE_CHECKING:
    from daicho.task.graph import Edge, Node

_OF_CONTAINERS: Final = frozenset(dir(tuple)) | frozenset(dir(dict))
_PLAIN: Final = (str, bytes, int, float, tuple, frozenset, PurePath, type(None))


def counted(node: Node, nodes: Mapping[str, Node]) -> tuple[Edge, ...]:
    """The edges of a task, each with the outputs that count.

    All count of what is reached by `requires()`; of a task of which nothing is read, for then it is needed for
    what it does; and where anything but an output or a parameter of it is used.
    """
    if all(len(nodes[edge.task_id].outputs) < 2 for edge in node.edges):
        return node.edges  # nothing to tell apart
    read = read_by_code(node, nodes)
    return tuple(replace(edge, reads=_some(read.get(edge.role), nodes[edge.task_id])) for edge in node.edges)


def read_by_code(node: Node, nodes: Mapping[str, Node]) -> dict[str, frozenset[str] | None]:
    """What a task's code reads of each that an annotated attribute holds, by role; None where that does not show."""
    edges = [edge for edge in node.edges if edge.role.partition("[")[0] != "requires"]
    read: dict[str, frozenset[str] | None] = dict.fromkeys(edge.role for edge in edges)
    kind: type[luigi.Task] = type(node.task)
    usage = usage_of(kind) if edges else None
    if usage is None:
        return read
    for edge in edges:
        needed = nodes[edge.task_id]
        read[edge.role] = _read(edge.role, needed, usage)
        if read[edge.role] is None and (needed.edges or needed.kind == "pinned"):
            return dict.fromkeys(read)  # what it needs can be reached through it, and may be needed here, too
    return read


def _some(read: frozenset[str] | None, needed: Node) -> frozenset[str] | None:
    return read if read and read < needed.outputs.keys() else None


def _read(role: str, needed: Node, usage: Usage) -> frozenset[str] | None:
    attribute, bracket, _ = role.partition("[")
    taken = usage.taken.get(attribute, frozenset())
    loose = {ANYTHING, *(_OF_CONTAINERS if bracket else {ITEM})}
    if taken & loose or any(each.__name__ in usage.names for each in own_classes(type(needed.task))):
        return None
    read = {name for name in taken if name in needed.outputs}
    rest = taken - read - {ITEM}
    return frozenset(read) if all(_is_plain(needed.task, name) for name in rest) else None


def _is_plain(task: luigi.Task, name: str) -> bool:
    """Whether an attribute of a task is a parameter or a constant: nothing of what the task has made, or needs."""
    found: Any = getattr(type(task), name, None)
    if isinstance(found, Field):
        return not found.kind.holds_tasks
    if isinstance(found, luigi.Parameter):
        return not isinstance(vars(task).get(name), luigi.Task)
    return name == "task_id" or (hasattr(type(task), name) and isinstance(found, _PLAIN))
