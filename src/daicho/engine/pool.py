"""Warm worker processes: started fresh, kept for many tasks, and missed at once when they die.

A worker's death is the end of its pipe, whatever ended it (exit code 0 included), so there is nothing to poll.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from daicho._process import Child, spawn
from daicho.engine.assignment import Assignment, Done, Run, RunGiven, RunWanted, Setup
from daicho.engine.executor import Died, Happening
from daicho.errors import InternalError
from daicho.task.spec import describe

_MODULE = "daicho.engine.child"
_GRACE = 5.0  # seconds between asking a task to end and ending it


@dataclass
class _Worker:
    child: Child
    known: set[str] = field(default_factory=set)
    task_id: str | None = None


class Pool:
    """Some worker processes. They start, and import the user's modules, at once and beside the caller's work."""

    def __init__(self, size: int, setup: Setup, environment: Mapping[str, str]) -> None:
        self.size = size
        self._setup = setup
        self._environment = {**os.environ, **environment}
        self._workers: list[_Worker] = []
        self._deadline: float | None = None
        for _ in range(size):
            self._start()

    def submit(self, task: Any, assignment: Assignment) -> None:
        """Give a task to a worker that has none; a new one where one has died."""
        for idle in [each for each in self._workers if each.task_id is None and not each.child.alive]:
            self._bury(idle)  # a thread that an earlier task left behind may have ended it since
        if len(self._workers) < self.size and all(worker.task_id for worker in self._workers):
            self._start()
        worker = next((each for each in self._workers if each.task_id is None), None)
        if worker is None:
            raise InternalError("a task was given out, but no worker is free")
        specs = describe(task, worker.known)
        worker.task_id = assignment.task_id
        try:
            worker.child.connection.send(Run(assignment, tuple(specs)))
        except OSError:
            return  # it has died: the end of its pipe will say so

    def connections(self) -> Sequence[Connection]:
        """The workers' pipes."""
        return [worker.child.connection for worker in self._workers]

    def happened(self, ready: Sequence[object]) -> list[Happening]:
        """Read one message from each pipe that is ready; the end of one is a death."""
        found: list[Happening] = []
        for worker in [each for each in self._workers if each.child.connection in ready]:
            try:
                message: Done | RunWanted = worker.child.connection.recv()
            except (EOFError, OSError):
                found.extend(self._bury(worker))
                continue
            if isinstance(message, Done):
                worker.task_id = None
            found.append(message)
        # A child that a task has forked holds the pipe open beyond the death of its worker.
        for worker in [each for each in self._workers if not each.child.alive]:
            if not worker.child.connection.poll():
                found.extend(self._bury(worker))
        self._end_late()
        return found

    def give_run(self, task_id: str, run: RunGiven) -> None:
        """Pass a run on to the worker that waits for it."""
        for worker in self._workers:
            if worker.task_id == task_id:
                worker.child.connection.send(run)

    def cancel(self) -> None:
        """SIGTERM to each worker that has a task, which raises KeyboardInterrupt in it; SIGKILL after a grace."""
        self._deadline = time.monotonic() + _GRACE
        for worker in self._workers:
            if worker.task_id is not None:
                worker.child.process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End all workers and what they have started."""
        for worker in self._workers:
            worker.child.signal_group(signal.SIGKILL)
            worker.child.process.wait()
            worker.child.close()
        self._workers.clear()

    def _start(self) -> None:
        child = spawn(_MODULE, environment=self._environment)
        child.connection.send(self._setup)
        self._workers.append(_Worker(child))

    def _bury(self, worker: _Worker) -> list[Happening]:
        self._workers.remove(worker)
        worker.child.signal_group(signal.SIGKILL)  # whatever it had started
        status = worker.child.process.wait()
        worker.child.close()
        return [Died(worker.task_id, _how(status))] if worker.task_id is not None else []

    def _end_late(self) -> None:
        """After the grace, whatever still runs is killed: code in C does not see a polite signal."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            for worker in self._workers:
                if worker.task_id is not None:
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
