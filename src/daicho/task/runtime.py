"""What tasks reach through `daicho.runtime`: the project's settings, and the work in hand if there is one."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from daicho.config.settings import Settings
from daicho.errors import InputError, NotFoundError
from daicho.events import Phase
from daicho.runtime import Setting
from daicho.task.paths import called
from daicho.task.task import declared_outputs
from daicho.task.yielding import yields

_OFTEN = 0.2  # seconds between two reports of how far a task is


@dataclass
class Work:
    """A task that runs now, and where its files are.

    Attributes:
        task: The task.
        stage: The folder that its outputs are written to.
        inputs: Where the outputs that it may read lie, by task id and attribute.
        folders: Where a task that works with paths finds what it may read, by the family that made it.
        running: Whether its `run()` has begun: that of a base class may be called within it.
    """

    task: Any
    stage: Path
    inputs: Mapping[tuple[str, str], Path]
    folders: Mapping[str, Path] = field(default_factory=dict)
    running: bool = False


@dataclass
class ProjectRuntime:
    """Settings and task instances of one launch. In a worker, `work` is the task that runs.

    Attributes:
        root: The project's folder.
        settings: What is configured.
        locate: Where a published output lies, when no task runs.
        done: Whether a task has a result, when no task runs.
        on_phase: Told when the body of the task that runs begins and ends.
        on_progress: Told how far the task that runs is, and of how much.
    """

    root: Path
    settings: Settings
    locate: Callable[[Any, str], Path] | None = None
    done: Callable[[str], bool] | None = None
    work: Work | None = None
    instances: dict[object, Any] = field(default_factory=dict)
    on_phase: Callable[[Phase], None] | None = None
    on_progress: Callable[[float, float | None], None] | None = None
    _reported: float = 0.0

    @property
    def paths(self) -> Mapping[str, Setting]:
        """What `[PathConfig]` says."""
        return self.settings.paths

    def section(self, family: str, *, loosely: bool = False) -> Mapping[str, Setting]:
        """The configured values of a task class."""
        if loosely:
            return self._folded.get(family.casefold(), {})
        return self.settings.sections.get(family, {})

    @cached_property
    def _folded(self) -> Mapping[str, Mapping[str, Setting]]:
        found: dict[str, dict[str, Setting]] = {}
        for name, section in self.settings.sections.items():
            found.setdefault(name.casefold(), {}).update(section)  # overrides come last
        return found

    def folder(self, task: Any, name: str) -> Path | None:
        """Where the running task finds the files of a task, its own or one that it reads."""
        if self.work is None or self.work.task.task_id != task.task_id:
            return None
        if called(name, type(task)):
            return self.work.stage
        given = {each.casefold(): path for each, path in self.work.folders.items()}
        short = {each.rpartition(".")[2]: path for each, path in given.items()}
        return given.get(name.casefold(), short.get(name.casefold()))

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
            raise self._refused(self.work, task, name)
        return found

    def _refused(self, work: Work, task: Any, name: str) -> InputError:
        reader, read = type(work.task).__name__, type(task).__name__
        shown = [role for task_id, role in work.inputs if task_id == task.task_id]
        if not shown or getattr(work.task, "free_section", False):
            return InputError(
                f"`{reader}` reads `{read}.{name}`, but does not depend on it",
                hints=(self._way(task, name, f"an attribute `{read.lower()}: {read}` in `{reader}`"),),
            )
        given = work.task.param_kwargs.items()
        way = next((each for each, value in given if getattr(value, "task_id", "") == task.task_id), None)
        line = f"self.{way}.{name}" if way is not None else name
        return InputError(
            f"`{reader}` reads `{read}.{name}`, but its code shows only that it reads "
            + ", ".join(f"`{role}`" for role in sorted(shown)),
            hints=(
                f"write `{line}` in a method of `{reader}`: an output counts where its code shows that it is read",
                f"or name what reads it in `{reader}.uses`: then all outputs count",
            ),
        )

    def _way(self, task: Any, name: str, line: str) -> str:
        """What makes the running task depend on an output."""
        assert self.work is not None
        file = declared_outputs(task)[name].name
        if getattr(type(self.work.task), "free_section", False):
            line = f"f\"{{self.path_config['{type(task).__name__}']}}{file}\" among its inputs"
        return f"declare it: {line}"

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
        if yields(task):
            found = body()
            return self._kept_running(self.work, found) if inspect.isgenerator(found) else found
        with self._running(self.work):
            return body()

    def _kept_running(self, work: Work, found: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """A body that yields runs from its first step to its end."""
        with self._running(work):
            return (yield from found)

    def report_progress(self, done: float, total: float | None = None) -> None:
        """Tell how far the task that runs is; what comes too soon after the last is left out, but for the end."""
        now = time.monotonic()
        if self.on_progress is not None and (done == total or now - self._reported >= _OFTEN):
            self._reported = now
            self.on_progress(done, total)

    @contextmanager
    def _running(self, work: Work) -> Iterator[None]:
        outermost = self.on_phase is not None and not work.running
        work.running = True
        if outermost and self.on_phase is not None:
            self.on_phase("running")
        try:
            yield
        finally:
            if outermost and self.on_phase is not None:
                self.on_phase("saving")

    def _staged(self, task: Any, name: str) -> Path:
        declared = declared_outputs(task)[name]
        assert self.work is not None
        path = self.work.stage / declared.name
        (path if declared.folder else path.parent).mkdir(parents=True, exist_ok=True)
        return path
