"""Every error that daicho raises on purpose.

Each says what was wrong, where, and what to do next: the message is the sentence, `hints` are the
next steps, and the class fixes the exit status. Each is also the builtin that it *is*, so that
ordinary `except` clauses go on working.

    DaichoError
    ├── UsageError                    exit 2: what was asked for cannot be; nothing ran
    │   ├── ProjectError              no project here, or it cannot be read
    │   ├── ConfigurationError        a file or an override says something impossible (file, line, key)
    │   ├── UnknownTaskError          no task of that name
    │   ├── DeclarationError          a task class is written in a way that cannot work
    │   ├── ParameterError            a parameter is missing, unknown or of the wrong type
    │   ├── GraphError                the tasks do not form a graph: a ring, or two that clash
    │   ├── SourceError               a source is missing or cannot be read
    │   ├── NotFoundError             no such run, result or output
    │   ├── MissingExtraError         a library is needed that is not installed
    │   └── UntrustedError            reading it would run code that somebody else may have written
    ├── TaskError                     exit 1: a task did something that its declaration does not allow
    │   ├── OutputError               an output was not saved, not declared, or is still open
    │   ├── InputError                an input was read undeclared, or changed under the task
    │   ├── FormatError               a value does not fit the format, or a file is not of it
    │   └── WorkerDied                the process that ran the task ended without an answer
    ├── CorruptError                  exit 1: bytes are not what the ledger says they are
    ├── StoreError                    exit 3: the ledger's store cannot be used
    │   └── StoreUnreachableError     it does not answer
    └── InternalError                 exit 3: a bug in daicho
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Where:
    """A place that a person can look at: a file, perhaps a line (counted from 1), perhaps a key."""

    file: str
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return place if self.key is None else f"{place} ({self.key})"


_LONGEST = 80


def spelt(text: str, longest: int = _LONGEST) -> str:
    """A name or value from elsewhere, as it may stand in a message: what does not print is spelt out, much is cut."""
    cut = text if len(text) <= longest else f"{text[: longest - 3]}..."
    if cut.isprintable():
        return cut
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in cut)


_DISK = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota on the disk is used up",
    errno.EFBIG: "it is larger than a file may be here (see `ulimit -f`)",
}


def of_disk(error: BaseException) -> str | None:
    """What an error means that came of too little room on a disk; None for any other."""
    return _DISK.get(error.errno or 0) if isinstance(error, OSError) else None


class DaichoError(Exception):
    """The root of daicho's errors: a sentence, perhaps a place, perhaps hints.

    Args:
        message: What was wrong, in one sentence without a full stop.
        where: The place to look at.
        hints: What to do next, each one sentence.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 3

    def __init__(self, message: str, *, where: Where | None = None, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hints = hints

    def __str__(self) -> str:
        lines = [self.message]
        if self.where is not None:
            lines.append(f"  at {self.where}")
        lines.extend(f"hint: {hint}" for hint in self.hints)
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel from worker processes; keyword arguments need a hand.
        return _rebuild, (type(self), self.message, self.where, self.hints)


def _rebuild(
    kind: type[DaichoError], message: str, where: Where | None, hints: tuple[str, ...]
) -> DaichoError:
    return kind(message, where=where, hints=hints)


class UsageError(DaichoError, ValueError):
    """What was asked for cannot be; nothing ran."""

    code = "usage"
    exit_status = 2


class ProjectError(UsageError):
    """There is no project here, or its files cannot be read."""

    code = "project"


class ConfigurationError(UsageError):
    """A configuration file or an override says something that cannot be.

    Args:
        message: As for every error.
        where: As for every error.
        hints: As for every error.
        problems: Where several things are wrong, each of them as an error of its own.
    """

    code = "configuration"

    def __init__(
        self,
        message: str,
        *,
        where: Where | None = None,
        hints: tuple[str, ...] = (),
        problems: tuple[DaichoError, ...] = (),
    ) -> None:
        super().__init__(message, where=where, hints=hints)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.problems)])

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_several, (type(self), self.message, self.where, self.hints, self.problems)


def _rebuild_several(
    kind: type[ConfigurationError],
    message: str,
    where: Where | None,
    hints: tuple[str, ...],
    problems: tuple[DaichoError, ...],
) -> ConfigurationError:
    return kind(message, where=where, hints=hints, problems=problems)


def together(problems: Sequence[DaichoError]) -> DaichoError:
    """One error for all that is wrong: the only one as it is, several as a list in the order of their places."""
    if len(problems) == 1:
        return problems[0]
    return ConfigurationError(
        f"{len(problems)} things are wrong in the configuration; nothing ran",
        problems=tuple(sorted(problems, key=_place)),
    )


def _place(problem: DaichoError) -> tuple[str, int]:
    where = problem.where
    return (where.file, where.line or 0) if where is not None else ("", 0)


class UnknownTaskError(UsageError, LookupError):
    """No task has that name."""

    code = "unknown-task"


class DeclarationError(UsageError, TypeError):
    """A task class is written in a way that cannot work."""

    code = "declaration"


class ParameterError(UsageError, TypeError):
    """A parameter is missing, unknown, or has a value of the wrong type."""

    code = "parameter"


class GraphError(UsageError):
    """The tasks do not form a graph: a ring of dependencies, or two tasks that clash."""

    code = "graph"


class SourceError(UsageError, FileNotFoundError):
    """A source is missing or cannot be read."""

    code = "source"

    __str__ = DaichoError.__str__


class NotFoundError(UsageError, LookupError):
    """There is no such run, result or output."""

    code = "not-found"


class MissingExtraError(UsageError, ImportError):
    """A library is needed that is not installed; the hint names the extra that brings it."""

    code = "missing-extra"

    __str__ = DaichoError.__str__


class UntrustedError(UsageError, PermissionError):
    """Reading a result would run code that somebody else may have written."""

    code = "untrusted"

    __str__ = DaichoError.__str__


class TaskError(DaichoError, RuntimeError):
    """A task did something that its declaration does not allow."""

    code = "task"
    exit_status = 1


class OutputError(TaskError):
    """An output was not saved, was not declared, or is still being written."""

    code = "output"


class InputError(TaskError):
    """An input was read without being declared, or changed while the task ran."""

    code = "input"


class FormatError(TaskError, ValueError):
    """A value does not fit the format that it is saved in, or a file is not of its format."""

    code = "format"


class WorkerDied(TaskError):
    """The process that ran the task ended without an answer."""

    code = "worker-died"


class CorruptError(DaichoError, OSError):
    """Stored bytes are not what the ledger says they are."""

    code = "corrupt"
    exit_status = 1

    __str__ = DaichoError.__str__


class StoreError(DaichoError, OSError):
    """The ledger's store cannot be used."""

    code = "store"

    __str__ = DaichoError.__str__


class StoreUnreachableError(StoreError, ConnectionError):
    """The ledger's store does not answer."""

    code = "store-unreachable"

    __str__ = DaichoError.__str__


class InternalError(DaichoError, AssertionError):
    """Something that cannot happen has happened: a bug in daicho."""

    code = "internal"
