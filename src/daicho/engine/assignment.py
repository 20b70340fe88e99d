"""What a worker is told to do, and what the parent and a worker say to each other. Plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daicho.config.settings import Settings
from daicho.record import Manifest
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
    """

    task_id: str
    stage: str
    log: str
    inputs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True)
class Setup:
    """The first message to a worker: the project, as the parent sees it. `code` is each file's digest when planned."""

    root: str
    modules: tuple[str, ...]
    settings: Settings
    path: tuple[str, ...]
    folder: str
    code: Mapping[str, str]


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
class Done:
    """A worker's task has ended; the manifest is on disk already."""

    manifest: Manifest
    touched: bool = False
