"""Show what is recorded: a pipeline run with its tasks, or one task's result with all that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from daicho._nearest import nearest
from daicho.errors import DaichoError, NotFoundError
from daicho.ledger import Launch, Withdrawal, withdrawal_of
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
        tasks: The tasks that ran in it, with what is known of each.
        record: The one record that was asked for.
        metrics: What each run logged, by run id.
        paths: Where the record's outputs lie on this machine, by attribute.
        log: What the task printed.
        failure: How the task failed.
        forgotten: Who withdrew the record's result, when and why; None if nobody did.
    """

    pipeline: Launch | None = None
    tasks: tuple[Record, ...] = ()
    record: Record | None = None
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    failure: str = ""
    forgotten: Withdrawal | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        return {
            "schema": SCHEMA,
            "pipeline": asdict(self.pipeline) if self.pipeline is not None else None,
            "tasks": [record.to_json() for record in self.tasks],
            "record": self.record.to_json() if self.record is not None else None,
            "metrics": {run_id: dict(values) for run_id, values in self.metrics.items()},
            "paths": dict(self.paths),
            "log": self.log,
            "failure": self.failure,
            "forgotten": self.forgotten.to_json() if self.forgotten is not None else None,
        }


def show(what: str, *, folder: str | Path = ".", config: str | Path | None = None) -> Shown:
    """What is recorded of a run or a task.

    Args:
        what: A pipeline run by name or id, `NAME/Task` for one task in it, a task run's id, or a task's name for its
            newest result, or else its newest attempt.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        NotFoundError: If nothing of that name is recorded.
        StoreError: If the store cannot be asked.
    """
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    run, _, task = what.partition("/")
    pipeline = context.ledger.pipeline(run)
    if pipeline is not None:
        records = tuple(context.ledger.tasks_of(pipeline.run_id))
        if not task:
            ids = [record.run_id for record in records if record.run_id is not None]
            return Shown(pipeline, records, metrics=context.ledger.metrics(ids))
        chosen = next((each for each in reversed(records) if task in (each.task, each.run_id)), None)
        if chosen is None:
            raise NotFoundError(
                f"no task `{task}` ran in `{pipeline.name}`",
                hints=nearest(task, (each.task for each in records)),
            )
        return _one(context, chosen)
    found = [*context.ledger.newest(run, limit=1), *context.ledger.attempts(run, limit=1)]
    record = context.ledger.run(run) or next(iter(found), None)
    if record is None:
        raise NotFoundError(
            f"nothing is recorded under `{what}`: no run of that name or id, and no result of such a task",
            hints=nearest(what, _task_names(context)),
        )
    return _one(context, record)


def _one(context: Context, record: Record) -> Shown:
    ledger = context.ledger
    whole = ledger.details(record) or record
    parent = record.provenance.get("pipeline")
    paths = {output.role: ledger.path(record, output) for output in whole.outputs}
    return Shown(
        pipeline=ledger.pipeline(parent) if parent else None,
        record=whole,
        metrics=ledger.metrics([record.run_id]) if record.run_id is not None else {},
        paths={role: str(path) for role, path in paths.items() if path is not None},
        log=_text(ledger.artifact(record, "daicho/log.txt")),
        failure=_text(ledger.artifact(record, "daicho/traceback.txt")),
        forgotten=withdrawal_of(record),
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
