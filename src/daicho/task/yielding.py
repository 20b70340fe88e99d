"""Whether a task's `run()` yields tasks that it needs, as Luigi's dynamic dependencies do."""

from __future__ import annotations

import inspect

import luigi


def yields(task: luigi.Task) -> bool:
    """Whether the `run()` of a task is a generator."""
    return inspect.isgeneratorfunction(inspect.unwrap(type(task).run))
