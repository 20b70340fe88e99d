"""How long the rest of a launch will take, if each task takes as long as the last time. Pure: no clock.

Two bounds, of which the larger holds: the longest path of tasks that wait for each other, and all work shared among
those who do it. Where a task never ran, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from daicho.plan.planner import Planner


@dataclass
class Forecast:
    """What is known of the time that is left.

    Attributes:
        jobs: How many tasks run at once.
        expected: How long each task that may run is expected to take, in seconds.
        complete: Whether that is known of all of them.
    """

    jobs: int = 1
    expected: dict[str, float] = field(default_factory=dict)
    complete: bool = False
    _paths: dict[str, float] = field(default_factory=dict)
    _work: float = 0.0
    _running: dict[str, float] = field(default_factory=dict)
    _longest: float = 0.0

    @classmethod
    def of(cls, planner: Planner, jobs: int, took: Callable[[str], float | None]) -> Forecast:
        """The forecast for a plan; `took` says how long a family took the last time."""
        graph = planner.graph
        families: dict[str, float | None] = {}
        found = cls(jobs, complete=True)
        for task_id, node in reversed(list(graph.nodes.items())):
            if planner.decisions[task_id].verdict == "reuse":
                continue
            seconds: float | None = 0.0
            if node.kind != "wrapper":
                if node.family not in families:
                    families[node.family] = took(node.family)
                seconds = families[node.family]
            found.complete = found.complete and seconds is not None
            above = max((found._paths.get(each, 0.0) for each in graph.dependants[task_id]), default=0.0)
            found._paths[task_id] = (seconds or 0.0) + above
            if seconds is not None and node.kind != "wrapper":
                found.expected[task_id] = seconds
        found._work = sum(found.expected.values())
        found._longest = max(found._paths.values(), default=0.0)
        return found

    def start(self, task_id: str, now: float) -> None:
        """A task starts."""
        self._running[task_id] = now

    def end(self, task_id: str) -> None:
        """A task needs no more time: it ended, or it is reused."""
        if self._paths.get(task_id) is not None:
            self._longest = self._paths.pop(task_id) - self.expected.get(task_id, 0.0)
            self._work -= self.expected.get(task_id, 0.0)
        self._running.pop(task_id, None)

    def left(self, now: float) -> float | None:
        """Seconds until all is done; None where that cannot be said."""
        if not self.complete:
            return None
        spent = {task_id: now - since for task_id, since in self._running.items()}
        paths = [
            self._paths.get(task_id, 0.0) - min(seconds, self.expected.get(task_id, 0.0))
            for task_id, seconds in spent.items()
        ]
        done = sum(min(seconds, self.expected.get(task_id, 0.0)) for task_id, seconds in spent.items())
        return max(max(paths, default=self._longest), (self._work - done) / self.jobs, 0.0)
