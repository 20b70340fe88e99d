"""What runs next: heaps of ready tasks. Pure: events in, the next task out; Luigi's worker is its only caller.

Luigi's own scheduler looks at all tasks for each one that it gives out; this one counts what each still waits for.
Tasks that need the same resources stand in one line, so that what has to wait for a resource is looked at once for
all of its kind. Whoever waits for a resource keeps those behind it from taking it, so nobody waits for ever.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from luigi.task_status import DONE, PENDING

_ACTIVE = "active"

Needs = tuple[tuple[str, int], ...]
"""Resources by name, sorted."""


def amount_of(totals: Mapping[str, int], name: str) -> int:
    """How much there is of a resource: what is configured, else 1, as in Luigi."""
    return totals.get(name, 1)


@dataclass
class Scheduler:
    """The members that `luigi.worker.Worker` calls, for one worker in one process.

    Attributes:
        totals: How much there is of each resource; 1 where nothing is said.
    """

    totals: Mapping[str, int] = field(default_factory=dict)
    _status: dict[str, str] = field(default_factory=dict)
    _waits_for: dict[str, set[str]] = field(default_factory=dict)
    _needed_by: dict[str, list[str]] = field(default_factory=dict)
    _rank: dict[str, tuple[int, int]] = field(default_factory=dict)
    _needs: dict[str, Needs] = field(default_factory=dict)
    _lines: dict[Needs, list[tuple[int, int, str]]] = field(default_factory=dict)
    _ready: int = 0
    _used: Counter[str] = field(default_factory=Counter)
    _out: set[str] = field(default_factory=set)

    def add_task(
        self,
        task_id: str,
        status: str = PENDING,
        deps: list[str] | None = None,
        priority: int = 0,
        runnable: bool | None = True,
        resources: Mapping[str, int] | None = None,
        **_: Any,
    ) -> None:
        """A task is known, or its status has changed; it becomes ready when all that it needs is done.

        One that was given out and is pending again rests until `again` is called.
        """
        known = self._status.get(task_id)
        self._status[task_id] = status
        self._let_go(task_id)
        if status == DONE:
            self._done(task_id)
        elif known is None and status == PENDING and runnable:
            self._rank[task_id] = (-priority, len(self._rank))
            self._needs[task_id] = tuple(sorted((resources or {}).items()))
            waits = {needed for needed in deps or () if self._status.get(needed) != DONE}
            self._waits_for[task_id] = waits
            for needed in waits:
                self._needed_by.setdefault(needed, []).append(task_id)
            if not waits:
                self._push(task_id)

    def again(self, task_id: str) -> None:
        """A task that rested is ready for another turn."""
        self._push(task_id)

    def get_work(self, **_: Any) -> dict[str, Any]:
        """The next ready task: the one of the highest priority, among equals the one that was added first."""
        return self._answer(self._next())

    def count_pending(self, **_: Any) -> dict[str, Any]:
        """The same answer without giving a task out."""
        return self._answer(None)

    def ping(self, **_: Any) -> dict[str, list[Any]]:
        """Nobody has messages for the worker."""
        return {"rpc_messages": []}

    def add_worker(self, *_: Any, **__: Any) -> None:
        """There is only the one."""

    def add_task_batcher(self, **_: Any) -> None:
        """Tasks are not batched: each has a result of its own."""

    def announce_scheduling_failure(self, **_: Any) -> None:
        """Failures reach people by daicho's own events."""

    def _answer(self, task_id: str | None) -> dict[str, Any]:
        return {
            "task_id": task_id,
            "running_tasks": [],
            "n_pending_tasks": self._ready,
            "n_unique_pending": self._ready,
            "n_pending_last_scheduled": self._ready,
            "worker_state": _ACTIVE,
        }

    def _next(self) -> str | None:
        """Take the first of the lines whose resources are there."""
        fronts = [(line[0], needs) for needs, line in self._lines.items()]
        heapq.heapify(fronts)
        waited_for: set[str] = set()
        while fronts:
            (_, _, task_id), needs = heapq.heappop(fronts)
            lacking = {name for name, amount in needs if self._lacks(name, amount)}
            if not lacking and waited_for.isdisjoint(name for name, _ in needs):
                self._take(needs)
                self._used.update(dict(needs))
                self._out.add(task_id)
                return task_id
            waited_for |= lacking
        return None

    def _lacks(self, name: str, amount: int) -> bool:
        return self._used[name] + amount > amount_of(self.totals, name)

    def _take(self, needs: Needs) -> None:
        line = self._lines[needs]
        heapq.heappop(line)
        self._ready -= 1
        if not line:
            del self._lines[needs]

    def _let_go(self, task_id: str) -> None:
        if task_id in self._out:
            self._out.remove(task_id)
            self._used.subtract(dict(self._needs[task_id]))

    def _done(self, task_id: str) -> None:
        for dependant in self._needed_by.pop(task_id, ()):
            waits = self._waits_for[dependant]
            waits.discard(task_id)
            if not waits and self._status[dependant] == PENDING:
                self._push(dependant)

    def _push(self, task_id: str) -> None:
        line = self._lines.setdefault(self._needs[task_id], [])
        heapq.heappush(line, (*self._rank[task_id], task_id))
        self._ready += 1
