"""What a worker is told to do, and what the parent and a worker say to each other. Plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daicho.config.settings import Settings
from daicho.events import Phase
from daicho.record import Failure, Manifest
from daicho.task.spec import Spec


@dataclass(frozen=True)
class Guard:
    """A file or folder that a task reads: the digest that it must have before and after, and a look at it then."""

    name: str
    path: str
    digest: str
    glance: str


@dataclass(frozen=True)
class Assignment:
    """One task to run.

    Attributes:
        task_id: Which.
        stage: The folder for its outputs.
        log: The file for what it prints.
        inputs: Where the outputs that it may read lie, by task id and attribute.
        roles: By which way it reaches the tasks that it may read, by task id.
        guards: What must not change while it runs.
        folders: Where a task that works with paths finds what it may read, by the family that made it.
        timeout: Seconds that it may take, if there is a limit.
    """

    task_id: str
    stage: str
    log: str
    inputs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None


@dataclass(frozen=True)
class Setup:
    """The first message to a worker: the project, as the parent sees it.

    Attributes:
        root: The project's folder.
        modules: The user's task modules.
        settings: The project's settings.
        path: Where modules are found.
        folder: The working folder.
        code: The digest of each file of the user's code when the plan was made.
        environment: What is to be in the environment.
    """

    root: str
    modules: tuple[str, ...]
    settings: Settings
    path: tuple[str, ...]
    folder: str
    code: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Run:
    """Run a task; `specs` describe it and those that it needs, as far as this worker does not know them."""

    assignment: Assignment
    specs: tuple[Spec, ...]


@dataclass(frozen=True)
class RunWanted:
    """A worker's task has touched MLflow: which run is its own?"""

    task_id: str


@dataclass(frozen=True)
class RunGiven:
    """The answer; empty texts if there can be none."""

    run_id: str
    experiment_id: str


@dataclass(frozen=True)
class TasksWanted:
    """A worker's task yields others: `wanted` are their ids, by the way to each; `specs` describe them."""

    task_id: str
    specs: tuple[Spec, ...]
    wanted: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TasksGiven:
    """The answer: what the task may read of them, if all of them are there, or what is wrong with them.

    Attributes:
        ready: Whether they are there.
        inputs: Where their outputs lie, by task id and attribute.
        guards: What of that must not change.
        contents: The content of each, by task id.
        problem: Why they cannot be run.
    """

    ready: bool
    inputs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    contents: Mapping[str, str] = field(default_factory=dict)
    problem: Failure | None = None


@dataclass(frozen=True)
class Entered:
    """A worker's task has entered a phase: `hashing` (of what it reads), `running`, `saving` (what it made)."""

    task_id: str
    phase: Phase


@dataclass(frozen=True)
class Progress:
    """How far a worker's task is, by its own account; `total` is None where it does not know."""

    task_id: str
    done: float
    total: float | None


@dataclass(frozen=True)
class Done:
    """A worker's task has ended; the manifest is on disk already. `retryable`: another attempt may do.

    With `suspended` it has not: it has yielded tasks that have to run first, and then starts over.
    """

    manifest: Manifest
    touched: bool = False
    retryable: bool = False
    suspended: bool = False
