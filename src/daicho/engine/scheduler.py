"""What runs next: a heap of ready tasks. Pure: events in, the next task out; Luigi's worker is its only caller.

Luigi's own scheduler looks at all tasks for each one that it gives out; this one counts what each still waits for.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

from luigi.task_status import DONE, PENDING

_ACTIVE = "active"


@dataclass
class Scheduler:
    """The members that `luigi.worker.Worker` calls, for one worker in one process."""

    _status: dict[str, str] = field(default_factory=dict)
    _waits_for: dict[str, set[str]] = field(default_factory=dict)
    _needed_by: dict[str, list[str]] = field(default_factory=dict)
    _priority: dict[str, tuple[int, int]] = field(default_factory=dict)
    _ready: list[tuple[int, int, str]] = field(default_factory=list)

    def add_task(
        self,
        task_id: str,
        status: str = PENDING,
        deps: list[str] | None = None,
        priority: int = 0,
        runnable: bool | None = True,
        **_: Any,
    ) -> None:
        """A task is known, or its status has changed; it becomes ready when all that it needs is done."""
        known = self._status.get(task_id)
        self._status[task_id] = status
        if status == DONE:
            self._done(task_id)
        elif known is None and status == PENDING and runnable:
            self._priority[task_id] = (-priority, len(self._priority))
            waits = {needed for needed in deps or () if self._status.get(needed) != DONE}
            self._waits_for[task_id] = waits
            for needed in waits:
                self._needed_by.setdefault(needed, []).append(task_id)
            if not waits:
                self._push(task_id)

    def get_work(self, **_: Any) -> dict[str, Any]:
        """The next ready task: the one of the highest priority, among equals the one that was added first."""
        task_id = heapq.heappop(self._ready)[2] if self._ready else None
        return self._answer(task_id)

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
        pending = len(self._ready)
        return {
            "task_id": task_id,
            "running_tasks": [],
            "n_pending_tasks": pending,
            "n_unique_pending": pending,
            "n_pending_last_scheduled": pending,
            "worker_state": _ACTIVE,
        }

    def _done(self, task_id: str) -> None:
        for dependant in self._needed_by.pop(task_id, ()):
            waits = self._waits_for[dependant]
            waits.discard(task_id)
            if not waits and self._status[dependant] == PENDING:
                self._push(dependant)

    def _push(self, task_id: str) -> None:
        priority, order = self._priority[task_id]
        heapq.heappush(self._ready, (priority, order, task_id))
