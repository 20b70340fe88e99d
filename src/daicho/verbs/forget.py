"""Withdraw a wrong result for the whole team: it stays in the store, marked, and nobody's plan uses it again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho._nearest import nearest
from daicho.errors import NotFoundError, UsageError
from daicho.ledger import Launch, Withdrawal, withdraw, withdrawal_of
from daicho.plan.prepare import Context, open_project, prepare
from daicho.provenance import mask_url, read_machine
from daicho.record import Record

SCHEMA = "daicho.forget/1"

_ID = re.compile(r"[0-9a-f]{6,32}")


@dataclass(frozen=True)
class Forgotten:
    """A result that was withdrawn. `made` is when it was made, in seconds since the epoch; `by` is who made it."""

    task: str
    run_id: str
    key: str | None
    made: float
    by: str
    withdrawal: Withdrawal

    def to_json(self) -> dict[str, Any]:
        """What was withdrawn, as one JSON document."""
        return {
            "schema": SCHEMA,
            "task": self.task,
            "run_id": self.run_id,
            "key": self.key,
            "made": self.made,
            "by": self.by,
            **self.withdrawal.to_json(),
        }


def forget(
    what: str, *, reason: str, folder: str | Path = ".", config: str | Path | None = None
) -> Forgotten:
    """Withdraw a result: no plan of anybody who reads this store uses it from now on.

    Args:
        what: A task run's id or its first six or more digits; `NAME/Task` for a task that ran in a pipeline run; a
            task's name for the result that the present plan would reuse.
        reason: Why, for everybody who will ask.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        UsageError: If no reason is given, the result is withdrawn already, or it is another project's.
        NotFoundError: If there is no such result.
        StoreError: If the store cannot be asked, or not written to.
    """
    said = mask_url(" ".join(reason.split()))
    if not said:
        raise UsageError(
            "a result is not withdrawn without a reason", hints=("say what is wrong with it: --reason …",)
        )
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    record = _found(context, what)
    _refuse(context, record)
    withdrawal = Withdrawal.now(said, read_machine().user)
    run_id = str(record.run_id)
    withdraw(context.store, run_id, withdrawal)
    by = str(record.provenance.get("user") or "")
    return Forgotten(record.task, run_id, record.key, record.started, by, withdrawal)


def _found(context: Context, what: str) -> Record:
    run, slash, task = what.partition("/")
    if not slash and _ID.fullmatch(what):
        runs = context.ledger.task_runs(what)
        if runs:
            return _only(runs, f"several task runs begin with `{what}`")
    pipeline = context.ledger.pipeline(run)
    if pipeline is not None:
        return _of_pipeline(context, pipeline, task)
    if slash or _ID.fullmatch(what):
        raise NotFoundError(
            f"there is no run `{run if slash else what}` in this store",
            hints=("daicho show TASK names the run of a task's newest result",),
        )
    return _planned(context, what)


def _of_pipeline(context: Context, pipeline: Launch, task: str) -> Record:
    records = context.ledger.tasks_of(pipeline.run_id)
    names = sorted({record.task for record in records})
    if not task:
        raise UsageError(
            f"`{pipeline.name}` is a pipeline run: what is withdrawn is the result of one task",
            hints=tuple(f"say which: {pipeline.name.rpartition(' ')[2]}/{name}" for name in names[:5]),
        )
    runs = [record for record in records if task in (record.task, record.run_id)]
    if not runs:
        raise NotFoundError(
            f"no task `{task}` ran in `{pipeline.name}`",
            hints=(*nearest(task, names), "a result that was reused there is named by its own run"),
        )
    return _only(runs, f"several `{task}` ran in `{pipeline.name}`")


def _planned(context: Context, name: str) -> Record:
    """The result that the present plan would reuse."""
    plan = prepare(context, name).planner.plan()
    decision = plan.decisions[plan.graph.targets[0]]
    if decision.record is None:
        why = "; ".join(reason.text for reason in decision.reasons) or "it has no result of its own"
        raise NotFoundError(
            f"the present plan reuses no result of `{name}` ({why})",
            hints=("name the run: daicho show TASK, or daicho forget RUN/TASK",),
        )
    return decision.record


def _only(runs: Iterable[Record], several: str) -> Record:
    first, *others = runs
    if others:
        shown = ", ".join(str(record.run_id)[:12] for record in (first, *others[:4]))
        raise NotFoundError(several, hints=(f"give the run's id, or more of it: {shown}",))
    return first


def _refuse(context: Context, record: Record) -> None:
    """Raise UsageError for what cannot be withdrawn."""
    what = f"run {str(record.run_id)[:12]} of `{record.task}`"
    owner = context.ledger.project_of(record.experiment_id or "")
    if owner != context.name:
        whose = f"belongs to the project `{owner}`" if owner else "belongs to no project of daicho's"
        raise UsageError(
            f"{what} {whose}, not to `{context.name}`", hints=("withdraw it there: daicho forget -C DIR",)
        )
    if not record.provenance.get("marked"):
        raise UsageError(f"{what} is no result that could be reused: there is nothing to withdraw")
    earlier = withdrawal_of(record)
    if earlier is not None:
        moment = f" ({earlier.when})" if earlier.when else ""
        raise UsageError(f"{what} is already {earlier}{moment}")
