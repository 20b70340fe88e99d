"""What a task's key is made of, but for its inputs: known before anything runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.digest import encode, of_value, walk
from daicho.errors import ParameterError, SourceError
from daicho.provenance import MASK, looks_secret, mask_url, mask_value
from daicho.record import SourceRecord
from daicho.remembered import Digests
from daicho.task.field import Field
from daicho.task.graph import Node
from daicho.task.plain import is_task
from daicho.task.run_task import is_copy, path_sources, section_of
from daicho.task.source import Source


@dataclass(frozen=True)
class Parts:
    """The parts of a key that do not depend on other tasks.

    Attributes:
        task: The family.
        parameters: The digest of each significant parameter by its declared type.
        shown: The same parameters as JSON values, for people.
        code: Digest by symbol of the code that the task can reach.
        sources: The sources with the digest of their content.
        outputs: Name and format of each declared output, by attribute.
        version: The task's own `version`.
        settings: Further parts by name: see `daicho.fingerprint.identity`.
    """

    task: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceRecord, ...] = ()
    outputs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    version: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


def parts_of(
    node: Node,
    *,
    root: Path,
    code: Callable[[type], Mapping[str, str]],
    digests: Digests,
    settings: Callable[[type], Mapping[str, str]] = lambda _: {},
) -> Parts:
    """The parts of a task's key.

    Args:
        node: The task in its graph.
        root: The project's folder: sources are relative to it.
        code: Gives the code set of a class.
        digests: Digests of files, remembered.
        settings: Gives the further parts of a class.

    Raises:
        SourceError: If a source is missing.
        ParameterError: If a parameter has a value that cannot be part of a key.
    """
    task = node.task
    return Parts(
        task=node.family,
        parameters={name: _digest(node, name, value) for name, value in _parameters(task)},
        shown={
            name: MASK if looks_secret(name) else mask_value(shown(value))
            for name, value in _parameters(task)
            if _says_anything(value) or vars(task).get(name, value) is None
        },
        code=code(type(task)),
        sources=tuple(
            _source(task, node.family, role, value, root, digests) for role, value in sources_of(task)
        ),
        outputs={role: (output.name, output.format) for role, output in node.outputs.items()},
        version=str(type(task).version),
        settings=settings(type(task)),
    )


def sources_of(task: Any) -> Iterator[tuple[str, Source]]:
    """The sources of a task by attribute, or by the name that it gives to their path."""
    for name, parameter in task.get_params():
        value = vars(task)[name]
        if isinstance(value, Source) and not is_copy(task, parameter):
            yield name, value
    yield from path_sources(task)


def _parameters(task: Any) -> Iterator[tuple[str, Any]]:
    """Significant parameters that are values: sources count by content, dependencies by what they give."""
    for name, parameter in task.get_params():
        value = vars(task)[name]
        if not parameter.significant or is_copy(task, parameter) or isinstance(value, Source):
            continue
        own = isinstance(parameter, Field) and parameter.owner in type(task).__mro__
        if own and parameter.kind.holds_tasks:
            if is_task(value):
                continue
            value = _without_tasks(value)
        yield name, value
    yield from section_of(task)


def _says_anything(value: Any) -> bool:
    """Whether something is left of a value when the tasks in it are taken out: an empty list says that it is empty."""
    if isinstance(value, list):
        return not value or any(map(_says_anything, value))
    if isinstance(value, Mapping):
        return not value or any(map(_says_anything, value.values()))
    return value is not None


def _without_tasks(value: Any) -> Any:
    """The shape of a value that holds dependencies, and all in it that is none."""
    if is_task(value):
        return None
    if isinstance(value, list | tuple):
        return [_without_tasks(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _without_tasks(item) for key, item in value.items()}
    return value


def _digest(node: Node, name: str, value: Any) -> str:
    try:
        return of_value(_plain(value))
    except ParameterError as error:
        raise ParameterError(f"`{node.family}.{name}`: {error.message}", hints=error.hints) from None


def _plain(value: Any) -> Any:
    """Tasks of plain Luigi have no canonical form of their own: they are their id."""
    if is_task(value):
        return ("task", value.task_id)
    return value


def shown(value: Any) -> Any:
    """A parameter's value as a JSON value."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_task(value):
        return value.task_id
    if isinstance(value, Mapping):
        return {str(key): shown(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return [shown(item) for item in sorted(value, key=encode)]
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if hasattr(type(value), "model_fields"):
        return {name: shown(getattr(value, name)) for name in type(value).model_fields}
    return str(value)


def _elsewhere(task: Any, family: str, role: str) -> str:
    if role in dict(path_sources(task)):
        return "its folder is a prefix of `[PathConfig]`, or written in `build_input_output_path_dicts()`"
    return f"set another place: [{family}] {role} = …"


def _source(task: Any, family: str, role: str, source: Source, root: Path, digests: Digests) -> SourceRecord:
    if source.remote:
        content = of_value(("source", source.place, source.version))
        return SourceRecord(role, mask_url(source.place), content, 0)
    path = root / source.place
    if not path.exists():
        raise SourceError(
            f"the source `{family}.{role}` is not there: `{source.place}`",
            hints=(f"looked for `{path}`", _elsewhere(task, family, role)),
        )
    try:
        return SourceRecord(role, source.place, digests.of(path), _size(path))
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"the source `{family}.{role}` cannot be read: {error}") from error


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(os.path.getsize(each) for _, each in walk(path))
    return os.path.getsize(path)
