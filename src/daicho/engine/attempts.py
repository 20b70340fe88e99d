"""Attempts at tasks: which one each is at, what became of earlier ones, and which wait for the next. Pure: no clock."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from daicho.engine.results import Attempt
from daicho.task.patience import Patience


@dataclass
class Attempts:
    """The attempts of one launch. Moments are seconds on a clock that only goes forward."""

    _patience: dict[str, Patience] = field(default_factory=dict)
    _number: dict[str, int] = field(default_factory=dict)
    _ended: dict[str, list[Attempt]] = field(default_factory=dict)
    _resting: list[tuple[float, str]] = field(default_factory=list)

    def begin(self, task_id: str, patience: Patience) -> None:
        """A task starts, for the first time or once more."""
        self._patience[task_id] = patience
        self._number[task_id] = self.number(task_id) + 1

    def number(self, task_id: str) -> int:
        """How often it has started."""
        return self._number.get(task_id, 0)

    def most(self, task_id: str) -> int:
        """How often it may start."""
        return 1 + self._patience.get(task_id, Patience()).retries

    def timeout(self, task_id: str) -> float | None:
        """Seconds that one attempt may take."""
        return self._patience.get(task_id, Patience()).timeout

    def end(self, task_id: str, attempt: Attempt) -> None:
        """An attempt has ended."""
        self._ended.setdefault(task_id, []).append(attempt)

    def ended(self, task_id: str) -> tuple[Attempt, ...]:
        """The attempts that have ended."""
        return tuple(self._ended.get(task_id, ()))

    def rest(self, task_id: str, now: float) -> float | None:
        """Let a task that failed wait for its next attempt: for how many seconds; None if there is no more."""
        if self.number(task_id) >= self.most(task_id):
            return None
        pause = self._patience[task_id].pause(self.number(task_id))
        heapq.heappush(self._resting, (now + pause, task_id))
        return pause

    @property
    def next(self) -> float | None:
        """When the first of those that wait is due."""
        return self._resting[0][0] if self._resting else None

    def due(self, now: float) -> list[str]:
        """The tasks whose next attempt is due; they wait no longer."""
        found = []
        while self._resting and self._resting[0][0] <= now:
            found.append(heapq.heappop(self._resting)[1])
        return found

    def give_up(self) -> list[str]:
        """No further attempts: the tasks that waited for one."""
        waited, self._resting = [task_id for _, task_id in self._resting], []
        return waited
