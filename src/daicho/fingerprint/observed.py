"""What a task was seen to read or run beyond what its key holds: kept with its record, and matched on a later hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from daicho.digest import of_value
from daicho.task.graph import Graph
from daicho.task.plain import is_task

_PARAMETER = "parameter:"
_CODE = "code:"

CodeNow = Callable[[str], str | None]
"""Gives the digest that a piece of code which was seen to run has now; None if it is gone."""


def parameter(role: str, name: str) -> str:
    """The name under which the reading of a dependency's parameter is kept."""
    return f"{_PARAMETER}{role}.{name}"


def value_of(task: object, name: str) -> str:
    """The digest of a parameter's value."""
    value = vars(task)[name]
    return of_value(value.task_id if is_task(value) else value)


def differences(
    extra: Mapping[str, str], graph: Graph, task_id: str, code_now: CodeNow
) -> Iterator[tuple[str, str]]:
    """What was seen when a record was made and is not the same for a task now: what kind of thing, and its name.

    What a later version of daicho has seen, and this one does not know, is not known to be equal.
    """
    if not extra:
        return
    roles = {role: node.task for role, node in graph.readable(task_id)}
    for seen, digest in extra.items():
        if seen.startswith(_CODE):
            if code_now(seen) != digest:
                yield "code", seen.removeprefix(_CODE)
            continue
        role, _, name = seen.removeprefix(_PARAMETER).rpartition(".")
        task = roles.get(role)
        known = seen.startswith(_PARAMETER) and task is not None and name in vars(task)
        if not known or value_of(task, name) != digest:
            yield "parameter", seen.removeprefix(_PARAMETER)
