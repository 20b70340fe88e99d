"""The configuration against the task classes: what no task takes is a mistake, and is named before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

import luigi

from daicho._nearest import nearest
from daicho.config.settings import Settings
from daicho.errors import ConfigurationError
from daicho.task.task import Task


def check_sections(settings: Settings, tasks: Iterable[type[luigi.Task]], *, complete: bool = True) -> None:
    """See that every section is a task's and every key of it a parameter.

    Args:
        settings: The configuration.
        tasks: The project's task classes.
        complete: Whether these are all; otherwise a section may belong to one that is not known.

    Raises:
        ConfigurationError: Naming the first that is not, and the nearest that there is.
    """
    families = {family: kind for task in tasks for family, kind in _families(task)}
    for family, section in settings.sections.items():
        kind = families.get(family)
        if kind is None:
            if not complete or any(known.startswith(family + ".") for known in families):
                continue  # a namespace: its tasks are tables below it
            raise ConfigurationError(
                f"there is no task `{family}`", where=settings.where(family), hints=nearest(family, families)
            )
        known = {name for name, _ in kind.get_params()}
        for key, setting in section.items():
            if key not in known and f"{family}.{key}" not in families and issubclass(kind, Task):
                raise ConfigurationError(
                    f"`{family}` has no parameter `{key}`", where=setting.where, hints=nearest(key, known)
                )


def _families(task: type[luigi.Task]) -> Iterable[tuple[str, type[luigi.Task]]]:
    """A task and its bases: a base's section counts for what inherits from it."""
    for kind in task.__mro__:
        if issubclass(kind, luigi.Task) and kind not in (luigi.Task, Task):
            yield kind.get_task_family(), kind
