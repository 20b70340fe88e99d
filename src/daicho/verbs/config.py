"""Show what is configured: every value that holds, and where it came from; and a JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from daicho.config.own import DESCRIPTIONS
from daicho.fingerprint.parts import shown
from daicho.plan.given import given
from daicho.plan.prepare import Context, graph_of, open_project
from daicho.provenance import MASK, looks_secret, mask_value
from daicho.runtime import activate
from daicho.task import find
from daicho.task.check import check_sections
from daicho.task.field import MISSING, Field
from daicho.task.graph import Graph, Node
from daicho.task.named import names
from daicho.task.plain import is_task
from daicho.task.run_task import section_of
from daicho.task.schema import schema_of
from daicho.task.settings import configured_value, setting_of

SCHEMA = "daicho.config/1"


@dataclass(frozen=True)
class Value:
    """A value that holds.

    Attributes:
        name: The parameter, or the key.
        value: What holds, as a JSON value; `***` for a secret, None where there is no value yet.
        where: Where it came from: `luigi.toml:7`, `.env:2`, `environment`, `command line`, `class default, …`.
        masked: Whether it is not shown.
    """

    name: str
    value: Any
    where: str
    masked: bool = False


@dataclass(frozen=True)
class TaskValues:
    """The values of a task."""

    task: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Configuration:
    """What is configured.

    Attributes:
        root: The project's folder.
        files: The files that were read, the lowest first.
        own: What is configured of daicho itself.
        tasks: The tasks of the target in their order; where none was asked for or configured, all of the project.
    """

    root: str
    files: tuple[str, ...]
    own: tuple[Value, ...]
    tasks: tuple[TaskValues, ...]

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        return {
            "schema": SCHEMA,
            "root": self.root,
            "files": list(self.files),
            "own": [asdict(each) for each in self.own],
            "tasks": [
                {
                    "task": each.task,
                    "label": each.label,
                    "parameters": [asdict(value) for value in each.values],
                }
                for each in self.tasks
            ],
        }


def configuration(
    target: object = None,
    *,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Configuration:
    """What holds for a run, and where each value came from. Nothing runs, and no store is asked.

    Args:
        target: As for `daicho.run`; without one, and without `[RunConfig] task`, all tasks of the project.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.
        config: Another configuration file, or several as in PATH.
        overrides: `Task.parameter=value` as on the command line.

    Raises:
        UsageError: If the project, its configuration or the target is wrong.
    """
    context = _opened(folder, config, params, overrides)
    settings = context.settings
    with activate(context.runtime):
        find.load(context.root, settings.modules)
        check_sections(settings, find.known_tasks(context.root))
        if target is None and settings.target is None:
            tasks = tuple(_by_class(context))
        else:
            built = graph_of(context, target)
            tasks = tuple(_of_node(context, built, node) for node in built.nodes.values())
    return Configuration(str(context.root), settings.files, tuple(_own(context)), tasks)


def json_schema(*, folder: str | Path = ".", config: str | Path | None = None) -> dict[str, Any]:
    """A JSON Schema of `luigi.toml`, made from the project's own tasks, so that editors complete and check it.

    Args:
        folder: Where to look for the project.
        config: Another configuration file, or several as in PATH.

    Raises:
        UsageError: If the project or its configuration is wrong.
    """
    context = _opened(folder, config, None, ())
    with activate(context.runtime):
        find.load(context.root, context.settings.modules)
        return schema_of(find.known_tasks(context.root))


def _opened(
    folder: str | Path, config: str | Path | None, params: Mapping[str, Any] | None, overrides: Sequence[str]
) -> Context:
    file = Path(config) if config is not None else None
    return open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)


_ATTRIBUTES = {"task": "target", "experiment_name": "experiment", "tasks": "modules"}


def _own(context: Context) -> Iterator[Value]:
    """What is configured of daicho itself, or holds because nothing is."""
    settings = context.settings
    resolved = {
        "experiment_name": context.experiment,
        "project": context.name,
        "tracking_uri": str(context.store),
        "tasks": list(settings.modules) or [find.DEFAULT],
    }
    for section, keys in DESCRIPTIONS.items():
        for key in keys:
            value = resolved.get(key, getattr(settings, _ATTRIBUTES.get(key, key), None))
            place = settings.places.get(f"{section}.{key}")
            if value is None or (place is None and value == ()):
                continue
            where = "default" if place is None else _place(place)
            yield Value(f"{section}.{key}", list(value) if isinstance(value, tuple) else value, where)


def _of_node(context: Context, built: Graph, node: Node) -> TaskValues:
    """The values of a task that was built."""
    values = [
        _value(name, _labelled(built, vars(node.task)[name]), _origin(context, built, node, name), parameter)
        for name, parameter in node.task.get_params()
    ]
    section = context.settings.sections.get(node.family, {})
    free = [
        Value(name, MASK if looks_secret(name) else mask_value(value), _place(section[name].where))
        for name, value in section_of(node.task)
        if name in section
    ]
    return TaskValues(node.family, built.label(node.task_id), (*values, *free))


def _origin(context: Context, built: Graph, node: Node, name: str) -> str:
    """Where a parameter's value came from; a dependency that nobody gave is the class's own."""
    parameter = dict(node.task.get_params())[name]
    if isinstance(parameter, Field) and parameter.kind.dependency is not None:
        kind: Any = parameter.kind.dependency
        if setting_of(type(node.task), name, parameter) is None:
            own = kind.configured(parameter.named) if parameter.named else kind()
            if own is vars(node.task)[name]:
                return "class default"
    return given(context, built, node, name) or ""


def _by_class(context: Context) -> Iterator[TaskValues]:
    """The values of each class and each of its configurations, without building any task."""
    for kind in sorted(find.known_tasks(context.root), key=lambda each: each.get_task_family()):
        family = kind.get_task_family()
        values = tuple(_of_class(kind, name, parameter) for name, parameter in kind.get_params())
        yield TaskValues(family, family, values)
        for name in names(kind):
            section = context.settings.sections[f"{family}.{name}"]
            parameters = dict(kind.get_params())
            said = tuple(
                _value(key, setting.value, _place(setting.where), parameters[key])
                for key, setting in section.items()
                if key in parameters
            )
            yield TaskValues(family, f"{family}.{name}", said)


def _of_class(kind: Any, name: str, parameter: Any) -> Value:
    setting = setting_of(kind, name, parameter)
    if isinstance(parameter, Field) and parameter.kind.holds_tasks:
        if setting is not None:
            return Value(name, shown(setting.value), _place(setting.where))
        dependency = parameter.kind.dependency
        family = dependency.get_task_family() if dependency is not None else None
        return Value(name, f"{family}.{parameter.named}" if parameter.named else family, "class default")
    value = configured_value(kind, kind.get_task_family(), name, parameter)
    if value is not MISSING and setting is not None:
        return _value(name, value, _place(setting.where), parameter)
    if parameter._default is MISSING:
        return Value(name, None, "missing")
    default = parameter.default if isinstance(parameter, Field) else parameter._default
    return _value(name, default, "class default", parameter)


def _value(name: str, value: Any, where: str, parameter: Any) -> Value:
    masked = looks_secret(name) or (isinstance(parameter, Field) and parameter.kind.secret)
    return Value(name, MASK if masked and value is not None else mask_value(shown(value)), where, masked)


def _labelled(built: Graph, value: Any) -> Any:
    """A value with the labels of tasks in their place."""
    if is_task(value):
        return built.label(value.task_id) if value.task_id in built.nodes else value.task_id
    if isinstance(value, Mapping):
        return {key: _labelled(built, item) for key, item in value.items()}
    return [_labelled(built, item) for item in value] if isinstance(value, list | tuple) else value


def _place(where: Any) -> str:
    return where.file if where.line is None else f"{where.file}:{where.line}"
