"""One root cause of a decision with all that a person wants to know of it: old, new, where, who, and the difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from daicho.plan.changes import Change, change_of
from daicho.plan.reasons import Reason
from daicho.plan.snapshots import Files
from daicho.provenance.blame import Blame
from daicho.record import Record, SourceRecord

_COUNTED = 50_000_000  # bytes of a table in which rows are still counted


@dataclass(frozen=True)
class Cause:
    """One root cause.

    Attributes:
        reason: What the plan says of it.
        task: The task that it is a cause of, by its label: the one that was asked for, or one that it needs.
        old, new: What changed: values of a parameter, bytes of a source, a version, declared outputs.
        where: Where the new value of a parameter comes from; the place of a source; the output that is not right.
        rows: The rows that a source in CSV form has now.
        change: For code: what changed, and who did it.
    """

    reason: Reason
    task: str
    old: Any = None
    new: Any = None
    where: str | None = None
    rows: int | None = None
    change: Change | None = None

    def to_json(self) -> dict[str, Any]:
        """The cause as a JSON object: the keys of its reason, and more."""
        return {
            **self.reason.to_json(),
            "task": self.task,
            "old": self.old,
            "new": self.new,
            "where": self.where,
            "rows": self.rows,
            "change": self.change.to_json() if self.change is not None else None,
        }


@dataclass(frozen=True)
class Equal:
    """What is the same as in the record that was compared with: names, roles, symbols."""

    parameters: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many things that is."""
        return sum(len(names) for names in asdict(self).values())

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {name: list(values) for name, values in asdict(self).items()}


def equal(now: Record, then: Record) -> Equal:
    """What is the same in two records."""
    sources = {each.role: each.digest for each in then.sources}
    inputs = {each.role: each.digest for each in then.inputs}
    missing = object()
    return Equal(
        tuple(name for name, value in now.parameters.items() if then.parameters.get(name, missing) == value),
        tuple(each.role for each in now.sources if sources.get(each.role) == each.digest),
        tuple(name for name, digest in now.code.items() if then.code.get(name) == digest),
        tuple(each.role for each in now.inputs if inputs.get(each.role) == each.digest),
        tuple(name for name, value in now.settings.items() if then.settings.get(name) == value),
    )


@dataclass(frozen=True)
class Compared:
    """A task as it is now, an earlier record of it, and what explaining their differences takes.

    Attributes:
        root: The project's folder.
        given: Tells where a parameter has its value from.
        outputs: What the task declares now: name and format.
        files: The project's files as they were.
        blame: Tells who changed them since.
    """

    now: Record
    then: Record
    root: Path
    given: Callable[[str], str | None]
    outputs: tuple[tuple[str, str], ...]
    files: Callable[[], Files]
    blame: Blame

    def cause(self, reason: Reason, task: str) -> Cause:
        """The cause that a reason of their comparison stands for."""
        name = reason.name or ""
        if reason.kind == "parameter":
            old, new = self.then.parameters.get(name), self.now.parameters.get(name)
            return Cause(reason, task, old, new, where=self.given(name))
        if reason.kind == "source":
            return self._source(reason, task, name)
        if reason.kind == "code" and reason.symbol is not None:
            change = change_of(self.root, reason.symbol, reason.file, self.files(), self.blame)
            return Cause(reason, task, change=change)
        if reason.file is not None:  # one that the class uses as a whole
            return Cause(reason, task, change=Change(commit=self.blame.last_change(reason.file, ())))
        if reason.kind == "declaration" and reason.text.startswith("version:"):
            return Cause(reason, task, self.then.version, self.now.version)
        if reason.kind == "declaration":
            was = sorted(f"{each.name} ({each.format})" for each in self.then.outputs)
            return Cause(reason, task, was, sorted(f"{file} ({form})" for file, form in self.outputs))
        return Cause(reason, task)

    def _source(self, reason: Reason, task: str, role: str) -> Cause:
        old, new = (_of_role(record, role) for record in (self.then, self.now))
        return Cause(
            reason,
            task,
            old.size if old is not None else None,
            new.size if new is not None else None,
            where=(new or old).place if new is not None or old is not None else None,  # type: ignore[union-attr]
            rows=_rows(self.root / new.place) if new is not None else None,
        )


def _of_role(record: Record, role: str) -> SourceRecord | None:
    return next((each for each in record.sources if each.role == role), None)


def _rows(path: Path) -> int | None:
    """The rows of a CSV file below its header, by its lines, where it is not too long to look."""
    try:
        if path.suffix != ".csv" or path.stat().st_size > _COUNTED:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    return max(data.count(b"\n") + (not data.endswith(b"\n") and bool(data)) - 1, 0)
