"""What the memory said a moment ago: one question for many tasks whose turns come one after the other."""

from __future__ import annotations

import time
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice, zip_longest

from daicho.plan.memory import Memory
from daicho.record import Record
from daicho.task.graph import Graph, Node

_FRESH = 1.0  # seconds: other machines record meanwhile
_MANY = 100  # tasks that are asked about at once


class Answers:
    """The memory's answers about keys, good for a moment.

    A `mark` says what else was heard of when it was asked: an answer stands as long as there is no other mark, too.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._kept: dict[str, tuple[float, object, Sequence[Record]]] = {}
        self._held: dict[str, Sequence[Record]] = {}

    def ask(self, keys: Collection[str], mark: object = None) -> None:
        """Ask now.

        Raises:
            StoreError: If the memory cannot be asked.
        """
        until = time.monotonic() + _FRESH
        found = self._memory.find(keys)
        self._kept = {key: each for key, each in self._kept.items() if time.monotonic() < each[0]}
        self._kept |= {key: (until, mark, found.get(key, ())) for key in keys}

    @contextmanager
    def held(self, keys: Collection[str]) -> Iterator[None]:
        """Ask now, and go by the answers for as long as a `with` block lasts, however long that is.

        Raises:
            StoreError: If the memory cannot be asked.
        """
        found = self._memory.find(keys) if keys else {}
        self._held = {key: found.get(key, ()) for key in keys}
        try:
            yield
        finally:
            self._held = {}

    def forget(self, key: str | None) -> None:
        """Ask about a key anew: there is a result of ours now."""
        self._kept.pop(key or "", None)

    def fresh(self, key: str) -> bool:
        """Whether it was asked about a moment ago."""
        kept = self._kept.get(key)
        return kept is not None and time.monotonic() < kept[0]

    def stands(self, key: str, mark: object) -> bool:
        """Whether it was asked about a moment ago, and nothing was heard of since."""
        return self.fresh(key) and self._kept[key][1] == mark

    def find(self, keys: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The records of keys, as they were a moment ago where they were asked about then.

        Raises:
            StoreError: If the memory cannot be asked.
        """
        known: dict[str, Sequence[Record]] = {}
        for key in keys:
            if key in self._held:
                known[key] = self._held[key]
            elif self.fresh(key):
                known[key] = self._kept[key][2]
        others = [key for key in keys if key not in known]
        return {**known, **self._memory.find(others)} if others else known


def asks(node: Node) -> bool:
    """Whether a task's results are asked for."""
    return node.kind == "task" and bool(node.task.cache)


def next_to(graph: Graph, task_id: str, turned: Container[str], known: Container[str]) -> Iterator[str]:
    """Some of the tasks that need what a task needs, wait for nothing else, and had no turn yet: the nearest ones,
    for nobody knows in which order turns come.

    Args:
        graph: All tasks.
        task_id: The task.
        turned: Those that had their turn.
        known: Those whose content is known.
    """
    edges = graph.nodes[task_id].edges
    beside = graph.dependants[edges[0].task_id] if edges else tuple(graph.nodes)
    place = beside.index(task_id)
    outward = chain.from_iterable(zip_longest(beside[place + 1 :], reversed(beside[:place])))
    nodes = ((each, graph.nodes[each]) for each in outward if each is not None and each not in turned)
    ripe = (each for each, node in nodes if asks(node) and all(edge.task_id in known for edge in node.edges))
    return islice(ripe, _MANY)
