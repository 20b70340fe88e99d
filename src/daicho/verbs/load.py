"""Load a result: the task whose result the present plan would reuse, ready to be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, overload

from daicho.plan.prepare import open_project, prepare
from daicho.plan.readable import readable
from daicho.task.task import Task

T = TypeVar("T", bound=Task)


@overload
def load(task: type[T], *, params: Mapping[str, Any] | None = None, folder: str | Path = ".") -> T: ...


@overload
def load(task: str, *, params: Mapping[str, Any] | None = None, folder: str | Path = ".") -> Any: ...


def load(task: object, *, params: Mapping[str, Any] | None = None, folder: str | Path = ".") -> Any:
    """The task whose result is there for the present code, configuration and sources.

        model = daicho.load("Trainer").model.load()

    Args:
        task: Its name or class.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.

    Returns:
        The task's instance. Its outputs, and those of the tasks that it depends on, are verified when they are read.

    Raises:
        NotFoundError: If there is no such result: it has to be run first.
        UsageError: If the project, its configuration or the task is wrong.
        StoreError: If the store cannot be asked.
    """
    context = open_project(Path(folder), params=params)
    context.ledger.check()
    prepared = prepare(context, task)
    plan = prepared.planner.plan()
    prepared.digests.save()
    return readable(context, plan)
