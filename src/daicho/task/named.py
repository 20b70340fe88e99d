"""Several configurations of one class: `[Trainer.wide]` beside `[Trainer]`, and how values name them.

In TOML and in text a task is named: `trainer = "Trainer.wide"`, or `"Trainer"` for the plain one, or a subclass.
In code it is `Trainer.configured("wide")`, or `wide: Trainer = param(named="wide")`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import luigi

from daicho._nearest import nearest
from daicho.errors import ParameterError, spelt
from daicho.runtime import current


def task_of(kind: type[luigi.Task], name: str) -> Any:
    """The task that a text names, where one of a class is wanted.

    Raises:
        ParameterError: If there is no such class or configuration, or it has no value for one of its parameters.
    """
    cls, configuration = find([kind], name)
    if not configuration:
        return cls()
    configured: Any = cls
    return configured.configured(configuration)


def find(kinds: Iterable[type[luigi.Task]], name: str) -> tuple[type[luigi.Task], str]:
    """The class that a text names, and which of its configurations; an empty text for the plain one.

    Args:
        kinds: The classes that are wanted, one of them or of their subclasses.
        name: The text.

    Raises:
        ParameterError: If there is none.
    """
    families = {each.get_task_family(): each for each in _with_subclasses(kinds)}
    if name in families:
        return families[name], ""
    family, _, configuration = name.rpartition(".")
    if family in families and exists(families[family], configuration):
        return families[family], configuration
    known = [*families, *(f"{each}.{name}" for each, cls in families.items() for name in names(cls))]
    raise ParameterError(
        f'"{spelt(name)}" names no task that can stand here',
        hints=nearest(name, known),
    )


def exists(kind: type[luigi.Task], name: str) -> bool:
    """Whether a class has a configuration of that name."""
    return name in names(kind)


def names(kind: type[luigi.Task]) -> list[str]:
    """The further configurations of a class: the tables in its own that are no values of parameters."""
    section, parameters = current().section(kind.get_task_family()), dict(kind.get_params())
    return [
        name
        for name, setting in section.items()
        if isinstance(setting.value, Mapping) and name not in parameters
    ]


def _with_subclasses(kinds: Iterable[type[luigi.Task]]) -> list[type[luigi.Task]]:
    found = list(kinds)
    for each in found:
        found.extend(sub for sub in each.__subclasses__() if sub not in found)
    return found
