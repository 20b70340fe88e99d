"""The configuration against the task classes: what no task takes is a mistake, and is named before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import luigi

from daicho._nearest import nearest
from daicho.config.settings import Settings
from daicho.errors import ConfigurationError
from daicho.runtime import Setting
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
            if not complete or _in_parameter(family, families):
                continue
            if any(known.startswith(family + ".") for known in families):
                _check_namespace(family, section, families)
                continue
            raise ConfigurationError(
                f"there is no task `{family}`", where=settings.where(family), hints=nearest(family, families)
            )
        known = {name for name, _ in kind.get_params()}
        for key, setting in section.items():
            if key not in known and not _leads_to_task(family, key, families) and issubclass(kind, Task):
                raise ConfigurationError(
                    f"`{family}` has no parameter `{key}`", where=setting.where, hints=nearest(key, known)
                )


def _in_parameter(family: str, families: Mapping[str, type[luigi.Task]]) -> bool:
    """Whether a table is the value of a parameter, or lies in it: `[Trainer.options]`."""
    parts = family.split(".")
    return any(
        parts[place] in {name for name, _ in kind.get_params()}
        for place in range(1, len(parts))
        if (kind := families.get(".".join(parts[:place]))) is not None
    )


def _check_namespace(
    namespace: str, section: Mapping[str, Setting], families: Mapping[str, type[luigi.Task]]
) -> None:
    for key, setting in section.items():
        if not isinstance(setting.value, dict) and not _leads_to_task(namespace, key, families):
            raise ConfigurationError(
                f"`{namespace}` is a namespace of tasks, and has no parameter `{key}`",
                where=setting.where,
                hints=("put it into the table of a task: [" + namespace + ".TaskName]",),
            )


def _leads_to_task(family: str, key: str, families: Mapping[str, type[luigi.Task]]) -> bool:
    name = f"{family}.{key}"
    return any(known == name or known.startswith(f"{name}.") for known in families)


def _families(task: type[luigi.Task]) -> Iterable[tuple[str, type[luigi.Task]]]:
    """A task and its bases: a base's section counts for what inherits from it."""
    for kind in task.__mro__:
        if issubclass(kind, luigi.Task) and kind not in (luigi.Task, Task):
            yield kind.get_task_family(), kind
