"""What tasks reach through `daicho.runtime`: the project's settings, and the work in hand if there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.config.settings import Settings
from daicho.errors import InputError, NotFoundError
from daicho.runtime import Setting
from daicho.task.declare import outputs_of


@dataclass
class Work:
    """A task that runs now, and where its files are.

    Attributes:
        task: The task.
        stage: The folder that its outputs are written to.
        inputs: Where the outputs that it may read lie, by task id and attribute.
    """

    task: Any
    stage: Path
    inputs: Mapping[tuple[str, str], Path]


@dataclass
class ProjectRuntime:
    """Settings and task instances of one launch. In a worker, `work` is the task that runs.

    Attributes:
        root: The project's folder.
        settings: What is configured.
        locate: Where a published output lies, when no task runs.
        done: Whether a task has a result, when no task runs.
    """

    root: Path
    settings: Settings
    locate: Callable[[Any, str], Path] | None = None
    done: Callable[[str], bool] | None = None
    work: Work | None = None
    instances: dict[object, Any] = field(default_factory=dict)

    def section(self, family: str) -> Mapping[str, Setting]:
        """The configured values of a task class."""
        return self.settings.sections.get(family, {})

    def output_path(self, task: Any, name: str) -> Path:
        """Where an output lies: staged for the running task's own, given for what it depends on."""
        if self.work is None:
            if self.locate is None:
                raise NotFoundError(f"`{task.get_task_family()}.{name}` has no result here")
            return self.locate(task, name)
        if self.work.task.task_id == task.task_id:
            return self._staged(task, name)
        found = self.work.inputs.get((task.task_id, name))
        if found is None:
            reader, read = type(self.work.task).__name__, type(task).__name__
            raise InputError(
                f"`{reader}` reads `{read}.{name}`, but does not depend on it",
                hints=(f"declare it: an attribute `{read.lower()}: {read}` in `{reader}`",),
            )
        return found

    def writable_path(self, task: Any, name: str) -> Path:
        """Where the running task writes an output of its own."""
        if self.work is None or self.work.task.task_id != task.task_id:
            raise InputError(
                f"`{task.get_task_family()}.{name}` can be written only by its own `run()`",
                hints=("a result is never changed once it is recorded",),
            )
        return self._staged(task, name)

    def complete(self, task: Any) -> bool:
        """Whether a task's result is there: while one runs, only of those that it depends on."""
        if self.work is None:
            return self.done is not None and self.done(task.task_id)
        return any(task_id == task.task_id for task_id, _ in self.work.inputs)

    def run(self, task: Any, body: Callable[[], Any]) -> Any:
        """Run the body of the task in hand, and no other."""
        if self.work is None or self.work.task.task_id != task.task_id:
            raise InputError(
                f"`{type(task).__name__}.run()` was called by hand, outside of a run",
                hints=("depend on the task and read its outputs: daicho runs it first",),
            )
        return body()

    def _staged(self, task: Any, name: str) -> Path:
        declared = outputs_of(type(task))[name]
        assert self.work is not None
        path = self.work.stage / declared.name
        (path if declared.folder else path.parent).mkdir(parents=True, exist_ok=True)
        return path
