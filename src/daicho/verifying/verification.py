"""What was found when tasks ran again: the value that `daicho.verify` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from daicho._drawn import html
from daicho.compare.difference import Verdict
from daicho.compare.remade import SAME, Remade

SCHEMA = "daicho.verify/1"

Found = Verdict | Literal["failed", "skipped"]


@dataclass(frozen=True)
class VerifiedTask:
    """A task that was looked at.

    Attributes:
        task, label: Its family, and its name among others of it.
        run_id: The run that holds its result; None where there is none.
        verdict: How what it made compares with its record: the worst of its outputs and of all times; `failed`, or
            `skipped` where there is nothing to compare with.
        outputs: Each output as it was in the run in which it differed most.
        problem: Why it failed, or was skipped.
    """

    task: str
    label: str
    run_id: str | None
    verdict: Found
    outputs: tuple[Remade, ...] = ()
    problem: str | None = None

    @property
    def differing(self) -> tuple[str, ...]:
        """The outputs that are not the same, by their attributes."""
        return tuple(output.role for output in self.outputs if output.verdict not in SAME)

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "task": self.task,
            "label": self.label,
            "run_id": self.run_id,
            "verdict": self.verdict,
            "problem": self.problem,
            "outputs": [output.to_json() for output in self.outputs],
        }


@dataclass(frozen=True)
class Verification:
    """Tasks that ran again.

    Attributes:
        target: What was asked for.
        times: How many results of each task there were: the record, and the runs that were made now.
        tasks: The tasks, each before those that read it.
    """

    target: str
    times: int
    tasks: tuple[VerifiedTask, ...]

    @property
    def same(self) -> bool:
        """Whether every task that could be run again gave the same."""
        return all(task.verdict in (*SAME, "skipped") for task in self.tasks)

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
            "target": self.target,
            "times": self.times,
            "same": self.same,
            "tasks": [task.to_json() for task in self.tasks],
        }
