"""Show what is recorded: a pipeline run with its tasks, or one task's result with all that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from daicho.digest import of_value
from daicho.errors import DaichoError
from daicho.ledger import Entry, Launch, Marks, Withdrawal, history, named, withdrawal_of
from daicho.plan.prepare import Context, open_project
from daicho.record import Record
from daicho.runtime import activate
from daicho.task import find

SCHEMA = "daicho.show/1"


@dataclass(frozen=True)
class Shown:
    """What is recorded.

    Attributes:
        pipeline: The pipeline run that was asked for, or that the task's run belongs to.
        entry: What the page of the pipeline run that was asked for says.
        tasks: The tasks that ran in it, with what is known of each.
        reused: The tasks whose results were reused in it.
        record: The one record that was asked for.
        upstream: The records of all that it stands on, near ones first.
        output: The output that was asked for by a file or a digest, by its attribute.
        metrics: What each run logged, by run id.
        paths: Where the record's outputs lie on this machine, by attribute.
        log: What the task printed.
        failure: How the task failed.
        forgotten: Who withdrew the record's result, when and why; None if nobody did.
        marks: The tags, notes and the pin that people have put on the run that was asked for.
    """

    pipeline: Launch | None = None
    entry: Entry | None = None
    tasks: tuple[Record, ...] = ()
    reused: tuple[Record, ...] = ()
    record: Record | None = None
    upstream: tuple[Record, ...] = ()
    output: str | None = None
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    failure: str = ""
    forgotten: Withdrawal | None = None
    marks: Marks = field(default_factory=Marks)

    @property
    def code(self) -> str | None:
        """The digest of all code that the record's task can reach; None where that is not known."""
        return of_value(dict(self.record.code)) if self.record is not None and self.record.code else None

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        return {
            "schema": SCHEMA,
            "pipeline": asdict(self.pipeline) if self.pipeline is not None else None,
            "entry": self.entry.to_json() if self.entry is not None else None,
            "tasks": [record.to_json() for record in self.tasks],
            "reused": [record.to_json() for record in self.reused],
            "record": self.record.to_json() if self.record is not None else None,
            "code": self.code,
            "upstream": [record.to_json() for record in self.upstream],
            "output": self.output,
            "metrics": {run_id: dict(values) for run_id, values in self.metrics.items()},
            "paths": dict(self.paths),
            "log": self.log,
            "failure": self.failure,
            "forgotten": self.forgotten.to_json() if self.forgotten is not None else None,
            "marks": self.marks.to_json(),
        }


def show(what: str, *, folder: str | Path = ".", config: str | Path | None = None) -> Shown:
    """What is recorded of a run or a task.

    Args:
        what: A pipeline run by name or id, `NAME/Task` for one task in it (reused or not), a task run's id, a task's
            name for its newest result or else its newest attempt, a file or folder for the run that wrote what is in
            it, or a digest. Of ids and digests the first digits will do.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        NotFoundError: If nothing of that name is recorded, or more than one thing.
        StoreError: If the store cannot be asked.
    """
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    found = named.find(context.ledger, what, here=Path.cwd(), tasks=lambda: _task_names(context))
    if found.record is not None:
        return _one(context, found.record, found.output)
    assert found.pipeline is not None
    return _all(context, found.pipeline)


def _all(context: Context, pipeline: Launch) -> Shown:
    ledger = context.ledger
    ran = tuple(ledger.tasks_of(pipeline.run_id))
    own = {record.run_id for record in ran}
    members = history.members(ledger, pipeline)
    others = [each.run_id for each in members if each.run_id and each.run_id not in own]
    reused = history.light(ledger, others)
    ids = [record.run_id for record in (*ran, *reused) if record.run_id is not None]
    entry = history.entry(ledger, pipeline.run_id)
    return Shown(
        pipeline,
        entry,
        ran,
        tuple(reused),
        metrics=ledger.metrics(ids),
        marks=entry.marks if entry is not None else Marks(),
    )


def _one(context: Context, record: Record, output: str | None) -> Shown:
    ledger = context.ledger
    whole = ledger.details(record) or record
    upstream = history.lineage(ledger, whole)
    parent = record.provenance.get("pipeline")
    paths = {output.role: ledger.path(record, output) for output in whole.outputs}
    return Shown(
        pipeline=ledger.pipeline(parent) if parent else None,
        record=whole,
        upstream=tuple(upstream.values()),
        output=output,
        metrics=ledger.metrics([record.run_id]) if record.run_id is not None else {},
        paths={role: str(path) for role, path in paths.items() if path is not None},
        log=_text(ledger.artifact(record, "daicho/log.txt")),
        failure=_text(ledger.artifact(record, "daicho/traceback.txt")),
        forgotten=withdrawal_of(record),
        marks=history.marks_of(ledger, record.run_id or ""),
    )


def _text(data: bytes | None) -> str:
    return "" if data is None else data.decode("utf-8", "replace")


def _task_names(context: Context) -> list[str]:
    """The names of the project's tasks, if they can be had: they only make a better hint."""
    try:
        with activate(context.runtime):
            find.load(context.root, context.settings.modules)
    except DaichoError:
        return []
    return [kind.get_task_family() for kind in find.known_tasks(context.root)]
