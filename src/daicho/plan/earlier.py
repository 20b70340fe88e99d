"""The record that a task is compared with, as a person recognises it."""

from __future__ import annotations

from dataclasses import dataclass

from daicho.ledger import Ledger
from daicho.record import Record


@dataclass(frozen=True)
class Earlier:
    """The record that is reused, or was compared with.

    Attributes:
        run_id: Its MLflow run.
        pipeline: The name of the pipeline run that it belongs to.
        user: Who made it.
        started, ended: Seconds since the epoch, UTC.
        commit: The commit of its code; None where that is not known.
        dirty: Whether the work tree differed from the commit.
    """

    run_id: str | None
    pipeline: str | None = None
    user: str = ""
    started: float = 0.0
    ended: float = 0.0
    commit: str | None = None
    dirty: bool = False


def earlier_of(ledger: Ledger, record: Record) -> Earlier:
    """What there is to say of a record."""
    light = ledger.run(record.run_id) if record.run_id is not None else None
    parent = light.provenance.get("pipeline") if light is not None else None
    pipeline = ledger.pipeline(parent) if parent else None
    git, machine = (record.provenance.get(name) or {} for name in ("git", "machine"))
    user = machine.get("user") or (light.provenance.get("user") if light is not None else "")
    return Earlier(
        run_id=record.run_id,
        pipeline=pipeline.name if pipeline is not None else None,
        user=user or "",
        started=record.started,
        ended=record.ended,
        commit=git.get("commit"),
        dirty=bool(git.get("dirty")),
    )
