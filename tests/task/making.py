"""Task classes that are made by tests, one parameter at a time."""

from __future__ import annotations

from typing import Any

from daicho import Task
from daicho.task.task import TaskMeta


def task_with(annotation: Any, name: str = "Made", **members: Any) -> Any:
    """A task class with one parameter `x` of a type, and further members."""
    members = {"__annotations__": {"x": annotation}, "__module__": __name__, **members}
    return TaskMeta(name, (Task,), members)
