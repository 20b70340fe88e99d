"""What came of making a run again: the value that `daicho.reproduce` gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from daicho._drawn import html
from daicho.compare.difference import Verdict
from daicho.compare.remade import ORDER, SAME, Remade

SCHEMA = "daicho.reproduce/1"

Outcome = Verdict | Literal["failed"]


@dataclass(frozen=True)
class ReproducedTask:
    """A task of the run.

    Attributes:
        task, label: Its family, and its name among others of it.
        run_id: The run that holds the recorded result.
        verdict: How what was made compares with it: the worst of its outputs; `failed` where nothing was made.
        outputs: Each output.
        cause: What is likely to be behind a difference.
        problem: Why nothing was made.
    """

    task: str
    label: str
    run_id: str
    verdict: Outcome
    outputs: tuple[Remade, ...] = ()
    cause: str | None = None
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "task": self.task,
            "label": self.label,
            "run_id": self.run_id,
            "verdict": self.verdict,
            "cause": self.cause,
            "problem": self.problem,
            "outputs": [output.to_json() for output in self.outputs],
        }


@dataclass(frozen=True)
class Reproduction:
    """A run that was made again.

    Attributes:
        what: What people call it.
        run_id: The run, on which the verdict is written down.
        verdict: The worst of its tasks.
        tasks: Its tasks, each before those that read it.
        given: Tasks whose recorded results were taken as they are.
        folder: Where it lies: `project` with a store of its own, and `environment` where one was made.
        python: What ran it.
        made: Whether its environment was made as recorded, and is not the present one.
        tolerance: How far numbers might lie apart, in parts of the larger one.
        who, when, where: Who made it again, when (UTC, ISO 8601) and on which machine.
        notes: In what it could not be made as recorded, a sentence each.
    """

    what: str
    run_id: str
    verdict: Outcome
    tasks: tuple[ReproducedTask, ...]
    given: tuple[str, ...]
    folder: Path
    python: Path
    made: bool
    tolerance: float
    who: str
    when: str
    where: str
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether it was made again: identical, equal in value, or equal within the tolerance."""
        return self.verdict in SAME

    @property
    def exit_status(self) -> int:
        """The status with which the command ends."""
        return 0 if self.same else 1

    def _repr_html_(self) -> str:
        return html(self)

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        return {
            "schema": SCHEMA,
            "what": self.what,
            "run_id": self.run_id,
            "verdict": self.verdict,
            "same": self.same,
            "tasks": [task.to_json() for task in self.tasks],
            "given": list(self.given),
            "folder": str(self.folder),
            "python": str(self.python),
            "environment": "made" if self.made else "present",
            "tolerance": self.tolerance,
            "who": self.who,
            "when": self.when,
            "where": self.where,
            "notes": list(self.notes),
        }


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """What is to be said of several."""
    return max(outcomes, key=lambda each: len(ORDER) if each == "failed" else ORDER.index(each))
