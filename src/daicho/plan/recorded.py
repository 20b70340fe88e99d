"""An old result as an instance of its task's present class: recorded values, outputs that lead to what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from daicho.errors import InputError, NotFoundError, ParameterError, UsageError
from daicho.ledger import history
from daicho.plan.prepare import Context
from daicho.plan.trust import fetch
from daicho.record import Record
from daicho.runtime import Setting
from daicho.task.field import Field
from daicho.task.output import RUNTIME
from daicho.task.source import SourceField
from daicho.task.task import Task

T = TypeVar("T", bound=Task)


@dataclass
class _Past:
    """What the instance of an old result asks for its files: they are as they were recorded, and done."""

    record: Record
    context: Context
    root: Path = Path()
    instances: MutableMapping[object, Any] = field(default_factory=dict)

    def section(self, family: str) -> Mapping[str, Setting]:
        """Nothing is configured: the values are recorded ones."""
        return {}

    def output_path(self, task: Any, name: str) -> Path:
        """Where the recorded output lies, verified."""
        output = self.record.output(name)
        if output is None:
            known = ", ".join(f"`{each.role}`" for each in self.record.outputs)
            raise NotFoundError(
                f"run {self.record.run_id} of `{self.record.task}` has no output `{name}`",
                hints=(f"it has: {known}",) if known else (),
            )
        return fetch(self.context, self.record, output)

    def writable_path(self, task: Any, name: str) -> Path:
        """A result is never changed."""
        raise InputError(f"`{self.record.task}.{name}` is recorded: it cannot be written to")

    def complete(self, task: Any) -> bool:
        """It is there."""
        return True

    def run(self, task: Any, body: Callable[[], Any]) -> Any:
        """It has run."""
        raise InputError(f"`{self.record.task}` was loaded as an old result: it does not run again")


def rebuilt(kind: type[T], record: Record, context: Context) -> T:
    """An instance of a task class that stands for an old result; so do the tasks that it depends on.

    What was not recorded (insignificant parameters, secrets, dependencies that were not read) is not set.

    Args:
        kind: The class.
        record: The result, in full.
        context: The project whose store holds it.

    Raises:
        UsageError: If the class does not take the values that were recorded.
        StoreError: If the store cannot be asked.
    """
    task = object.__new__(kind)
    values = vars(task)
    for name, parameter in kind.get_params():
        found = _value(kind, name, parameter, record, context)
        if found is not None:
            values[name] = found
    values[RUNTIME] = _Past(record, context)
    values["param_kwargs"] = {name: values[name] for name, _ in kind.get_params() if name in values}
    values["task_id"] = record.task_id or f"{record.task}_{record.run_id}"
    values["_Task__hash"] = hash(values["task_id"])
    return task


def _value(kind: type[Task], name: str, parameter: Any, record: Record, context: Context) -> Any:
    if isinstance(parameter, SourceField):
        place = next((source.place for source in record.sources if source.role == name), None)
        return None if place is None else parameter.check(kind.__name__, place, "toml")
    below = parameter.kind.dependency if isinstance(parameter, Field) else None
    if below is not None:
        read = {item.run_id for item in record.inputs if item.role.rpartition(".")[0] == name}
        found = history.records(context.ledger, [run_id for run_id in read if run_id is not None])
        return rebuilt(below, next(iter(found.values())), context) if len(found) == 1 else None
    if name not in record.parameters:
        return None
    value = record.parameters[name]
    if not isinstance(parameter, Field):
        return tuple(value) if isinstance(value, list) else value  # as Luigi's own parameters give it
    try:
        return parameter.check(kind.get_task_family(), value, "toml")
    except ParameterError as error:
        raise UsageError(
            f"the class `{kind.__name__}` no longer takes what was recorded: {error.message}",
            hints=(f'load it by its name, which needs no class: daicho.load("{record.task}", …)',),
        ) from error
