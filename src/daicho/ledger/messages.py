"""What the parent and the recorder say to each other over their pipe. Plain frozen values, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daicho.errors import DaichoError
from daicho.record import Failure, Record, SourceRecord


@dataclass(frozen=True)
class OpenPipeline:
    """Create (or adopt) the pipeline run.

    `texts` are artifacts by name; `snapshot` is a file that holds the sources of tree digest `snapshot_digest`,
    to be kept if the store does not have it yet; so are `sources`, which are places by digest. `provenance` is that of
    all records of the launch, which are sent without it.
    """

    name: str
    target: str
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    snapshot: str | None = None
    snapshot_digest: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    adopt: str | None = None
    started: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BeginTask:
    """Create the run of a task that is about to start, below the pipeline run. `started` is in seconds, UTC."""

    task_id: str
    task: str
    key: str | None
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    started: float | None = None


@dataclass(frozen=True)
class Publish:
    """A task ran to its end: put its outputs in place, write its record, end its run, mark it.

    `stage` is the folder that holds the outputs by name, `log` the file with what the task printed; `begun` is the
    `task_id` that the task was begun with, where that was not its first attempt. A record without provenance has the
    launch's.
    """

    record: Record
    stage: str
    log: str | None = None
    begun: str | None = None


@dataclass(frozen=True)
class EndTask:
    """A task did not run to its end: `status` is FAILED or KILLED."""

    task_id: str
    status: str
    failure: Failure | None = None
    log: str | None = None


@dataclass(frozen=True)
class TaskLine:
    """One task of a pipeline run, for its page: `outcome` is `ran`, `reused`, `failed`, `not started`, …"""

    task: str
    task_id: str
    outcome: str
    run_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    seconds: float | None = None
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClosePipeline:
    """All is done: complete the pipeline run by itself and end it (unless it was adopted).

    `launch` is the digest by which an equal launch with nothing to do finds this run; None where tasks failed. By the
    digests `deep` it is found before that, with the `keys` of its results, which are given by deep key. `sources` are
    those of all tasks.
    """

    status: str
    lines: tuple[TaskLine, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    launch: str | None = None
    deep: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceRecord, ...] = ()


Request = OpenPipeline | BeginTask | Publish | EndTask | ClosePipeline


@dataclass(frozen=True)
class PipelineOpened:
    """The pipeline run is there; `experiment_name` and `tracking_uri` are what user code should see."""

    run_id: str
    experiment_id: str


@dataclass(frozen=True)
class TaskBegun:
    """A task's run is there."""

    task_id: str
    run_id: str


@dataclass(frozen=True)
class Recorded:
    """A task's result is recorded and marked.

    Attributes:
        record: As it stands in the ledger; without provenance where that is the launch's.
        metrics: Its run's newest values.
        winner: The earlier record of the same key that counts for everybody, if somebody else was faster.
        differing: Other records of the same key whose outputs have other bytes, also those that this one supersedes.
    """

    record: Record
    metrics: Mapping[str, float] = field(default_factory=dict)
    winner: Record | None = None
    differing: tuple[Record, ...] = ()


@dataclass(frozen=True)
class TaskEnded:
    """A failed or interrupted task's run is ended."""

    task_id: str


@dataclass(frozen=True)
class PipelineClosed:
    """The pipeline run is complete."""

    run_id: str
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A request could not be carried out. `task_id` is the task it was about, None for the pipeline run."""

    error: DaichoError
    task_id: str | None = None


Answer = PipelineOpened | TaskBegun | Recorded | TaskEnded | PipelineClosed | Refused
