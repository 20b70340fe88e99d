"""Tasks as JSON, and back: what a task has yielded is kept with its record, and planned again from that.

Only values that code has given are kept. What comes from the configuration or the class is left out, so that a task is
built again as it would be built now: if that is another one, something has changed. Nothing that could be a secret is
kept. A task with a value that does not come back from JSON as it was is kept without values, and never built again.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from daicho.digest import of_value
from daicho.errors import DaichoError, NotFoundError
from daicho.fingerprint.observed import value_of
from daicho.fingerprint.parts import shown
from daicho.provenance import looks_secret, mask_value
from daicho.runtime import current
from daicho.task import find
from daicho.task.field import MISSING, Field
from daicho.task.named import names
from daicho.task.plain import is_task
from daicho.task.run_task import CONFIG, RunTask
from daicho.task.spec import class_named, module_of

Entry = Mapping[str, Any]
"""A task: its identity, its class, the values that code has given, and digests of what else must be equal."""

_DIGITS = 16
_KEPT_NOT = None  # in the place of values that cannot be kept


def told(tasks: Iterable[Any]) -> list[Entry]:
    """Some tasks and the tasks among their values, needed ones first; as values of JSON."""
    entries: dict[str, Entry] = {}
    stack = [(task, False) for task in reversed(list(tasks))]
    while stack:
        task, needs_done = stack.pop()
        if task.task_id in entries:
            continue
        given = _given(task)
        if needs_done:
            entries[task.task_id] = _entry(task, given)
            continue
        stack.append((task, True))
        stack.extend((each, False) for value in given.values() for each in _tasks_in(value))
    return list(entries.values())


def recalled(entries: Iterable[Entry], root: Path) -> dict[str, Any]:
    """The tasks that entries tell of, as they are built now, by the identity that they had then.

    Args:
        entries: As `told` gives them.
        root: The project's folder: no module that lies elsewhere is imported.

    Raises:
        NotFoundError: If one cannot be built any more, or is another one now.
        DaichoError: What its class says against it.
    """
    tasks: dict[str, Any] = {}
    kinds: dict[tuple[str, str], type[Any] | None] = {}
    for entry in entries:
        family = entry["family"]
        name = (entry["module"], family)
        if name not in kinds:
            kinds[name] = _class_of(*name, root)
        kind = kinds[name]
        if kind is None:
            raise NotFoundError(f"`{family}` is not here any more")
        if entry["values"] is _KEPT_NOT:
            raise NotFoundError(f"`{family}` was given values that are not kept")
        try:
            task = kind(**_values(kind, entry["values"], tasks))
        except DaichoError:
            raise
        except Exception as error:  # whatever the user's class raises
            raise NotFoundError(f"`{family}` cannot be built: {type(error).__name__}: {error}") from error
        rest, then = _rest(task, entry["values"]), entry["rest"]
        differing = sorted(each for each in rest.keys() | then.keys() if rest.get(each) != then.get(each))
        if differing:
            raise NotFoundError(f"{', '.join(f'`{each}`' for each in differing)} changed")
        tasks[entry["id"]] = task
    return tasks


def _entry(task: Any, given: Mapping[str, Any]) -> Entry:
    values: dict[str, Any] | None = {name: _kept(task, name, value) for name, value in given.items()}
    if values is not None and (MISSING in values.values() or not _comes_back(task, given, values)):
        values = _KEPT_NOT
    return {
        "id": task.task_id,
        "family": task.get_task_family(),
        "module": module_of(type(task)),
        "values": values,
        "rest": _rest(task, given),
    }


def _given(task: Any) -> dict[str, Any]:
    """The values that a task would not have if it were built without any."""
    return {
        name: vars(task)[name]
        for name, parameter in task.get_params()
        if not _same(vars(task)[name], _unasked(type(task), name, parameter))
    }


def _unasked(kind: type[Any], name: str, parameter: Any) -> Any:
    try:
        return kind.get_param_values([(name, parameter)], (), {})[0][1]
    except Exception:  # noqa: BLE001  # it has no value then, or its class cannot be built
        return MISSING


def _rest(task: Any, given: Mapping[str, Any]) -> dict[str, str]:
    """Digests of what is not kept and must be equal: other values, further configurations, a section as it stands.

    Not of tasks among the values: they count by what they give, as for any task that needs them.
    """
    kind, family = type(task), task.get_task_family()
    rest = {
        f"{family}.{name}": _digest(vars(task)[name])
        for name, parameter in task.get_params()
        if name not in given and parameter.significant and not _holds_tasks(parameter)
    }
    for name in names(kind):
        section = current().section(f"{family}.{name}")
        rest[f"[{family}.{name}]"] = _digest({key: repr(setting.value) for key, setting in section.items()})
    if isinstance(task, RunTask):
        rest[f"[{family}]"] = value_of(task, CONFIG)[:_DIGITS]
    return rest


def _holds_tasks(parameter: Any) -> bool:
    return isinstance(parameter, Field) and parameter.kind.holds_tasks


def _digest(value: Any) -> str:
    return of_value(_flat(value))[:_DIGITS]


def _kept(task: Any, name: str, value: Any) -> Any:
    """A value as JSON has it; `MISSING` for what is not to be kept."""
    parameter = dict(task.get_params())[name]
    if looks_secret(name) or (isinstance(parameter, Field) and parameter.kind.secret):
        return MISSING
    if not isinstance(parameter, Field):
        try:
            kept: Any = parameter.serialize(value)
        except Exception:  # noqa: BLE001  # a parameter class of the user's
            return MISSING
    else:
        kept = _emptied(value) if _holds_tasks(parameter) else shown(value)
    return kept if mask_value(kept) == kept else MISSING


def _comes_back(task: Any, given: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    tasks = {each.task_id: each for value in given.values() for each in _tasks_in(value)}
    try:
        again = _values(type(task), values, tasks)
        parameters = dict(task.get_params())
        return all(_same(parameters[name].normalize(again[name]), value) for name, value in given.items())
    except Exception:  # noqa: BLE001  # then it does not
        return False


def _values(kind: type[Any], values: Mapping[str, Any], tasks: Mapping[str, Any]) -> dict[str, Any]:
    parameters = dict(kind.get_params())
    return {name: _value(kind, parameters.get(name), kept, tasks) for name, kept in values.items()}


def _value(kind: type[Any], parameter: Any, kept: Any, tasks: Mapping[str, Any]) -> Any:
    if not isinstance(parameter, Field):
        return kept if parameter is None else parameter.parse(kept)
    if _holds_tasks(parameter):
        return _filled(kept, tasks)
    return parameter.check(kind.get_task_family(), kept, "toml")


def _emptied(value: Any) -> Any:
    """A value with identities in the place of tasks."""
    if is_task(value):
        return {"task": value.task_id}
    if isinstance(value, Mapping):
        return {"map": {str(key): _emptied(item) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_emptied(item) for item in value]
    return shown(value)


def _filled(kept: Any, tasks: Mapping[str, Any]) -> Any:
    if isinstance(kept, Mapping):
        if "task" in kept:
            return tasks[kept["task"]]
        return {key: _filled(item, tasks) for key, item in kept["map"].items()}
    return [_filled(item, tasks) for item in kept] if isinstance(kept, list) else kept


def _tasks_in(value: Any) -> Iterable[Any]:
    if is_task(value):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tasks_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tasks_in(item)


def _same(one: Any, other: Any) -> bool:
    try:
        return one is other or of_value(_flat(one)) == of_value(_flat(other))
    except DaichoError:  # a value of a kind that has no digest
        return False


def _flat(value: Any) -> Any:
    """A value with identities for tasks, plain Luigi's too, and exactly what it is otherwise."""
    if is_task(value):
        return ("task", value.task_id)
    if isinstance(value, Mapping):
        return {key: _flat(item) for key, item in value.items()}
    return [_flat(item) for item in value] if isinstance(value, list | tuple) else value


def _class_of(module: str, family: str, root: Path) -> type[Any] | None:
    found = class_named(module, family)
    if found is None and _is_here(module, root):
        try:
            importlib.import_module(module)
        except Exception as error:  # whatever the user's module raises
            raise NotFoundError(f"`{module}` cannot be imported: {type(error).__name__}: {error}") from error
        found = class_named(module, family)
    return found


def _is_here(module: str, root: Path) -> bool:
    """Whether a module is a file of the project; seeing that takes no import."""
    place = Path(*module.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return any((path / file).is_file() for path in find.import_paths(root) for file in files)
