"""What holds for one launch: files, environment and overrides, composed into one frozen value.

Order, later wins: the class's default, the files (what a file extends below itself), the environment (`.env` below
the variables that are really set), `Task.parameter=value` of the command line, `params`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from daicho.config.environment import Variables
from daicho.config.files import Composed, files_of
from daicho.config.own import CACHE_SIZE, KEEP, OWN_SECTIONS, Own
from daicho.config.project import Project
from daicho.errors import ConfigurationError, DaichoError, ParameterError, Where, spelt, together
from daicho.runtime import Setting

LUIGI_SECTIONS = (
    "core", "worker", "scheduler", "resources", "retcode", "execution_summary", "email", "smtp", "batch_notifier",
    "task_history", "task_visualizer", "sendgrid",
)  # fmt: skip
SHARED = "defaults"
"""The section whose values are those of every task that has such a parameter and no value of its own."""

Sections = dict[str, dict[str, Setting]]


@dataclass(frozen=True)
class Settings:
    """The composed configuration.

    Attributes:
        sections: Configured values by task family; also by `Family.name`, and those for all by `defaults`.
        target: The name of the task to run, from `[RunConfig] task`.
        experiment: The MLflow experiment, from `[RunConfig] experiment_name`.
        modules: Where the user's tasks are, from `[daicho] tasks`.
        project: The project's name as configured.
        tracking_uri: The store, from the environment or `[daicho] tracking_uri`.
        share: Other projects whose results count, from `[daicho] share`.
        environment: What of the environment is in keys, from `[daicho] environment`.
        allow: Formats that run code and may be read from a shared store, from `[daicho] allow`.
        cache_size: How many bytes of what was fetched are kept, from `[daicho] cache_size`.
        keep: Up to how many bytes a source's content is kept in the store, from `[daicho] keep`.
        wal: Whether a local SQLite store is put into WAL mode, from `[daicho] wal`.
        paths: What `[PathConfig]` says.
        resources: How much there is of what tasks share, from Luigi's `[resources]`; 1 of what it does not name.
        text: The configuration files as they stand.
        files: What they are called, the lowest first.
        places: Where our own values are from, by their names: `RunConfig.task`.
        variables: What only `.env` says: for this launch, the environment of tasks has it too.
    """

    sections: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    target: str | None = None
    experiment: str | None = None
    description: str | None = None
    modules: tuple[str, ...] = ()
    project: str | None = None
    tracking_uri: str | None = field(default=None, repr=False)
    share: tuple[str, ...] = ()
    environment: str = "record"
    allow: tuple[str, ...] = ()
    cache_size: int = CACHE_SIZE
    keep: int = KEEP
    wal: bool = False
    paths: Mapping[str, Setting] = field(default_factory=dict)
    resources: Mapping[str, int] = field(default_factory=dict)
    text: str = field(default="", repr=False)
    files: tuple[str, ...] = ()
    places: Mapping[str, Where] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def where(self, family: str) -> Where | None:
        """The place of the first value of a section."""
        return next((setting.where for setting in self.sections.get(family, {}).values()), None)


def compose(
    project: Project,
    *,
    overrides: tuple[str, ...] = (),
    params: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read a project's configuration and lay environment and overrides over it.

    Args:
        project: The project.
        overrides: `Task.parameter=value`, each a text whose value is parsed by the parameter's type.
        params: The same from code: values by `"Task.parameter"`, taken strictly.
        environment: The environment; this process's by default.

    Raises:
        ConfigurationError: If a file says something that cannot be; or for several things that are wrong.
        ParameterError: If an override is not of the form `Task.parameter=value`.
    """
    settings, problems = gather(project, overrides=overrides, params=params, environment=environment)
    if problems:
        raise together(problems)
    return settings


def gather(
    project: Project,
    *,
    overrides: tuple[str, ...] = (),
    params: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Settings, list[DaichoError]]:
    """The same, with what is wrong beside what could be understood."""
    variables = Variables.of(project.root, os.environ if environment is None else environment)
    problems: list[DaichoError] = list(variables.problems)
    files = Composed.of(project.root, files_of(project, _named_by_luigi(project, variables, problems)))
    problems.extend(files.problems)
    if files.problems:
        files.data.clear()  # half of a configuration only leads to more that seems wrong
    own = Own.of(files)
    sections: Sections = {}
    for path, table in _tables(files, problems):
        sections[".".join(path)] = {
            key: Setting(value, files.where(*path, key)) for key, value in table.items()
        }
    for family, key, setting in (*variables.settings(), *_overrides(overrides, params or {}, problems)):
        if family in own.known:
            own.lay(family, key, setting)
        else:
            sections.setdefault(family, {})[key] = setting
    problems.extend(own.problems)
    resources = dict(_resources(files, problems))
    return replace(_settings(files, variables, own, sections), resources=resources), problems


