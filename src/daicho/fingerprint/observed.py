"""What a task was seen to read beyond what its key holds: kept with its record, and matched again on a later hit."""

from __future__ import annotations

from collections.abc import Mapping

from daicho.digest import of_value
from daicho.task.graph import Graph
from daicho.task.plain import is_task

_PARAMETER = "parameter:"


def parameter(role: str, name: str) -> str:
    """The name under which the reading of a dependency's parameter is kept."""
    return f"{_PARAMETER}{role}.{name}"


def value_of(task: object, name: str) -> str:
    """The digest of a parameter's value."""
    value = vars(task)[name]
    return of_value(value.task_id if is_task(value) else value)


def still(extra: Mapping[str, str], graph: Graph, task_id: str) -> bool:
    """Whether all that was seen when a record was made is the same for a task now."""
    if not extra:
        return True
    roles = {role: node.task for role, node in graph.readable(task_id)}
    for seen, digest in extra.items():
        role, _, name = seen.removeprefix(_PARAMETER).rpartition(".")
        task = roles.get(role)
        if not seen.startswith(_PARAMETER) or task is None or name not in vars(task):
            return False  # seen by a later version of daicho, or no longer there: not known to be equal
        if value_of(task, name) != digest:
            return False
    return True
