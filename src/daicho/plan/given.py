"""Where the value of a parameter comes from: a file, the command line, another task's code, the class itself."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from daicho.errors import DaichoError, Where
from daicho.fingerprint.code.definition import pieces
from daicho.plan.prepare import Context
from daicho.runtime import activate, current
from daicho.task.field import Field
from daicho.task.graph import Graph, Node
from daicho.task.named import names
from daicho.task.run_task import CONFIG, RunTask
from daicho.task.settings import configured_value, setting_of, value_of


def given(context: Context, graph: Graph, node: Node, name: str) -> str | None:
    """Where a parameter of a task has its value from, in words; None for one that it does not have.

    `luigi.toml:7`, `command line`, `given by Total`, `class default, tasks.py:12`.
    """
    parameter = dict(node.task.get_params()).get(name)
    if parameter is None:
        return _of_section(context, node, name)
    with activate(context.runtime):
        place = _setting(node, name, parameter) or _named(node, name, parameter)
    if place is not None:
        return str(Where(place.file, place.line))
    if vars(node.task)[name] == _default(parameter):
        owner = parameter.owner if isinstance(parameter, Field) else _owner(type(node.task), name)
        where = _declared(context.root, owner, name)
        return f"class default, {where}" if where is not None else "class default"
    needed_by = [graph.label(each) for each in graph.dependants[node.task_id]]
    return f"given by {needed_by[0]}" if needed_by else "given in code"


def _of_section(context: Context, node: Node, name: str) -> str | None:
    """The place of a value in the section of a task that takes its section as it stands."""
    if not isinstance(node.task, RunTask):
        return None
    setting = context.runtime.section(node.family, loosely=True).get(name.removeprefix(f"{CONFIG}."))
    return str(Where(setting.where.file, setting.where.line)) if setting is not None else None


def _setting(node: Node, name: str, parameter: Any) -> Where | None:
    """The place of the setting, if it is what gave the task its value."""
    kind = type(node.task)
    setting = setting_of(kind, name, parameter)
    try:
        same = (
            setting is not None
            and configured_value(kind, node.family, name, parameter) == vars(node.task)[name]
        )
    except DaichoError:
        return None
    return setting.where if setting is not None and same else None


def _named(node: Node, name: str, parameter: Any) -> Where | None:
    """The same, of one of the class's further configurations."""
    value = vars(node.task)[name]
    for configuration in names(type(node.task)):
        setting = current().section(f"{node.family}.{configuration}").get(name)
        if setting is None:
            continue
        with suppress(DaichoError):
            if value_of(node.family, name, parameter, setting) == value:
                return setting.where
    return None


def _default(parameter: Any) -> Any:
    try:
        return parameter.default if isinstance(parameter, Field) else parameter._default
    except DaichoError:
        return None


def _owner(kind: type, name: str) -> type:
    return next((each for each in kind.__mro__ if name in vars(each)), kind)


def _declared(root: Path, owner: type, name: str) -> Where | None:
    """The line of a class's own body that gives it the attribute."""
    path = getattr(sys.modules.get(owner.__module__), "__file__", None)
    if path is None or not Path(path).is_relative_to(root):
        return None
    found = pieces(Path(path).read_bytes(), owner.__qualname__)
    line = next((piece.start for piece in found if piece.name == f"{owner.__qualname__}.{name}"), None)
    return Where(os.path.relpath(path, root), line)
