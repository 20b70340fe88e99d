"""A pipeline run, as it is found in the store: what it is, and all that its page says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daicho.ledger import _marks as marks
from daicho.ledger._rows import Row
from daicho.ledger.checked import sentences

_OURS = ("daicho.", "mlflow.")


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


@dataclass(frozen=True)
class Marks:
    """What people have put on a run.

    Attributes:
        tags: Tags that are neither daicho's nor MLflow's own.
        notes: Notes, the newest first, each with who wrote it and when.
        pinned: Who pinned it and when; empty if nobody did.
        checks: What came of it when somebody made it again, a sentence each.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pinned: str = ""
    checks: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Row) -> Marks:
        """What a row's tags say."""
        own = {name: value for name, value in sorted(row.tags.items()) if not name.startswith(_OURS)}
        notes = tuple(text for text in row.tags.get(marks.NOTES, "").split("\n") if text)
        return cls(own, notes, row.tags.get(marks.PIN, ""), tuple(sentences(row.tags)))

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "tags": dict(self.tags),
            "notes": list(self.notes),
            "pinned": self.pinned,
            "checks": list(self.checks),
        }


@dataclass(frozen=True)
class Entry:
    """A pipeline run with what its page says.

    Attributes:
        launch: The run.
        target: What was asked for.
        ended: Seconds since the epoch; 0 while it runs.
        commit: The commit of its code; None where that is not known.
        dirty: Whether the work tree differed from the commit.
        command: The command line.
        outcomes: What became of its tasks: the number by family, by outcome (`ran`, `reused`, `failed`, ...).
        params, metrics: `Family.name` by value, where a family has one.
        marks: What people have put on it.
    """

    launch: Launch
    target: str = ""
    ended: float = 0.0
    commit: str | None = None
    dirty: bool = False
    command: str = ""
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    marks: Marks = Marks()

    @classmethod
    def of(cls, row: Row) -> Entry:
        """The entry that a whole row is."""
        return cls(
            launch=Launch.of(row),
            target=row.tags.get(marks.TARGET, ""),
            ended=row.ended / 1000,
            commit=row.tags.get(marks.COMMIT),
            dirty=row.tags.get(marks.DIRTY) == "true",
            command=row.tags.get(marks.COMMAND, ""),
            outcomes=_outcomes(row.tags.get(marks.OUTCOMES, "{}")),
            params=dict(sorted(row.params.items())),
            metrics=dict(sorted(row.metrics.items())),
            marks=Marks.of(row),
        )

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        launch = self.launch
        return {
            "run_id": launch.run_id,
            "name": launch.name,
            "target": self.target,
            "status": launch.status,
            "user": launch.user,
            "started": launch.started,
            "ended": self.ended,
            "commit": self.commit,
            "dirty": self.dirty,
            "command": self.command,
            "outcomes": {outcome: dict(families) for outcome, families in self.outcomes.items()},
            "parameters": dict(self.params),
            "metrics": dict(self.metrics),
            **self.marks.to_json(),
        }


def _outcomes(text: str) -> Mapping[str, Mapping[str, int]]:
    try:
        found = json.loads(text)
        return {str(name): dict(families) for name, families in found.items()}
    except (TypeError, ValueError, AttributeError):
        return {}
