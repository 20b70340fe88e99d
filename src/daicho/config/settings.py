"""What holds for one launch: the files and overrides, composed into one frozen value.

Order, later wins: the class's default, the configuration file, `Task.parameter=value` of the command line or `params`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daicho._nearest import nearest
from daicho.config.project import Project
from daicho.config.toml import TomlFile, read
from daicho.errors import ConfigurationError, ParameterError, Where
from daicho.runtime import Setting

OWN_SECTIONS = ("RunConfig", "PathConfig", "daicho")
LUIGI_SECTIONS = (
    "core", "worker", "scheduler", "resources", "retcode", "execution_summary", "email", "smtp", "batch_notifier",
    "task_history", "task_visualizer", "sendgrid",
)  # fmt: skip
_STRINGS = {
    "RunConfig": ("experiment_name", "description", "task"),
    "daicho": ("project", "tracking_uri", "environment"),
}
POLICIES = ("record", "python", "packages")
"""What of the environment is in keys: nothing, Python's minor version, the versions of imported packages as well."""
_LISTS = {"RunConfig": (), "daicho": ("tasks", "share")}


@dataclass(frozen=True)
class Settings:
    """The composed configuration.

    Attributes:
        sections: Configured values by task family.
        target: The name of the task to run, from `[RunConfig] task`.
        experiment: The MLflow experiment, from `[RunConfig] experiment_name`.
        modules: Where the user's tasks are, from `[daicho] tasks`.
        project: The project's name as configured.
        tracking_uri: The store, from the environment or `[daicho] tracking_uri`.
        share: Other projects whose results count, from `[daicho] share`.
        environment: What of the environment is in keys, from `[daicho] environment`.
        text: The configuration file as it stands.
    """

    sections: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    target: str | None = None
    experiment: str | None = None
    description: str | None = None
    modules: tuple[str, ...] = ()
    project: str | None = None
    tracking_uri: str | None = None
    share: tuple[str, ...] = ()
    environment: str = "record"
    text: str = ""

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
    """Read a project's configuration and lay the overrides over it.

    Args:
        project: The project.
        overrides: `Task.parameter=value`, each a text whose value is parsed by the parameter's type.
        params: The same from code: values by `"Task.parameter"`, taken strictly.
        environment: The environment to read the store from; this process's by default.

    Raises:
        ConfigurationError: If the file says something that cannot be.
        ParameterError: If an override is not of the form `Task.parameter=value`.
    """
    file = read(project.file) if project.file is not None else None
    data = _tables(file)
    own = _own(file, data)
    sections = {family: dict(values) for family, values in _sections(file, data).items()}
    for override in overrides:
        name, equals, text = override.partition("=")
        family, parameter = _split(name, override, bool(equals))
        setting = Setting(text, Where("command line", key=name), "text")
        sections.setdefault(family, {})[parameter] = setting
    for name, value in (params or {}).items():
        family, parameter = _split(name, name, equals=True)
        sections.setdefault(family, {})[parameter] = Setting(value, Where("params", key=name), "code")
    variables = os.environ if environment is None else environment
    uri = variables.get("MLFLOW_TRACKING_URI") or variables.get("TRACKING_URI") or own.get("tracking_uri")
    return Settings(
        sections=sections,
        target=own.get("task"),
        experiment=own.get("experiment_name"),
        description=own.get("description"),
        modules=tuple(own.get("tasks", ())),
        project=own.get("project"),
        tracking_uri=uri,
        share=tuple(own.get("share", ())),
        environment=own.get("environment", POLICIES[0]),
        text=file.text if file is not None and file.path.name != "pyproject.toml" else "",
    )


def _tables(file: TomlFile | None) -> dict[str, Any]:
    if file is None:
        return {}
    if file.path.name != "pyproject.toml":
        return file.data
    tools = file.data.get("tool", {})
    table = tools.get("daicho", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError("`tool.daicho` is not a table", where=file.where("tool", "daicho"))
    own = {key: value for key, value in table.items() if not isinstance(value, dict)}
    return {**{key: value for key, value in table.items() if isinstance(value, dict)}, "daicho": own}


def _split(name: str, override: str, equals: bool) -> tuple[str, str]:
    family, dot, parameter = name.rpartition(".")
    if not equals or not dot or not family or not parameter:
        raise ParameterError(
            f"`{override}` is not of the form Task.parameter=value",
            hints=("for example: daicho run Prediction Trainer.seed=1",),
        )
    return family, parameter


def _own(file: TomlFile | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of daicho's own tables, checked."""
    found: dict[str, Any] = {}
    for section, strings in _STRINGS.items():
        table = data.get(section, {})
        if file is not None and not isinstance(table, dict):
            raise ConfigurationError(f"`{section}` is not a table", where=file.where(section))
        for key, value in table.items():
            known = (*strings, *_LISTS[section])
            if file is not None and key not in known:
                raise ConfigurationError(
                    f"`[{section}]` has no key `{key}`",
                    where=_where(file, section, key),
                    hints=nearest(key, known),
                )
            found[key] = _typed(file, section, key, value)
    return found


def _typed(file: TomlFile | None, section: str, key: str, value: Any) -> Any:
    if key == "environment":
        if value in POLICIES:
            return value
        wanted = " or ".join(f'"{each}"' for each in POLICIES)
    elif key in _STRINGS[section]:
        if isinstance(value, str) and value.strip():
            return value
        wanted = "a text that is not empty"
    else:
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(item, str) and item for item in values):
            return values
        wanted = "a list of texts"
    raise ConfigurationError(
        f"`[{section}] {key}` is {value!r}, but must be {wanted}",
        where=_where(file, section, key) if file is not None else None,
    )


def _sections(file: TomlFile | None, data: Mapping[str, Any]) -> dict[str, dict[str, Setting]]:
    """All other tables, as sections of task families; `[my.ns.Task]` is the family `my.ns.Task`, too."""
    found: dict[str, dict[str, Setting]] = {}
    waiting: list[tuple[tuple[str, ...], Any]] = [((name,), table) for name, table in data.items()]
    while waiting:
        path, table = waiting.pop(0)
        if file is None or path[0] in OWN_SECTIONS or path[0] in LUIGI_SECTIONS:
            continue
        if not isinstance(table, dict):
            raise ConfigurationError(
                f"`{'.'.join(path)}` stands outside of any table",
                where=_where(file, *path),
                hints=("put it below the name of its task: [TaskName]",),
            )
        found[".".join(path)] = {
            key: Setting(value, _where(file, *path, key)) for key, value in table.items()
        }
        waiting.extend(((*path, key), value) for key, value in table.items() if isinstance(value, dict))
    return found


def _where(file: TomlFile, *keys: str) -> Where:
    if file.path.name != "pyproject.toml":
        return file.where(*keys)
    return file.where("tool", "daicho", *(key for key in keys if key != "daicho"))
