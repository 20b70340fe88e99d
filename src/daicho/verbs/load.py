"""Load a result, ready to be read: the one that the present plan would reuse, or an old one of any run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, TypeVar, overload

from daicho import formats
from daicho._nearest import nearest
from daicho.errors import NotFoundError, UsageError
from daicho.ledger import history
from daicho.ledger.chosen import choose
from daicho.plan.prepare import Context, open_project, prepare
from daicho.plan.readable import readable
from daicho.plan.recorded import rebuilt
from daicho.plan.trust import fetch
from daicho.record import OutputRecord, Record
from daicho.runtime import activate
from daicho.task.task import Task

T = TypeVar("T", bound=Task)


@dataclass(frozen=True)
class ResultOutput:
    """An output of an old result: verified by its digest whenever it is reached for."""

    record: Record
    about: OutputRecord
    _context: Context = field(repr=False)

    @property
    def path(self) -> Path:
        """Where its bytes are on this machine; they are not to be changed.

        Raises:
            CorruptError: If they are not what was recorded.
        """
        return self._context.ledger.fetch(self.record, self.about)

    def load(self) -> Any:
        """The value, by the format that it was saved in.

        Raises:
            UntrustedError: If loading runs code that is in the file, and somebody else may have put it there.
            FormatError: If the file is not of its format.
            CorruptError: As for `path`.
        """
        return formats.by_name(self.about.format).load(fetch(self._context, self.record, self.about))

    def open(self, mode: Literal["r", "rb"] = "r", encoding: str | None = None) -> IO[Any]:
        """The file, opened for reading (UTF-8 unless `encoding` says otherwise)."""
        if mode not in ("r", "rb"):
            raise ValueError(f'a result is only read: mode "r" or "rb", not "{mode}"')
        return self.path.open(mode, encoding=None if "b" in mode else encoding or "utf-8")


@dataclass(frozen=True)
class Result:
    """An old result as it was recorded, which needs none of the code that made it.

    Outputs, parameters, and the results of the tasks that it read are attributes, by the names that the task had
    for them: `result.model.load()`, `result.seed`, `result.data.train.load()`. What is called as one of the names
    below is reached as `result["record"]`.

    Attributes:
        record: All that is known of it.
        logged: What its run measured, by name.
    """

    record: Record
    logged: Mapping[str, float]
    _context: Context = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        output = self.record.output(name)
        if output is not None:
            return ResultOutput(self.record, output, self._context)
        if name in self.record.parameters:
            return self.record.parameters[name]
        read = {item.run_id for item in self.record.inputs if item.role.rpartition(".")[0] == name}
        if len(read) == 1 and (run_id := read.pop()) is not None:
            return _result(self._context, history.records(self._context.ledger, [run_id]).get(run_id), name)
        raise KeyError(name)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            hints = nearest(name, dir(self))
            raise AttributeError(
                f"this result of `{self.record.task}` has no `{name}`" + (f" ({hints[0]})" if hints else "")
            ) from None

    def __dir__(self) -> list[str]:
        record = self.record
        roles = {role for item in record.inputs if (role := item.role.rpartition(".")[0]).isidentifier()}
        return sorted(
            {*roles, *record.parameters, *(output.role for output in record.outputs), "record", "logged"}
        )


def _result(context: Context, record: Record | None, name: str) -> Result:
    if record is None or record.run_id is None:
        raise NotFoundError(f"the run that `{name}` was read from is no longer in the store")
    logged = context.ledger.metrics([record.run_id]).get(record.run_id, {})
    return Result(record, logged, context)


@overload
def load(
    task: type[T],
    *,
    params: Mapping[str, Any] | None = ...,
    run: str | None = ...,
    tag: str | None = ...,
    best: str | None = ...,
    lowest: bool | None = ...,
    folder: str | Path = ...,
) -> T: ...


@overload
def load(
    task: str,
    *,
    params: Mapping[str, Any] | None = ...,
    run: str | None = ...,
    tag: str | None = ...,
    best: str | None = ...,
    lowest: bool | None = ...,
    folder: str | Path = ...,
) -> Any: ...


def load(
    task: object,
    *,
    params: Mapping[str, Any] | None = None,
    run: str | None = None,
    tag: str | None = None,
    best: str | None = None,
    lowest: bool | None = None,
    folder: str | Path = ".",
) -> Any:
    """A result: by default the one that is there for the present code, configuration and sources.

        model = daicho.load("Trainer").model.load()
        model = daicho.load("Trainer", best="cv_accuracy").model.load()
        model = daicho.load(Trainer, run="calm-harbour-41").model.load()

    Args:
        task: Its name or class.
        params: Values by `"Task.parameter"`, for the present result.
        run: An old one: of this pipeline run, or this run of the task's own.
        tag: An old one: the newest with this tag, `key=value`, on its run or on a pipeline run that it was in.
        best: An old one: the best by this metric of its run, among those that fit.
        lowest: Whether the lowest is the best; by default the metric's name tells.
        folder: Where to look for the project.

    Returns:
        The task's instance; of an old result that was asked for by a task's name a `Result`, which has the same
        attributes and needs none of the code. Outputs are verified when they are read.

    Raises:
        NotFoundError: If there is no such result.
        UsageError: If the project, its configuration or the task is wrong.
        StoreError: If the store cannot be asked.
    """
    context = open_project(Path(folder), params=params)
    context.ledger.check()
    if run is None and tag is None and best is None:
        prepared = prepare(context, task)
        plan = prepared.planner.plan()
        prepared.digests.save()
        return readable(context, plan)
    if params:
        raise UsageError("an old result has the parameters that it was made with: leave out `params`")
    return _old(context, task, run=run, tag=tag, best=best, lowest=lowest)


def _old(context: Context, task: object, **which: Any) -> Any:
    """An old result: by a name as it was recorded, by a class as an instance of that."""
    known = isinstance(task, type) and issubclass(task, Task)
    if not known and not isinstance(task, str):
        raise UsageError("an old result is loaded by the name or the class of its task")
    family = task if isinstance(task, str) else task.get_task_family()  # type: ignore[attr-defined]
    record = history.whole(context.ledger, choose(context.ledger, family, **which))
    if isinstance(task, str):
        return _result(context, record, task)
    with activate(context.runtime):
        return rebuilt(task, record, context)  # type: ignore[arg-type]
