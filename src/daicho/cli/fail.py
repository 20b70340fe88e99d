"""What goes wrong, as a person reads it: what, where, and what to do next. Colour only adds."""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.cli.line import Line, line, quoted
from daicho.cli.text import clean_lines
from daicho.errors import ConfigurationError, DaichoError, InternalError, Where

SCHEMA = "daicho.error/1"

_OURS = str(Path(__file__).resolve().parents[1]) + os.sep
_INSTALLED = tuple(
    {
        str(Path(sysconfig.get_path(name)).resolve()) + os.sep
        for name in ("purelib", "platlib", "stdlib", "platstdlib")
    }
)


@dataclass(frozen=True)
class Problem:
    """An error to be shown."""

    code: str
    message: str
    where: str | None = None
    hints: tuple[str, ...] = ()
    exit_status: int = 2
    problems: tuple[Problem, ...] = ()

    def lines(self) -> Iterator[Line]:
        """The lines for people; of several problems each by itself, then how many there are."""
        for problem in self.problems:
            for each in problem.lines():
                if each.pieces:
                    yield line("  ") + each if each.plain.startswith("hint: ") else each
            yield line()
        if self.problems:
            yield line(("error", "bad"), ": ") + quoted(self.message)
            return
        first, *more = clean_lines(self.message)
        yield line((f"error[{self.code}]", "bad"), ": ") + quoted(first)
        yield from (line("  ", text) for text in more)
        if self.where is not None:
            yield line(("  --> ", "dim"), self.where)
        if self.hints:
            yield line()
        yield from (line(("hint: ", "name")) + quoted(hint) for hint in self.hints)

    def to_json(self) -> dict[str, Any]:
        """The error as one JSON document."""
        return {
            "schema": SCHEMA,
            "code": self.code,
            "message": self.message,
            "where": self.where,
            "hints": list(self.hints),
            "exit_status": self.exit_status,
            "problems": [
                {
                    "code": each.code,
                    "message": each.message,
                    "where": each.where,
                    "hints": list(each.hints),
                }
                for each in self.problems
            ],
        }


def of_error(error: BaseException) -> Problem:
    """What to show for an exception: one of ours, one that the user's own code raised, or a bug of daicho."""
    if isinstance(error, DaichoError) and not isinstance(error, InternalError):
        where = str(error.where) if error.where is not None else None
        problems = error.problems if isinstance(error, ConfigurationError) else ()
        each = tuple(of_error(problem) for problem in problems)
        return Problem(error.code, error.message, where, error.hints, error.exit_status, each)
    frames = traceback.extract_tb(error.__traceback__)
    name = "".join(traceback.format_exception_only(error)).strip().rpartition("\n")[2]
    known = [frame for frame in frames if _ours(frame) or _users(frame)]
    if known and _users(known[-1]) and not isinstance(error, DaichoError):
        return Problem(
            "user-code",
            f"your own code failed before anything ran: {name}",
            _place(known[-1]),
            ("the whole traceback: the same command with --debug",),
        )
    return Problem(
        "internal",
        f"this is a bug in daicho: {name}",
        _place((known or list(frames))[-1]) if frames else None,
        ("please report it, with what this shows: the same command with --debug",),
        exit_status=3,
    )


def _ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_OURS)


def _users(frame: traceback.FrameSummary) -> bool:
    path = os.path.realpath(frame.filename)
    library = (
        path.startswith((_OURS, *_INSTALLED)) or "site-packages" in path or frame.filename.startswith("<")
    )
    return not library and path != os.path.realpath(sys.argv[0])


def _place(frame: traceback.FrameSummary) -> str:
    name = frame.filename
    shown = (
        os.path.join("daicho", name.removeprefix(_OURS)) if name.startswith(_OURS) else os.path.relpath(name)
    )
    return f"{Where(shown, frame.lineno)} in {frame.name}"
