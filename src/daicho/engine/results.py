"""What became of each task of a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from daicho.plan.reasons import Reason
from daicho.record import Failure, OutputRecord, Record

Outcome = Literal["ran", "reused", "failed", "timed out", "interrupted", "not started"]


@dataclass(frozen=True)
class Attempt:
    """One execution of a task. `message` says why it failed, `run_id` which MLflow run is its own."""

    outcome: Outcome
    seconds: float
    message: str | None = None
    run_id: str | None = None

    def to_json(self) -> dict[str, object]:
        """The attempt as a JSON value."""
        return {
            "outcome": self.outcome,
            "seconds": round(self.seconds, 3),
            "message": self.message,
            "run_id": self.run_id,
        }


@dataclass(frozen=True)
class TaskResult:
    """What became of one task.

    Attributes:
        record: Its record in the ledger, whether it ran or was reused.
        outputs: What it saved, also where that is not recorded yet.
        notes: What a person should know of how it ran.
        attempts: Each time that it was run in this launch.
        waits: Why its record could not be written, if so: its result is kept and recorded by the next run.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    key: str | None = None
    seconds: float | None = None
    record: Record | None = None
    outputs: tuple[OutputRecord, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    log: str = ""
    waits: str | None = None
    run_id: str | None = None
    notes: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
