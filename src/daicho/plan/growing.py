"""A plan that grows: tasks that a `run()` yields join it, from records when it is planned, from itself when it runs.

A task that yields has a key like any other, of what it declares. What it yielded when a record was made stands in that
record: the same tasks are planned again, `yield` by `yield`, for what comes later may depend on what came before. Only
where all of them give what they gave then is the record still the task's result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.errors import DaichoError
from daicho.fingerprint import observed
from daicho.fingerprint.identity import Identity
from daicho.fingerprint.parts import Parts, parts_of
from daicho.fingerprint.pinned import pinned_outputs
from daicho.fingerprint.recalled import recalled
from daicho.plan.needed import needed
from daicho.plan.reasons import Place, Reason, seen
from daicho.record import OutputRecord, Record
from daicho.remembered import Digests
from daicho.task.graph import Edge, Graph, Node, build


@dataclass(frozen=True)
class More:
    """Tasks that join a graph, with what the planner must know of them."""

    nodes: Mapping[str, Node]
    parts: Mapping[str, Parts]
    pinned: Mapping[str, tuple[OutputRecord, ...]]
    places: Mapping[str, Place]
    forced: frozenset[str]


@dataclass(frozen=True)
class Soil:
    """What is known of a project, by which tasks become part of a plan.

    Attributes:
        root: The project's folder.
        identity: What the classes are.
        digests: Digests of files, remembered.
        settled: Makes the project's settings count for tasks that are built, for the length of a `with` block.
        force: Whether all tasks are to run although equal, or the names of those that are.
    """

    root: Path
    identity: Identity
    digests: Digests
    settled: Callable[[], AbstractContextManager[None]]
    force: bool | Collection[str] = False

    def parts(self, nodes: Iterable[Node]) -> dict[str, Parts]:
        """The parts of the keys of those nodes that have one.

        Raises:
            UsageError: If a source, a parameter or the code of one cannot be part of a key.
        """
        return {
            node.task_id: parts_of(
                node,
                root=self.root,
                code=self.identity.digests_of,
                digests=self.digests,
                settings=self.identity.settings_of,
            )
            for node in nodes
            if node.kind == "task"
        }

    def places(self) -> dict[str, Place]:
        """Where the symbols of the code stand."""
        return {name: Place(symbol.file, symbol.line) for name, symbol in self.identity.symbols()}

    def recalled(self, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The tasks that a record tells of, as they are built now: see `daicho.fingerprint.recalled`."""
        with self.settled():
            return recalled(entries, self.root)

    def more(self, graph: Graph, tasks: Iterable[Any]) -> More:
        """What some tasks and all that they need add to a graph.

        Raises:
            UsageError: If they cannot be run as they are, or clash with what is there.
        """
        with self.settled():
            found = needed(build(*tasks, known=graph.nodes))
            nodes = {task_id: node for task_id, node in found.nodes.items() if task_id not in graph.nodes}
            forced = {
                task_id for task_id, node in nodes.items() if node.kind == "task" and self._forces(node)
            }
            return More(
                nodes,
                self.parts(nodes.values()),
                pinned_outputs(Graph((), nodes), self.digests),
                self.places(),
                frozenset(forced),
            )

    def _forces(self, node: Node) -> bool:
        return self.force if isinstance(self.force, bool) else node.family in self.force


