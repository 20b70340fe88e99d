"""Luigi's worker, driven directly: it walks the graph and keeps the order; what a turn means is told by a launch.

Members of `luigi.worker.Worker` that are not public are used here and nowhere else; a contract test holds them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Protocol

import luigi
import luigi.worker
from luigi.task_status import DONE, FAILED

from daicho.engine.scheduler import Scheduler


class Turns(Protocol):
    """What the worker needs of a launch."""

    def turn(self, task_id: str) -> None:
        """A task's turn has come: reuse its result, or start it. Either ends in a result."""

    def next_result(self) -> tuple[str, bool]:
        """Wait for the next task to end; whether it is done."""


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
        return task_id, DONE if done else FAILED, "", [], []

    def close(self) -> None:
        """The launch ends what it has started."""


class Worker(luigi.worker.Worker):
    """Runs the tasks of a launch in the order that Luigi gives."""

    def __init__(self, turns: Turns, size: int) -> None:
        logging.getLogger("luigi-interface").addHandler(logging.NullHandler())
        super().__init__(
            scheduler=Scheduler(),
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

    def _run_task(self, task_id: str) -> None:
        self._running_tasks[task_id] = _Handle(self._scheduled_tasks[task_id])
        self._turns.turn(task_id)
