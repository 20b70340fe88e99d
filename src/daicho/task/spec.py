"""Tasks on their way to another process: as class names and values, never as pickled instances.

A task that is another's value travels as a spec of its own; the receiver knows which it has already.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import luigi
from luigi.task_register import Register

from daicho.errors import DeclarationError, InternalError

MAIN_AGAIN = "__daicho_main__"
"""The name under which a worker loads the program's main module."""


@dataclass(frozen=True)
class Reference:
    """In the place of a task among values: which one."""

    task_id: str


@dataclass(frozen=True)
class Spec:
    """A task: where its class is and the values of its parameters.

    `file` is set for classes of the program's main module, which is loaded again from there.
    """

    task_id: str
    module: str
    qualname: str
    values: tuple[tuple[str, Any], ...]
    file: str | None = None


def describe(task: luigi.Task, known: set[str]) -> list[Spec]:
    """The specs of a task and of the tasks among its values that the receiver does not know yet, needed ones first.

    Args:
        task: The task.
        known: Ids of the tasks that the receiver has; those described are added.

    Raises:
        DeclarationError: If a class cannot be found by name in another process.
    """
    specs: list[Spec] = []
    stack: list[tuple[luigi.Task, bool]] = [(task, False)]
    while stack:
        each, needs_done = stack.pop()
        if each.task_id in known:
            continue
        if needs_done:
            specs.append(_spec(each))
            known.add(each.task_id)
            continue
        stack.append((each, True))
        stack.extend((needed, False) for value in each.param_kwargs.values() for needed in _tasks_in(value))
    return specs


def rebuild(specs: Iterable[Spec], instances: MutableMapping[str, luigi.Task]) -> None:
    """Build the tasks of some specs and put them among the instances.

    Raises:
        InternalError: If a task comes out as another one than was sent.
    """
    for spec in specs:
        kind = _find(spec)
        task = kind(**{name: _filled(value, instances) for name, value in spec.values})
        if task.task_id != spec.task_id:
            raise InternalError(
                f"`{spec.qualname}` arrived in the worker as another task than was sent: "
                f"{task.task_id}, not {spec.task_id}",
                hints=("was its module edited since the launch began? start the run again",),
            )
        instances[spec.task_id] = task


def module_of(kind: type) -> str:
    """The name of a class's module, the same in all processes."""
    return "__main__" if kind.__module__ == MAIN_AGAIN else kind.__module__


def class_named(module: str, family: str) -> type[luigi.Task] | None:
    """The task class of a family that a module has defined last, if it is imported."""
    kinds = (kind for kind in reversed(Register._reg) if kind.get_task_family() == family)
    return next((kind for kind in kinds if module_of(kind) == module), None)


def _spec(task: luigi.Task) -> Spec:
    kind = type(task)
    if "<locals>" in kind.__qualname__:
        raise DeclarationError(
            f"`{kind.__qualname__}` is defined inside a function, where a worker process cannot find it",
            hints=("move the class to the top of its module", "or run in this process: --inline"),
        )
    values = tuple((name, _emptied(value)) for name, value in task.param_kwargs.items())
    module = module_of(kind)
    file = getattr(sys.modules[kind.__module__], "__file__", None) if module == "__main__" else None
    if module == "__main__" and file is None:
        raise DeclarationError(
            f"`{kind.__qualname__}` is defined in an interactive session, where a worker process cannot find it",
            hints=("write it into a module", "or run in this process: --inline, Options(inline=True)"),
        )
    return Spec(task.task_id, module, kind.__qualname__, values, file)


def _tasks_in(value: Any) -> Iterator[luigi.Task]:
    if isinstance(value, luigi.Task):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tasks_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tasks_in(item)


def _emptied(value: Any) -> Any:
    """A value with references in the place of tasks."""
    if isinstance(value, luigi.Task):
        return Reference(value.task_id)
    if not any(True for _ in _tasks_in(value)):
        return value
    if isinstance(value, dict):
        return {key: _emptied(item) for key, item in value.items()}
    return tuple(map(_emptied, value)) if isinstance(value, tuple) else list(map(_emptied, value))


def _filled(value: Any, instances: MutableMapping[str, luigi.Task]) -> Any:
    """A value with tasks in the place of references."""
    if isinstance(value, Reference):
        return instances[value.task_id]
    if type(value) is dict:
        return {key: _filled(item, instances) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_filled(item, instances) for item in value)
    return value


def _find(spec: Spec) -> Any:
    module = (
        _main(spec.file) if spec.module == "__main__" and spec.file else importlib.import_module(spec.module)
    )
    found: Any = module
    for name in spec.qualname.split("."):
        found = getattr(found, name)
    return found


def _main(file: str) -> Any:
    """The program's main module, loaded again under its file's name, so that its guard does not start it anew."""
    name = MAIN_AGAIN
    main = sys.modules["__main__"]
    if getattr(main, "__file__", None) == file:
        return main  # this is the program itself
    if name not in sys.modules:
        loader = importlib.util.spec_from_file_location(name, file)
        if loader is None or loader.loader is None:
            raise InternalError(f"`{file}` cannot be loaded as a module")
        sys.path.insert(0, str(Path(file).parent))
        module = importlib.util.module_from_spec(loader)
        sys.modules[name] = sys.modules["__main__"] = module
        loader.loader.exec_module(module)
    return sys.modules[name]
