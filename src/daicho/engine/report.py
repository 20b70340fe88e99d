"""A launch that has ended, as a value: what `daicho.run` returns, and what all faces draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from daicho._drawn import html
from daicho.engine.results import Outcome, TaskResult
from daicho.task.graph import NodeKind

if TYPE_CHECKING:
    from daicho.plan.grounds import Grounds

SCHEMA = "daicho.run/1"

Status = Literal["done", "up to date", "failed", "interrupted"]


@dataclass(frozen=True)
class RunTask:
    """One task of a run. `outputs` maps attributes to where the files lie; empty where they do not lie here."""

    task: str
    label: str
    task_id: str
    kind: NodeKind
    parameters: Mapping[str, Any]
    result: TaskResult
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        return self.result.outcome

    @property
    def run_id(self) -> str | None:
        """The MLflow run that holds its result, or its failure."""
        record = self.result.record
        return record.run_id if record is not None else self.result.run_id


@dataclass(frozen=True)
class Run:
    """A launch that has ended.

    Attributes:
        target: What was asked for.
        status: How it ended; `up to date` where there was nothing to do and nothing to record.
        name: The pipeline run's name; of an earlier one where this launch added none.
        run_id, experiment_id: The pipeline run in MLflow.
        tasks: All tasks, in the order in which they can run.
        seconds: The whole time.
        store: The store's address, without credentials.
        commit: The git commit, with `dirty` for local changes.
        problem: Why results wait to be recorded, if they do.
        notes: What a person should know, each a sentence: that there is no commit, for example.
        grounds: Looks up what it rests on that there was nothing to do.
    """

    target: str
    status: Status
    name: str
    run_id: str | None
    experiment_id: str | None
    tasks: tuple[RunTask, ...]
    seconds: float
    store: str
    commit: str | None = None
    dirty: bool = False
    problem: str | None = None
    notes: tuple[str, ...] = ()
    grounds: Callable[[], Grounds | None] | None = field(default=None, repr=False, compare=False)

    @property
    def exit_status(self) -> int:
        """The status with which the command ends."""
        if self.status == "interrupted":
            return 130
        if self.status == "failed":
            return 1
        return 3 if self.problem is not None else 0

    def of(self, *outcomes: Outcome) -> Iterator[RunTask]:
        """The tasks with one of these outcomes; wrappers, which only stand for others, are left out."""
        return (task for task in self.tasks if task.outcome in outcomes and task.kind != "wrapper")

    def __getitem__(self, task: str) -> RunTask:
        """The task of that name (family or label)."""
        for each in self.tasks:
            if task in (each.label, each.task):
                return each
        raise KeyError(task)

    def _repr_html_(self) -> str:
        return html(self)

    def to_json(self) -> dict[str, Any]:
        """The run as one JSON document."""
        return {
            "schema": SCHEMA,
            "target": self.target,
            "status": self.status,
            "exit_status": self.exit_status,
            "name": self.name,
            "run_id": self.run_id,
            "experiment_id": self.experiment_id,
            "store": self.store,
            "commit": self.commit,
            "dirty": self.dirty,
            "seconds": round(self.seconds, 3),
            "remembered": False,  # the command line may have given this document before
            "problem": self.problem,
            "notes": list(self.notes),
            "tasks": [_task(task) for task in self.tasks],
        }


def _task(task: RunTask) -> dict[str, Any]:
    result = task.result
    return {
        "task": task.task,
        "label": task.label,
        "task_id": task.task_id,
        "kind": task.kind,
        "parameters": dict(task.parameters),
        "key": result.key,
        "outcome": result.outcome,
        "reasons": [reason.to_json() for reason in result.reasons],
        "seconds": None if result.seconds is None else round(result.seconds, 3),
        "run_id": task.run_id,
        "attempts": [attempt.to_json() for attempt in result.attempts],
        "outputs": [
            {
                "output": output.role,
                "name": output.name,
                "digest": output.digest,
                "size": output.size,
                "path": task.outputs.get(output.role),
            }
            for output in result.outputs
        ],
        "metrics": dict(result.metrics),
        "failure": None
        if result.failure is None
        else {
            "error": result.failure.error,
            "message": result.failure.message,
            "frames": list(result.failure.frames),
            "hints": list(result.failure.hints),
        },
        "waits": result.waits,
    }
