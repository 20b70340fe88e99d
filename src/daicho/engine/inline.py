"""Tasks in this very process, one after the other: for debuggers, tests, and tasks that other processes cannot find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from daicho.engine.assignment import Assignment, RunGiven
from daicho.engine.execute import announced
from daicho.engine.executor import Happening
from daicho.engine.stop import Stop
from daicho.engine.watch import CodeWatch
from daicho.ledger.active import RunReference
from daicho.task.runtime import ProjectRuntime


class Inline:
    """Runs a task when it is submitted. What it prints goes where this process prints.

    Args:
        runtime: The project's runtime in this process.
        ask: Gives a task's MLflow run; waits for the recorder.
        stop: Asked to raise while a task runs.
        code: The user's code in this process.
    """

    size = 1

    def __init__(
        self, runtime: ProjectRuntime, ask: Callable[[str], RunReference], stop: Stop, code: CodeWatch
    ) -> None:
        self._runtime = runtime
        self._ask = ask
        self._stop = stop
        self._code = code
        self._happened: list[Happening] = []

    def submit(self, task: Any, assignment: Assignment) -> None:
        """Run the task to its end."""
        Path(assignment.log).parent.mkdir(parents=True, exist_ok=True)
        with self._stop.interrupting():
            done = announced(
                task, assignment, self._runtime, lambda: self._ask(assignment.task_id), self._code
            )
        self._happened.append(done)

    def connections(self) -> Sequence[Connection]:
        """There is nothing to wait for."""
        return ()

    def happened(self, ready: Sequence[object]) -> list[Happening]:
        """What has ended since this was last asked."""
        found, self._happened = self._happened, []
        return found

    def give_run(self, task_id: str, run: RunGiven) -> None:
        """Tasks in this process ask directly."""

    def cancel(self) -> None:
        """The signal has reached the task itself."""

    def close(self) -> None:
        """Let modules be imported as ever."""
        self._code.end()
