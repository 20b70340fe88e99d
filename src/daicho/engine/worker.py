"""Luigi's worker, driven directly: it walks the graph and keeps the order; what a turn means is told by a launch.

Members of `luigi.worker.Worker` that are not public are used here and nowhere else; a contract test holds them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import luigi
import luigi.worker
from luigi.task_status import DONE, FAILED, PENDING

from daicho.engine.scheduler import Scheduler


class Turns(Protocol):
    """What the worker needs of a launch."""

    def turn(self, task_id: str) -> None:
        """A task's turn has come: reuse its result, or start it. Either ends in a result."""

    def next_result(self) -> tuple[str, bool | None]:
        """Wait for the next task to end; whether it is done, or None if it rests until it gets another turn.

        Raises:
            queue.Empty: If none has ended, but one that rested is ready for its turn.
        """

    def resting(self) -> bool:
        """Whether there are tasks that rest."""

    def rest(self) -> None:
        """Nothing runs: wait until one of those that rest is ready."""


@dataclass
class _Handle:
    """What the worker asks of a task's process: ours tells of its end by itself."""

    task: luigi.Task
    use_multiprocessing: bool = False
    exitcode: int = 0
    timeout_time: float | None = None

    def is_alive(self) -> bool:
        return False


@dataclass
class _Results:
    """The worker's queue of results."""

    turns: Turns

    def get(self, timeout: float | None = None) -> tuple[str, str, str, list[Any], list[Any]]:
        task_id, done = self.turns.next_result()
        status = PENDING if done is None else DONE if done else FAILED
        return task_id, status, "", [], []

    def close(self) -> None:
        """The launch ends what it has started."""


class Worker(luigi.worker.Worker):
    """Runs the tasks of a launch in the order that Luigi gives.

    Args:
        turns: The launch.
        size: How many tasks may run at once.
        resources: How much there is of each resource.
    """

    def __init__(self, turns: Turns, size: int, resources: Mapping[str, int] | None = None) -> None:
        logging.getLogger("luigi-interface").addHandler(logging.NullHandler())
        self._heaps = Scheduler(resources or {})
        super().__init__(
            scheduler=self._heaps,
            worker_id="daicho",
            worker_processes=size,
            no_install_shutdown_handler=True,
            send_failure_email=False,
            check_unfulfilled_deps=False,
            retry_external_tasks=True,  # data that is not there gets a turn, too: it is then that it is missed
        )
        self._turns = turns
        self._task_result_queue: Any = _Results(turns)

    def stop_starting(self) -> None:
        """Start nothing more; what runs may finish."""
        self._start_phasing_out()

    def again(self, task_id: str) -> None:
        """A task that rested is ready for another turn."""
        self._heaps.again(task_id)

    def _add(self, task: luigi.Task, is_complete: Any) -> Iterator[luigi.Task]:
        """Schedule a task and walk on; what several targets have in common is walked through once."""
        if task.task_id not in self._scheduled_tasks:
            yield from super()._add(task, is_complete)

    def _run_task(self, task_id: str) -> None:
        self._running_tasks[task_id] = _Handle(self._scheduled_tasks[task_id])
        self._turns.turn(task_id)

    def _keep_alive(self, get_work_response: Any) -> bool:
        """Whether to go on although nothing runs and nothing is ready."""
        return not self._stop_requesting_work and self._turns.resting()

    def _sleeper(self) -> Iterator[None]:
        while True:
            self._turns.rest()
            yield
