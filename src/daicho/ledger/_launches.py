"""A pipeline run, as it is found in the store."""

from __future__ import annotations

from dataclasses import dataclass

from daicho.ledger import _marks as marks
from daicho.ledger._rows import Row


@dataclass(frozen=True)
class Launch:
    """A pipeline run. `started` is in seconds since the epoch, UTC; `status` is MLflow's."""

    run_id: str
    name: str
    experiment_id: str
    started: float
    user: str
    status: str = ""
    artifact_uri: str = ""

    @classmethod
    def of(cls, row: Row) -> Launch:
        """The pipeline run that a row is."""
        return cls(
            run_id=row.run_id,
            name=row.name,
            experiment_id=row.experiment_id,
            started=row.started / 1000,
            user=row.tags.get(marks.USER, ""),
            status=row.status,
            artifact_uri=row.artifact_uri,
        )
