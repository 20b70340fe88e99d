"""What the layers above see of Luigi: whether something is a task, and what a task of plain Luigi has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeGuard

import luigi


def is_task(value: object) -> TypeGuard[luigi.Task]:
    """Whether a value is a task, ours or plain Luigi's."""
    return isinstance(value, luigi.Task)


def complete(task: Any) -> bool:
    """Whether a task of plain Luigi says that it is done."""
    return bool(task.complete())


def external(task: Any) -> bool:
    """Whether a task has no `run()`: what it stands for is made elsewhere."""
    return task.run is None


def own_fingerprint(task: Any) -> object | None:
    """What a plain task's `fingerprint()` gives, if it has one."""
    fingerprint = getattr(task, "fingerprint", None)
    return fingerprint() if callable(fingerprint) else None


def local_targets(task: Any) -> list[Path] | None:
    """The files that a plain task makes; None if not all of its targets are local files."""
    targets = luigi.task.flatten(task.output())
    if not all(isinstance(target, luigi.LocalTarget) for target in targets):
        return None
    return [Path(target.path) for target in targets]
