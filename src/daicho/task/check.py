"""The configuration against the task classes: what no task takes is a mistake, and is named before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import luigi

from daicho._nearest import nearest
from daicho.config.settings import SHARED, Settings
from daicho.errors import ConfigurationError, DaichoError, DeclarationError, ParameterError, spelt, together
from daicho.runtime import Setting
from daicho.task import named
from daicho.task.annotation import NOTHING, toml_literal
from daicho.task.field import Field
from daicho.task.settings import value_of
from daicho.task.task import Task

Kind = type[luigi.Task]
_Parameters = Mapping[str, luigi.Parameter[Any]]


def check_sections(settings: Settings, tasks: Iterable[Kind], *, complete: bool = True) -> None:
    """See that every section is a task's, every key of it a parameter, and every value of its type.

    Args:
        settings: The configuration, which is the active one.
        tasks: The project's task classes.
        complete: Whether these are all; otherwise a section may belong to one that is not known.

    Raises:
        ConfigurationError, ParameterError: What is wrong, with the nearest that there is; all of it at once.
    """
    problems = problems_of(settings, tasks, complete=complete)
    if problems:
        raise together(problems)


def problems_of(settings: Settings, tasks: Iterable[Kind], *, complete: bool = True) -> list[DaichoError]:
    """All that is wrong, as errors that were not raised."""
    check = _Check(settings, {family: kind for task in tasks for family, kind in families_of(task)}, complete)
    found = [problem for family in settings.sections for problem in check.section(family)]
    return [*found, *check.target()]


@dataclass
class _Check:
    """One look at a configuration."""

    settings: Settings
    families: Mapping[str, Kind]
    complete: bool

    def section(self, family: str) -> Iterator[DaichoError]:
        """What is wrong with a section."""
        section = self.settings.sections[family]
        kind = self.families.get(family) or self._spelt(family)
        if family == SHARED:
            yield from self._shared(section)
        elif kind is not None:
            yield from self._of_task(family, kind, section)
        elif (above := self._above(family)) is not None:
            yield from self._below(family, above, section)
        elif not self.complete:
            return
        elif any(known.startswith(family + ".") for known in self.families):
            yield from self._namespace(family, section)
        else:
            yield ConfigurationError(
                f"there is no task `{spelt(family)}`",
                where=self.settings.where(family),
                hints=nearest(family, self.families),
            )

    def target(self) -> Iterator[DaichoError]:
        """Whether `[RunConfig] task` names a task, or one of its configurations."""
        target = self.settings.target
        if target is None or not self.complete:
            return
        known = {*self.families, *(kind.__name__ for kind in self.families.values())}
        further = {f"{family}.{name}" for family, kind in self.families.items() for name in named.names(kind)}
        if target not in known | further:
            yield ConfigurationError(
                f"there is no task `{spelt(target)}`",
                where=self.settings.places.get("RunConfig.task"),
                hints=nearest(target, known | further),
            )

    def _of_task(self, family: str, kind: Kind, section: Mapping[str, Setting]) -> Iterator[DaichoError]:
        parameters = dict(kind.get_params())
        free = getattr(kind, "free_section", False) or not issubclass(kind, Task)
        for key, setting in section.items():
            if key in parameters:
                yield from _wrong(family, key, parameters[key], setting)
            elif free or self._leads_to_task(family, key):
                continue
            elif isinstance(setting.value, Mapping) and _is_configuration(setting.value, parameters):
                yield from self._named(family, parameters, self.settings.sections[f"{family}.{key}"])
            else:
                yield _no_parameter(family, key, setting, parameters)

    def _named(
        self, family: str, parameters: _Parameters, section: Mapping[str, Setting]
    ) -> Iterator[DaichoError]:
        """What is wrong with a further configuration of a task."""
        for key, setting in section.items():
            if key in parameters:
                yield from _wrong(family, key, parameters[key], setting)
            else:
                yield _no_parameter(family, key, setting, parameters)

    def _below(self, family: str, above: str, section: Mapping[str, Setting]) -> Iterator[DaichoError]:
        """Of a table in that of a task, which is looked at as a whole: what an override says about it alone."""
        name = family.removeprefix(f"{above}.").partition(".")[0]
        known = self.settings.sections.get(above, {})
        kind = self.families.get(above)
        parameters = dict(kind.get_params()) if kind is not None else {}
        said = known.get(name)
        if said is not None and isinstance(said.value, Mapping) and name not in parameters:
            return
        for key, setting in section.items():
            if setting.origin == "toml":
                continue
            if name in parameters or above == SHARED:
                yield ConfigurationError(
                    f"`{above}.{name}` is one value, and `{spelt(key)}` in it cannot be set by itself",
                    where=setting.where,
                    hints=(f"give the whole: {above}.{name}='{{ {spelt(key)} = … }}'",),
                )
            else:
                yield ConfigurationError(
                    f"`{above}` has no configuration `{spelt(name)}`",
                    where=setting.where,
                    hints=(
                        *(nearest(name, named.names(kind)) if kind is not None else ()),
                        f"write it into luigi.toml: [{above}.{spelt(name)}]",
                    ),
                )

    def _shared(self, section: Mapping[str, Setting]) -> Iterator[DaichoError]:
        """Values for all tasks: some task must take each, and each that does must be able to."""
        takers = {family: dict(kind.get_params()) for family, kind in self.families.items()}
        for key, setting in section.items():
            of = {family: known[key] for family, known in takers.items() if key in known}
            if not of and self.complete:
                yield ConfigurationError(
                    f"no task has a parameter `{spelt(key)}`",
                    where=setting.where,
                    hints=nearest(key, (name for known in takers.values() for name in known)),
                )
            wrong = (
                each for family, parameter in of.items() for each in _wrong(family, key, parameter, setting)
            )
            yield from islice(wrong, 1)  # one value is wrong, however many tasks would take it

    def _namespace(self, namespace: str, section: Mapping[str, Setting]) -> Iterator[DaichoError]:
        for key, setting in section.items():
            if not isinstance(setting.value, dict) and not self._leads_to_task(namespace, key):
                yield ConfigurationError(
                    f"`{namespace}` is a namespace of tasks, and has no parameter `{spelt(key)}`",
                    where=setting.where,
                    hints=("put it into the table of a task: [" + namespace + ".TaskName]",),
                )

    def _above(self, family: str) -> str | None:
        """The task in whose table a table lies: `Trainer` for `[Trainer.options]`."""
        parts = family.split(".")
        found = (".".join(parts[:place]) for place in range(len(parts) - 1, 0, -1))
        return next((each for each in found if each in self.families or each == SHARED), None)

    def _spelt(self, family: str) -> Kind | None:
        """The task in the published layout that is meant: there upper and lower case need not be the same."""
        free = (each for each in self.families.items() if getattr(each[1], "free_section", False))
        return next((kind for name, kind in free if name.casefold() == family.casefold()), None)

    def _leads_to_task(self, family: str, key: str) -> bool:
        name = f"{family}.{key}"
        return any(known == name or known.startswith(f"{name}.") for known in self.families)


def _is_configuration(table: Mapping[str, Any], parameters: _Parameters) -> bool:
    return not table or any(key in parameters for key in table)


def _no_parameter(family: str, key: str, setting: Setting, parameters: _Parameters) -> DaichoError:
    return ConfigurationError(
        f"`{family}` has no parameter `{spelt(key)}`", where=setting.where, hints=nearest(key, parameters)
    )


def _wrong(family: str, key: str, parameter: luigi.Parameter[Any], setting: Setting) -> Iterator[DaichoError]:
    """What is wrong with a value. Of one that names tasks only the names are looked at: nothing is built here."""
    try:
        names = list(_names_of_tasks(parameter, setting))
        if not names:
            value_of(family, key, parameter, setting)
        for name in names:
            assert isinstance(parameter, Field)
            named.find(parameter.kind.tasks, name)
    except DeclarationError:
        return  # the class is wrong, not the configuration: who builds the task hears of it
    except ParameterError as error:
        said = error.message if error.where is not None else f"`{family}.{key}`: {error.message}"
        yield ParameterError(said, where=setting.where, hints=error.hints)


def _names_of_tasks(parameter: luigi.Parameter[Any], setting: Setting) -> Iterator[str]:
    if not isinstance(parameter, Field) or not parameter.kind.holds_tasks or setting.origin == "code":
        return
    value = setting.value
    if setting.origin == "text" and parameter.kind.dependency is None:
        literal = toml_literal(value)
        value = value if literal is NOTHING else literal
    if isinstance(value, str) and value.lower() in ("none", "null"):
        return
    yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def families_of(task: Kind) -> Iterable[tuple[str, Kind]]:
    """A task and its bases: a base's section counts for what inherits from it."""
    for kind in task.__mro__:
        if issubclass(kind, luigi.Task) and kind not in (luigi.Task, Task):
            yield kind.get_task_family(), kind