@dataclass
class Followed:
    """The records of one task's key, followed through what it yielded when they were made.

    Attributes:
        task_id: The task.
        graph: All tasks that are known.
        content: The content of a task whose result is there; None for others.
        soil: By what tasks join a plan.
        code_now: The digest that code which was seen to run has now.
        refused: Tasks that cannot join the graph, and why.
        forced: Whether the task is to run anyhow: then nothing has to be known.
        edges: What it yields, by the record that it is like, or else by the first that is not known to differ.
        tasks: The same as tasks.
        waits: Whether that has to be known before it can be decided.
    """

    task_id: str
    graph: Graph
    content: Callable[[str], str | None]
    soil: Soil | None
    code_now: observed.CodeNow
    refused: Mapping[str, str]
    forced: bool = False
    edges: tuple[Edge, ...] = ()
    tasks: dict[str, Any] = field(default_factory=dict)
    waits: bool = False
    _rank: int = 0

    def differing(self, record: Record) -> tuple[Reason, ...]:
        """What was seen to matter when a record was made, and is not the same, or not known to be, now."""
        tasks: dict[str, Any] = {}
        reason, waits = self._followed(record, tasks)
        if waits and self.forced:
            return ()
        found = observed.differences(record.extra, self.graph, self.task_id, self.code_now, tasks)
        reasons = tuple(seen(kind, name) for kind, name in found)
        if reasons:
            return reasons
        rank = 1 if reason is not None else 2 if waits else 3
        if rank > self._rank:
            self._rank, self.waits, self.tasks = rank, waits, tasks
            self.edges = tuple(Edge(role, task.task_id) for role, task in tasks.items())
        if waits:
            return (Reason("upstream", "what it yields has to be known first"),)
        return (reason,) if reason is not None else ()

    def unknown(self) -> list[str]:
        """The families of the tasks that have to be done first."""
        waited = (task for task in self.tasks.values() if self.content(task.task_id) is None)
        return list(dict.fromkeys(task.get_task_family() for task in waited))

    def _followed(self, record: Record, tasks: dict[str, Any]) -> tuple[Reason | None, bool]:
        """Why what it yields differs, if it does, and else whether that is not known; tasks are put in by role."""
        place = 0
        if self.soil is None:
            unplanned = any(map(observed.is_yield, record.extra))
            return (_other(observed.yield_at(0), "it is not planned") if unplanned else None), False
        try:
            for each in observed.yields_in(record.extra):
                recalled = self.soil.recalled(each.tasks)
                now = {role: recalled[task_id] for role, (task_id, _) in each.wanted.items()}
                tasks.update(now)
                for role, task in now.items():
                    if task.task_id in self.refused:
                        return _other(role, self.refused[task.task_id]), False
                    given = self.content(task.task_id)
                    if given not in (None, each.wanted[role][1]):
                        family = task.get_task_family()
                        return Reason("upstream", f"{role} (`{family}`) changed", name=role), False
                if any(self.content(task.task_id) is None for task in now.values()):
                    return None, True
                place += 1
        except DaichoError as error:
            return _other(observed.yield_at(place), error.message), False
        except (KeyError, IndexError, TypeError, ValueError):  # written by another version of daicho
            return _other(observed.yield_at(place), "it cannot be read"), False
        if sum(map(observed.is_yield, record.extra)) != place:
            return _other(observed.yield_at(place), "it cannot be read"), False
        return None, False


def grow(
    soil: Soil | None, graph: Graph, found: Collection[Followed], refused: dict[str, str]
) -> Iterator[tuple[Graph, More]]:
    """A graph with what tasks yielded by earlier records: all at once, or else one by one.

    Args:
        soil: By what tasks join a plan.
        graph: The graph.
        found: What was followed.
        refused: Gets the tasks that cannot join, and why.

    Yields:
        The graph as it grows, and what was added.
    """
    asked = [each for each in found if not each.forced and (each.edges or graph.nodes[each.task_id].yields)]
    if soil is None or not asked:
        return
    new = {task.task_id: task for each in asked if each.waits for task in each.tasks.values()}
    new = {task_id: task for task_id, task in new.items() if task_id not in graph.nodes}
    there = graph.nodes.keys() | new.keys()
    yields = {each.task_id: tuple(edge for edge in each.edges if edge.task_id in there) for each in asked}
    yields = {task_id: edges for task_id, edges in yields.items() if edges != graph.nodes[task_id].yields}
    if not yields:
        return
    try:
        more = soil.more(graph, new.values())
        graph = graph.grown(more.nodes, yields)
    except DaichoError as error:
        if len(asked) == 1:
            refused.update(dict.fromkeys(new or (edge.task_id for edge in asked[0].edges), error.message))
            return
    else:
        yield graph, more
        return
    for each in asked:
        for graph, more in grow(soil, graph, [each], refused):  # noqa: B020  # it grows with each
            yield graph, more


def _other(role: str, why: str) -> Reason:
    return Reason("upstream", f"what it yielded is another task now: {why}", name=role)
