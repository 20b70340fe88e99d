"""What of a graph has to be looked at: the part that Luigi itself would see, with its wrappers known as such."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from daicho.errors import DaichoError, UsageError
from daicho.task import plain
from daicho.task.graph import Graph, Node
from daicho.task.task import Task


def needed(graph: Graph) -> Graph:
    """The graph without what only complete tasks of plain Luigi need: what made them may be gone, and stay so.

    A plain task that has neither outputs nor a `run()` of its own (`luigi.WrapperTask`) is a wrapper like ours.

    Raises:
        UsageError: If a plain task cannot say whether it is complete.
    """
    nodes = {task_id: _seen(node) for task_id, node in graph.nodes.items()}
    wanted = dict.fromkeys(graph.targets)
    waiting = list(graph.targets)
    while waiting:
        for edge in nodes[waiting.pop()].edges:
            if edge.task_id not in wanted:
                wanted[edge.task_id] = None
                waiting.append(edge.task_id)
    return Graph(graph.targets, {task_id: node for task_id, node in nodes.items() if task_id in wanted})


def complete(task: Any) -> bool:
    """Whether a task of plain Luigi says that it is complete.

    Raises:
        UsageError: If it cannot say.
    """
    try:
        return plain.complete(task)
    except DaichoError:
        raise
    except Exception as error:  # whatever the user's own code raises
        raise UsageError(
            f"`{task.get_task_family()}.complete()` failed: {type(error).__name__}: {error}",
            hints=("daicho asks tasks of plain Luigi whether they are complete, as Luigi does",),
        ) from error


def _seen(node: Node) -> Node:
    if node.kind != "plain" or not node.edges:
        return node
    if type(node.task).run is Task.run and plain.local_targets(node.task) == []:
        return replace(node, kind="wrapper")
    return replace(node, edges=()) if complete(node.task) else node
