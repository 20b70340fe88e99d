"""What an observer of a run can see, as it happens. Observers look on; they change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from daicho.record import Failure


@dataclass(frozen=True)
class Planned:
    """What is to be done is known: how many tasks of each verdict, and how long the longest name is."""

    target: str
    run: int
    reuse: int
    undecided: int
    width: int


@dataclass(frozen=True)
class TaskStarted:
    """A task's `run()` is about to begin."""

    task_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class TaskPrinted:
    """A task printed or logged some whole lines."""

    task_id: str
    name: str
    text: str


@dataclass(frozen=True)
class TaskFinished:
    """A task ran to its end and its outputs are whole. `seconds` is the time that `run()` took."""

    task_id: str
    name: str
    seconds: float
    reason: str


@dataclass(frozen=True)
class TaskNoted:
    """What a person should know of how a task ran: a file that it read and does not declare, for example."""

    task_id: str
    name: str
    note: str


@dataclass(frozen=True)
class TaskRecorded:
    """A task's result is in the ledger; `metrics` are what it logged."""

    task_id: str
    name: str
    run_id: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class TaskReused:
    """A task's result was there already, in the MLflow run `run_id`."""

    task_id: str
    name: str
    run_id: str | None


@dataclass(frozen=True)
class TaskFailed:
    """A task failed, was interrupted, or its process died. `log` is what it printed."""

    task_id: str
    name: str
    seconds: float
    outcome: str
    failure: Failure
    log: str


@dataclass(frozen=True)
class TaskNotStarted:
    """A task could not start, for one that it needs did not finish."""

    task_id: str
    name: str
    needs: str


@dataclass(frozen=True)
class Recording:
    """The work is done; what remains is to write the last records."""

    waiting: int


@dataclass(frozen=True)
class Stopping:
    """A person asked to stop: running tasks are being ended."""

    running: int


Event = (
    Planned
    | TaskStarted
    | TaskPrinted
    | TaskFinished
    | TaskNoted
    | TaskRecorded
    | TaskReused
    | TaskFailed
    | TaskNotStarted
    | Recording
    | Stopping
)
Observer = Callable[[Event], None]
