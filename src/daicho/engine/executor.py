"""What runs tasks: the contract, of which there are two variants, `pool` (processes) and `inline` (this one).

An executor runs what it is given and tells what happened. It decides nothing, records nothing and prints nothing.
All of it is used from one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

from daicho.engine.assignment import Assignment, Done, Entered, Progress, RunGiven, RunWanted, TasksGiven


@dataclass(frozen=True)
class Died:
    """The process that ran a task ended without an answer; `how` says how, for people."""

    task_id: str
    how: str


@dataclass(frozen=True)
class TimedOut:
    """A task took longer than its `timeout`, and was ended."""

    task_id: str


Answer = Callable[[str, Mapping[str, Any]], TasksGiven]
"""Says what a task may read of others that it yields: its id, and the tasks by the way to each."""

Happening = Done | RunWanted | Died | TimedOut | Entered | Progress


class Executor(Protocol):
    """Runs tasks."""

    size: int
    """How many tasks it runs at once."""

    def listen(self, answer: Answer) -> None:
        """Whom to ask when a task yields others; called before the first `submit`."""

    def submit(self, task: Any, assignment: Assignment) -> None:
        """Start a task; only when fewer than `size` run."""

    def connections(self) -> Sequence[Connection]:
        """What to wait on: when one is ready, `happened` has something to tell."""

    def happened(self, ready: Sequence[object]) -> list[Happening]:
        """What has happened on connections that are ready."""

    def idle(self) -> bool:
        """Whether nothing has happened that `happened` would not have to wait for."""

    def give_run(self, task_id: str, run: RunGiven) -> None:
        """Answer a task that asked which MLflow run is its own."""

    def cancel(self) -> None:
        """Ask running tasks to end, and end them after a grace."""

    def close(self) -> None:
        """End all processes. May be called twice."""
