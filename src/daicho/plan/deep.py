"""Deep keys: what a task is together with all that it stands on, known before any result is.

A key holds the content of what a task depends on, so it is known level by level, as results are found. A deep key holds
the deep keys of that instead: what the code, parameters and sources of all below it say. Where they are equal, keys are
mostly equal as well, but not always: a task may not be deterministic, and a task of plain Luigi is only its name here.
So they tell which keys are worth asking about early, and never what a result is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daicho.digest import of_bytes
from daicho.fingerprint.key import content_of
from daicho.fingerprint.parts import Parts
from daicho.plan.plan import Plan
from daicho.record import OutputRecord
from daicho.task.graph import Edge, Graph

_Heads = dict[tuple[str, int, int], str]


def deep_keys(
    graph: Graph, parts: Mapping[str, Parts], pinned: Mapping[str, Sequence[OutputRecord]]
) -> dict[str, str]:
    """The deep key of each task, by task id.

    Args:
        graph: All tasks. What they yield does not count, for it is not known before.
        parts: The parts of each task's key.
        pinned: What lies in the folders that tasks are pinned to.
    """
    found: dict[str, str] = {}
    heads: _Heads = {}
    for task_id, node in graph.nodes.items():
        below = sorted((edge.role, found[edge.task_id], _reads(edge)) for edge in node.edges)
        if node.kind == "plain":
            found[task_id] = _digest("plain", task_id)
        elif node.kind == "pinned":
            found[task_id] = _digest("pinned", content_of(pinned[task_id]))
        elif node.kind == "wrapper":
            found[task_id] = _digest("wrapper", below)
        else:
            found[task_id] = _digest("task", _own(parts[task_id], heads), below)
    return found


def deep_marks(graph: Graph, keys: Mapping[str, str]) -> tuple[str, str]:
    """The digests by which a launch is found: of the same graph, and of one with targets of the same names.

    Args:
        graph: All tasks.
        keys: The deep key of each.
    """
    same = sorted(keys[task_id] for task_id in graph.targets)
    like = sorted({graph.nodes[task_id].family for task_id in graph.targets})
    return _digest("same", same), _digest("like", like)


def left(plan: Plan, keys: Mapping[str, str | None]) -> tuple[tuple[str, str], dict[str, str]]:
    """What a launch leaves for the next: the digests by which it is found, and the keys of its results by deep key.

    Args:
        plan: What was done.
        keys: The key of each result, by task id; None for one that has none.
    """
    pinned = {task_id: decision.pinned for task_id, decision in plan}
    deep = deep_keys(plan.graph, plan.parts, pinned)
    kept = {deep[task_id]: key for task_id, key in keys.items() if key is not None}
    return deep_marks(plan.graph, deep), kept


def _own(parts: Parts, heads: _Heads) -> object:
    """What a task is but for what it depends on. Tasks of one class share much of it, which is digested once."""
    name = (f"{parts.task}\0{parts.version}", id(parts.code), id(parts.settings))
    if name not in heads:
        code, settings = sorted(parts.code.items()), sorted(parts.settings.items())
        heads[name] = _digest(parts.task, parts.version, code, settings)
    return (
        heads[name],
        sorted(parts.parameters.items()),
        sorted(parts.outputs.items()),
        sorted((source.role, source.digest) for source in parts.sources),
    )


def _reads(edge: Edge) -> list[str]:
    return ["*"] if edge.reads is None else sorted(edge.reads)


def _digest(*values: object) -> str:
    """Of texts, and of lists and tuples of such: many times as quick as the digest of a key, which takes any value."""
    return of_bytes(repr(values).encode())
