"""What a task was seen to read, run or yield beyond what its key holds: kept, and matched on a later hit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daicho.digest import of_value
from daicho.task.graph import Graph
from daicho.task.plain import is_task
from daicho.task.run_task import CONFIG, RunTask, whole_section

_PARAMETER = "parameter:"
_CODE = "code:"
_YIELD = "yield["

CodeNow = Callable[[str], str | None]
"""Gives the digest that a piece of code which was seen to run has now; None if it is gone."""


def parameter(role: str, name: str) -> str:
    """The name under which the reading of a dependency's parameter is kept."""
    return f"{_PARAMETER}{role}.{name}"


def value_of(task: object, name: str) -> str:
    """The digest of a parameter's value, or of a task's whole section."""
    if name == CONFIG and isinstance(task, RunTask):
        return of_value(whole_section(task))
    value = vars(task)[name]
    return of_value(value.task_id if is_task(value) else value)


@dataclass(frozen=True)
class Yielded:
    """One `yield` of a `run()`.

    Attributes:
        tasks: What tells of the tasks, and of those among their values: see `daicho.fingerprint.recalled`.
        wanted: By the way to each task that was yielded (`yield[0]`, `yield[1]['a']`) its identity, and the content
            that it gave.
    """

    tasks: Sequence[Mapping[str, Any]]
    wanted: Mapping[str, tuple[str, str]]


def is_yield(name: str) -> bool:
    """Whether a role, or the name of something seen, is that of something yielded."""
    return name.startswith(_YIELD)


def yield_at(place: int) -> str:
    """The name under which a `yield` is kept, and the role of what it yields: the first is at 0."""
    return f"{_YIELD}{place}]"


def text_of(yielded: Yielded) -> str:
    """What is kept of a `yield`."""
    wanted = {role: list(each) for role, each in yielded.wanted.items()}
    return json.dumps({"tasks": list(yielded.tasks), "wanted": wanted}, separators=(",", ":"))


def yields_in(extra: Mapping[str, str]) -> Iterator[Yielded]:
    """What a task was seen to yield, in order."""
    place = 0
    while (text := extra.get(yield_at(place))) is not None:
        kept = json.loads(text)
        yield Yielded(kept["tasks"], {role: (each[0], each[1]) for role, each in kept["wanted"].items()})
        place += 1


def differences(
    extra: Mapping[str, str],
    graph: Graph,
    task_id: str,
    code_now: CodeNow,
    yielded: Mapping[str, object] | None = None,
) -> Iterator[tuple[str, str]]:
    """What was seen when a record was made and is not the same for a task now: what kind of thing, and its name.

    What a later version of daicho has seen, and this one does not know, is not known to be equal.

    Args:
        extra: What was seen.
        graph: The task and what it needs.
        task_id: The task.
        code_now: Gives the digest that a piece of code has now.
        yielded: The tasks that it would yield now, by role, as far as that is known; whether these are the same, and
            what is read of others, is not looked at here.
    """
    if not extra:
        return
    roles = {role: node.task for role, node in graph.readable(task_id)} | dict(yielded or {})
    for seen, digest in extra.items():
        if seen.startswith(_YIELD):
            continue
        if seen.startswith(_CODE):
            if code_now(seen) != digest:
                yield "code", seen.removeprefix(_CODE)
            continue
        role, _, name = seen.removeprefix(_PARAMETER).rpartition(".")
        task = roles.get(role)
        if task is None and is_yield(role):
            continue
        known = seen.startswith(_PARAMETER) and task is not None and _has(task, name)
        if not known or value_of(task, name) != digest:
            yield "parameter", seen.removeprefix(_PARAMETER)


def _has(task: object, name: str) -> bool:
    return name in vars(task) or (name == CONFIG and isinstance(task, RunTask))
