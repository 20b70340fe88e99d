"""What an observer of a run can see, as it happens. Observers look on; they change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from daicho.record import Failure

Phase = Literal["hashing", "running", "saving"]
"""What a worker does with a task: it looks at what the task reads, runs it, and looks at what it made."""


@dataclass(frozen=True)
class Planned:
    """What is to be done is known: how many tasks of each verdict, the longest name, how many may run at once."""

    target: str
    run: int
    reuse: int
    undecided: int
    width: int
    jobs: int = 1


@dataclass(frozen=True)
class TaskStarted:
    """A task is about to begin: which of at most how many attempts, and how many seconds one took the last time."""

    task_id: str
    name: str
    reason: str
    attempt: int = 1
    attempts: int = 1
    expected: float | None = None


@dataclass(frozen=True)
class TaskPhase:
    """A task has entered a phase."""

    task_id: str
    name: str
    phase: Phase


@dataclass(frozen=True)
class TaskProgress:
    """How far a task is, by its own account: `done` of `total`, which is None where it does not know."""

    task_id: str
    name: str
    done: float
    total: float | None


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
    """A task failed, was interrupted, was too slow, or its process died. `log` is what it printed."""

    task_id: str
    name: str
    seconds: float
    outcome: str
    failure: Failure
    log: str
    attempt: int = 1
    attempts: int = 1


@dataclass(frozen=True)
class TaskRetried:
    """An attempt at a task failed; there will be another one in `wait` seconds."""

    task_id: str
    name: str
    seconds: float
    outcome: str
    failure: Failure
    log: str
    attempt: int
    attempts: int
    wait: float


@dataclass(frozen=True)
class TaskYielded:
    """A task has yielded others: how many are new to the run; and whether it waits for them, to start over then."""

    task_id: str
    name: str
    new: int
    waits: bool


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
    """A person asked to stop: nothing more is started, and running tasks finish or, with `ending`, are ended."""

    running: int
    ending: bool = True


@dataclass(frozen=True)
class Expected:
    """How many seconds what is left of the work will take, if it takes as long as the last time."""

    seconds: float


@dataclass(frozen=True)
class RunEnded:
    """The run has ended: how, and the pipeline run that holds it."""

    status: str
    exit_status: int
    name: str
    run_id: str | None
    seconds: float


Event = (
    Planned
    | TaskStarted
    | TaskPhase
    | TaskProgress
    | TaskPrinted
    | TaskFinished
    | TaskNoted
    | TaskRecorded
    | TaskReused
    | TaskFailed
    | TaskRetried
    | TaskYielded
    | TaskNotStarted
    | Recording
    | Stopping
    | Expected
    | RunEnded
)
Observer = Callable[[Event], None]
