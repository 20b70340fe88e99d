"""Tasks in this very process, one after the other: for debuggers, tests, and tasks that other processes cannot find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from daicho.engine.assignment import Assignment, RunGiven
from daicho.engine.execute import announced
from daicho.engine.executor import Answer, Happening
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
        look: Shown what a task raised, before it is told on: a debugger.
    """

    size = 1

    def __init__(
        self,
        runtime: ProjectRuntime,
        ask: Callable[[str], RunReference],
        stop: Stop,
        code: CodeWatch,
        look: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._runtime = runtime
        self._ask = ask
        self._stop = stop
        self._code = code
        self._look = look
        self._happened: list[Happening] = []
        self._answer: Answer | None = None

    def listen(self, answer: Answer) -> None:
        """Whom to ask when a task yields others."""
        self._answer = answer

    def submit(self, task: Any, assignment: Assignment) -> None:
        """Run the task to its end."""
        Path(assignment.log).parent.mkdir(parents=True, exist_ok=True)
        with self._stop.interrupting():
            done = announced(
                task,
                assignment,
                self._runtime,
                lambda: self._ask(assignment.task_id),
                self._code,
                self._look,
                partial(self._answer, assignment.task_id) if self._answer is not None else None,
            )
        self._happened.append(done)

    def connections(self) -> Sequence[Connection]:
        """There is nothing to wait for."""
        return ()

    def happened(self, ready: Sequence[object]) -> list[Happening]:
        """What has ended since this was last asked."""
        found, self._happened = self._happened, []
        return found

    def idle(self) -> bool:
        """Whether no task has ended since this was last asked."""
        return not self._happened

    def give_run(self, task_id: str, run: RunGiven) -> None:
        """Tasks in this process ask directly."""

    def cancel(self) -> None:
        """The signal has reached the task itself."""

    def close(self) -> None:
        """Let modules be imported as ever."""
        self._code.end()