def _settings(files: Composed, variables: Variables, own: Own, sections: Sections) -> Settings:
    uri, places = own.values.get("tracking_uri"), dict(own.places)
    for name in ("TRACKING_URI", "MLFLOW_TRACKING_URI"):
        if variables.get(name):
            uri, places["daicho.tracking_uri"] = variables.get(name), variables.where(name)
    paths = files.data.get("PathConfig")
    return Settings(
        sections=sections,
        target=own.values.get("task"),
        experiment=own.values.get("experiment_name"),
        description=own.values.get("description"),
        modules=tuple(own.values.get("tasks", ())),
        project=own.values.get("project"),
        tracking_uri=uri,
        share=tuple(own.values.get("share", ())),
        environment=own.values.get("environment", "record"),
        allow=tuple(own.values.get("allow", ())),
        cache_size=own.values.get("cache_size", CACHE_SIZE),
        keep=own.values.get("keep", KEEP),
        wal=own.values.get("wal", False),
        paths={
            key: Setting(value, files.where("PathConfig", key))
            for key, value in (paths.items() if isinstance(paths, dict) else ())
        },
        text=files.text,
        files=tuple(layer.file.name for layer in files.layers),
        places=places,
        variables=variables.own,
    )


def _resources(files: Composed, problems: list[DaichoError]) -> Iterator[tuple[str, int]]:
    """Luigi's `[resources]`: whole numbers by name."""
    table = files.data.get("resources", {})
    for name, amount in table.items() if isinstance(table, dict) else ():
        if isinstance(amount, int) and not isinstance(amount, bool) and amount >= 0:
            yield name, amount
            continue
        problems.append(
            ConfigurationError(
                f"`[resources] {name}` is {amount!r}, but must be a whole number, 0 or more",
                where=files.where("resources", name),
            )
        )


def _named_by_luigi(project: Project, variables: Variables, problems: list[DaichoError]) -> Path | None:
    """The file that LUIGI_CONFIG_PATH names; one of Luigi's other format is not ours to read."""
    named = variables.get("LUIGI_CONFIG_PATH")
    if named is None or not named.endswith(".toml") or project.chosen:
        return None
    path = project.root / named
    if not path.is_file():
        problems.append(
            ConfigurationError(
                f"`LUIGI_CONFIG_PATH` names `{spelt(named)}`, which is not there",
                where=variables.where("LUIGI_CONFIG_PATH"),
                hints=(f"the path is relative to the project, `{project.root}`",),
            )
        )
        return None
    return path


def _overrides(
    overrides: Iterable[str], params: Mapping[str, Any], problems: list[DaichoError]
) -> Iterator[tuple[str, str, Setting]]:
    for override in overrides:
        name, equals, text = override.partition("=")
        family, key = _split(name, problems, override=True, equals=bool(equals))
        if family:
            yield family, key, Setting(text, Where("command line", key=name), "text")
    for name, value in params.items():
        family, key = _split(name, problems)
        if family:
            yield family, key, Setting(value, Where("params", key=name), "code")


def _split(
    name: str, problems: list[DaichoError], *, override: bool = False, equals: bool = True
) -> tuple[str, str]:
    family, dot, parameter = name.rpartition(".")
    if equals and dot and family and parameter:
        return family, parameter
    shown = f"{spelt(name)}=…" if override and equals else spelt(name)  # the value may be a secret
    problems.append(
        ParameterError(
            f"`{shown}` is not of the form Task.parameter=value",
            hints=("for example: daicho run Prediction Trainer.seed=1",),
        )
    )
    return "", ""


def _tables(
    files: Composed, problems: list[DaichoError]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """All other tables, as sections of task families; `[my.ns.Task]` is the family `my.ns.Task`, too."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((name,), table) for name, table in files.data.items()]
    while waiting:
        path, table = waiting.pop(0)
        if path[0] in OWN_SECTIONS or path[0] in LUIGI_SECTIONS:
            continue
        if not isinstance(table, dict):
            problems.append(
                ConfigurationError(
                    f"`{spelt('.'.join(path))}` stands outside of any table",
                    where=files.where(*path),
                    hints=("put it below the name of its task: [TaskName]",),
                )
            )
            continue
        yield path, table
        waiting.extend(((*path, key), value) for key, value in table.items() if isinstance(value, dict))
