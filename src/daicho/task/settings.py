"""Configured values of parameters: from the task's own section, its bases', its first owner's, or the one for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import luigi
from luigi.cmdline_parser import CmdlineParser

from daicho._nearest import nearest
from daicho.config.settings import SHARED
from daicho.errors import ParameterError, spelt
from daicho.provenance import MASK, looks_secret, mask_value
from daicho.runtime import Setting, current
from daicho.task import named
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
    return MISSING if setting is None else value_of(family, name, parameter, setting)


def value_of(family: str, name: str, parameter: luigi.Parameter[Any], setting: Setting) -> Any:
    """What a parameter makes of a setting.

    Raises:
        ParameterError: If it is not of the parameter's type.
    """
    if isinstance(parameter, Field):
        return parameter.from_setting(family, setting)
    return _luigi_value(family, name, parameter, setting)


def setting_of(cls: type[luigi.Task], name: str, parameter: luigi.Parameter[Any]) -> Setting | None:
    """The setting that counts for a parameter of a task class, if there is one."""
    found = (current().section(section).get(name) for section in _sections(cls, name, parameter))
    return next((setting for setting in found if setting is not None), None)


def named_values(cls: type[luigi.Task], name: str) -> dict[str, Any]:
    """The values that one of a class's further configurations gives: those of the table `[Family.name]`.

    Raises:
        ParameterError: If there is no such table, or it says something that the class does not take.
    """
    family, parameters = cls.get_task_family(), dict(cls.get_params())
    if not named.exists(cls, name):
        raise ParameterError(
            f"`{family}` has no configuration `{spelt(name)}`",
            hints=(*nearest(name, named.names(cls)), f"write it into luigi.toml: [{family}.{spelt(name)}]"),
        )
    found: dict[str, Any] = {}
    for key, setting in current().section(f"{family}.{name}").items():
        if key not in parameters:
            raise ParameterError(
                f"`{family}` has no parameter `{spelt(key)}`",
                where=setting.where,
                hints=nearest(key, parameters),
            )
        found[key] = value_of(family, key, parameters[key], setting)
    return found


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
    yield SHARED


def _luigi_value(family: str, name: str, parameter: luigi.Parameter[Any], setting: Setting) -> Any:
    """A value for one of Luigi's own parameters: text is parsed by it, a TOML value taken as it is."""
    value = setting.value
    try:
        if isinstance(value, str):
            value = parameter.parse(value)
        return parameter.normalize(tuple(value) if isinstance(value, list) else value)
    except Exception as error:  # whatever a parameter's own code raises
        hidden = looks_secret(name) or parameter.visibility != luigi.parameter.ParameterVisibility.PUBLIC
        said = MASK if hidden else spelt(repr(mask_value(setting.value)))
        why = "" if hidden else f": {spelt(str(error), 200)}"
        raise ParameterError(
            f"`{family}.{name}` is {said}, which `{type(parameter).__name__}` does not take{why}",
            where=setting.where,
        ) from error
