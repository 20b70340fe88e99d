"""What became of each task of a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from daicho.plan.reasons import Reason
from daicho.record import Failure, OutputRecord, Record

Outcome = Literal["ran", "reused", "failed", "interrupted", "not started"]


@dataclass(frozen=True)
class TaskResult:
    """What became of one task.

    Attributes:
        record: Its record in the ledger, whether it ran or was reused.
        outputs: What it saved, also where that is not recorded yet.
        notes: What a person should know of how it ran.
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
