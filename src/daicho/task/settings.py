"""Configured values of parameters: from the task's own section, its bases', and its first owner's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import luigi
from luigi.cmdline_parser import CmdlineParser

from daicho.errors import ParameterError
from daicho.runtime import Setting, current
from daicho.task.field import MISSING, Field


def configured_value(cls: type[luigi.Task], family: str, name: str, parameter: luigi.Parameter[Any]) -> Any:
    """The value that the configuration gives to a parameter, or `MISSING`.

    Raises:
        ParameterError: If it is not of the parameter's type.
    """
    typed = _from_luigi_command_line(family, name)
    if typed is not None:
        return parameter.normalize(parameter.parse(typed))
    setting = setting_of(cls, name, parameter)
    if setting is None:
        return MISSING
    if isinstance(parameter, Field):
        return parameter.from_setting(family, setting)
    return _luigi_value(family, name, parameter, setting)


def setting_of(cls: type[luigi.Task], name: str, parameter: luigi.Parameter[Any]) -> Setting | None:
    """The setting that counts for a parameter of a task class, if there is one."""
    found = (current().section(section).get(name) for section in _sections(cls, name, parameter))
    return next((setting for setting in found if setting is not None), None)


def _from_luigi_command_line(family: str, name: str) -> str | None:
    """What `luigi.run` was given as `--Family-name`."""
    parser = CmdlineParser.get_instance()
    found = getattr(parser.known_args, f"{family}_{name}", None) if parser is not None else None
    return found or None


def _sections(cls: type[luigi.Task], name: str, parameter: luigi.Parameter[Any]) -> Iterator[str]:
    """Families whose sections count, nearest first: down to the class that gives the parameter its default."""
    for kind in cls.__mro__:
        if kind is luigi.Task:
            break
        if not issubclass(kind, luigi.Task):
            continue  # a mixin
        yield kind.get_task_family()
        if vars(kind).get(name) is parameter:
            break
    if isinstance(parameter, Field) and issubclass(parameter.owner, luigi.Task):
        yield parameter.owner.get_task_family()


def _luigi_value(family: str, name: str, parameter: luigi.Parameter[Any], setting: Setting) -> Any:
    """A value for one of Luigi's own parameters: text is parsed by it, a TOML value taken as it is."""
    value = setting.value
    try:
        if isinstance(value, str):
            value = parameter.parse(value)
        return parameter.normalize(tuple(value) if isinstance(value, list) else value)
    except Exception as error:  # whatever a parameter's own code raises
        raise ParameterError(
            f"`{family}.{name}` is {setting.value!r}, which `{type(parameter).__name__}` does not take: {error}",
            where=setting.where,
        ) from error
