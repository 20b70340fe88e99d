"""Warm worker processes: started fresh, kept for many tasks, and missed at once when they die.

A worker's death is the end of its pipe, whatever ended it (exit code 0 included), so there is nothing to poll.
One whose task was too slow is not used again: the task may have left anything behind, and a message may be cut off.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from daicho._process import Child, hung_up, spawn
from daicho.engine import failure
from daicho.engine.assignment import (
    Assignment,
    Done,
    Entered,
    Progress,
    Run,
    RunGiven,
    RunWanted,
    Setup,
    TasksGiven,
    TasksWanted,
)
from daicho.engine.executor import Answer, Died, Happening, TimedOut
from daicho.errors import InternalError
from daicho.record import Failure
from daicho.task.spec import describe, rebuild

_MODULE = "daicho.engine.child"
_GRACE = 5.0  # seconds between asking a task to end and ending it
_EARLY = 0.5  # the same for one that has not begun: there is nothing to clean up


@dataclass
class _Worker:
    """A worker process, and its task if it has one.

    `begun` tells whether the task has; `due` is when it is too slow, `deadline` when it is killed, both on a clock
    that only goes forward.
    """

    child: Child
    known: set[str] = field(default_factory=set)
    task_id: str | None = None
    timeout: float | None = None
    begun: bool = False
    due: float | None = None
    deadline: float | None = None
    late: bool = False

    def ask_to_end(self) -> None:
        """SIGTERM, which raises KeyboardInterrupt in the task."""
        self.deadline = time.monotonic() + (_GRACE if self.begun else _EARLY)
        self.child.process.send_signal(signal.SIGTERM)

    def begin(self) -> None:
        """The task has begun: its time counts from now. One that was asked to end before that is asked again."""
        self.begun = True
        if self.timeout is not None:
            self.due = time.monotonic() + self.timeout
        if self.deadline is not None:
            self.ask_to_end()


class Pool:
    """Some worker processes. They import the user's modules when they start, beside the caller's work.

    Args:
        size: How many there may be.
        setup: What they are told first.
        environment: What they find in their environment beside this process's.
        ready: How many to start now; the others start when there is something for them to do.
        copies: Processes that wait to be workers, and are taken before others are started.
    """

    def __init__(
        self,
        size: int,
        setup: Setup,
        environment: Mapping[str, str],
        *,
        ready: int | None = None,
        copies: deque[Child] | None = None,
    ) -> None:
        self.size = size
        self._environment = {**os.environ, **environment}
        self._setup = replace(setup, environment=self._environment)
        self._copies = copies if copies is not None else deque()
        self._workers: list[_Worker] = []
        self._answer: Answer | None = None
        for _ in range(size if ready is None else min(ready, size)):
            self._start()

    def listen(self, answer: Answer) -> None:
        """Whom to ask when a task yields others."""
        self._answer = answer

    def submit(self, task: Any, assignment: Assignment) -> None:
        """Give a task to a worker that has none; a new one where one has died."""
        for idle in [each for each in self._workers if each.task_id is None]:
            if hung_up(idle.child.connection) or not idle.child.alive:
                self._bury(idle)  # a thread that an earlier task left behind may have ended it since
        if len(self._workers) < self.size and all(worker.task_id for worker in self._workers):
            self._start()
        worker = next((each for each in self._workers if each.task_id is None), None)
        if worker is None:
            raise InternalError("a task was given out, but no worker is free")
        specs = describe(task, worker.known)
        worker.task_id, worker.timeout, worker.begun, worker.due = (
            assignment.task_id, assignment.timeout, False, None
        )  # fmt: skip
        self._send(worker, Run(assignment, tuple(specs)))

    def connections(self) -> Sequence[Connection]:
        """The workers' pipes."""
        return [worker.child.connection for worker in self._workers]

    def happened(self, ready: Sequence[object]) -> list[Happening]:
        """Read one message from each pipe that is ready; the end of one is a death."""
        found: list[Happening] = []
        for worker in [each for each in self._workers if each.child.connection in ready]:
            try:
                message: Done | RunWanted | TasksWanted | Entered | Progress = worker.child.connection.recv()
            except (EOFError, OSError):
                found.extend(self._bury(worker))
                continue
            if isinstance(message, TasksWanted):
                self._send(worker, self._given(message))
            else:
                found.append(self._heard(worker, message))
        # A child that a task has forked holds the pipe open beyond the death of its worker.
        for worker in [each for each in self._workers if not each.child.alive]:
            if not worker.child.connection.poll():
                found.extend(self._bury(worker))
        self._end_late()
        return found

    def idle(self) -> bool:
        """What happens comes through the pipes."""
        return True

    def give_run(self, task_id: str, run: RunGiven) -> None:
        """Pass a run on to the worker that waits for it."""
        for worker in self._workers:
            if worker.task_id == task_id:
                self._send(worker, run)

    def cancel(self) -> None:
        """Ask each task to end as Ctrl-C would; SIGKILL after a grace."""
        for worker in self._workers:
            if worker.task_id is not None and worker.deadline is None:
                worker.ask_to_end()

    def close(self) -> None:
        """End all workers and what they have started."""
        for worker in self._workers:
            worker.child.signal_group(signal.SIGKILL)
        for worker in self._workers:
            worker.child.process.wait()
            worker.child.close()
        self._workers.clear()

    def _send(self, worker: _Worker, message: Run | RunGiven | TasksGiven) -> None:
        with suppress(OSError):  # it has died: the end of its pipe will say so
            worker.child.connection.send(message)

    def _given(self, message: TasksWanted) -> TasksGiven:
        """The answer to a worker whose task yields others."""
        if self._answer is None:
            return TasksGiven(False, problem=Failure("unasked", "nobody is here to run what it yields"))
        tasks: dict[str, Any] = {}
        try:
            rebuild(message.specs, tasks)
        except Exception as error:  # noqa: BLE001  # whatever the user's classes raise
            return TasksGiven(False, problem=failure.of_exception(error, Path(self._setup.root)))
        return self._answer(message.task_id, {role: tasks[task_id] for role, task_id in message.wanted})

    def _start(self) -> None:
        child = self._copies.popleft() if self._copies else spawn(_MODULE, environment=self._environment)
        with suppress(OSError):  # it has died: the end of its pipe will say so
            child.connection.send(self._setup)
        self._workers.append(_Worker(child))

    def _heard(self, worker: _Worker, message: Done | RunWanted | Entered | Progress) -> Happening:
        if isinstance(message, Entered) and not worker.begun:
            worker.begin()
        if not isinstance(message, Done):
            return message
        task_id, worker.task_id = worker.task_id, None
        if worker.deadline is not None:
            self._bury(worker)
        if worker.late and message.manifest.outcome == "interrupted" and task_id is not None:
            return TimedOut(task_id)
        return message

    def _bury(self, worker: _Worker) -> list[Happening]:
        self._workers.remove(worker)
        worker.child.signal_group(signal.SIGKILL)  # whatever it had started
        status = worker.child.process.wait()
        worker.child.close()
        if worker.task_id is None:
            return []
        return [TimedOut(worker.task_id) if worker.late else Died(worker.task_id, _how(status))]

    def _end_late(self) -> None:
        """Ask to end what is too slow; after the grace it is killed: code in C does not see a polite signal."""
        now = time.monotonic()
        for worker in [each for each in self._workers if each.task_id is not None]:
            if worker.due is not None and now > worker.due and worker.deadline is None:
                worker.late = True
                worker.ask_to_end()
            if worker.deadline is not None and now > worker.deadline:
                worker.child.signal_group(signal.SIGKILL)


def setup(root: str, modules: tuple[str, ...], settings: Any, code: Mapping[str, str]) -> Setup:
    """What a worker must know of this process to be like it."""
    return Setup(root, modules, settings, tuple(sys.path), os.getcwd(), code)


def _how(status: int) -> str:
    if status >= 0:
        return f"its process ended with exit status {status} before the task was done"
    name = signal.Signals(-status).name
    why = " (often the system's answer when memory runs out)" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{why}"
