"""Secrets that a task has revealed are taken out of what is kept of its failure and of what it printed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import luigi

from daicho.record import Failure
from daicho.task.secret import hide, secrets_in


def without_secrets(task: luigi.Task, problem: Failure | None, log: Path) -> Failure | None:
    """A failure without the task's secrets, and the same done to its log, in place: it may still be written to."""
    secrets = list(secrets_in(task.param_kwargs.values()))
    if not secrets:
        return problem
    sys.stdout.flush()
    sys.stderr.flush()
    if log.is_file():
        with log.open("r+b") as file:
            said = file.read().decode("utf-8", "surrogateescape")
            file.seek(0)
            file.write(hide(said, secrets).encode("utf-8", "surrogateescape"))
    if problem is None:
        return None
    return replace(
        problem,
        message=hide(problem.message, secrets),
        frames=tuple(hide(frame, secrets) for frame in problem.frames),
        traceback=hide(problem.traceback, secrets),
        hints=tuple(hide(hint, secrets) for hint in problem.hints),
    )
