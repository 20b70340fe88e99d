"""`[PathConfig]`: where files lie. A key that is a task's name pins that task; any other is a prefix of paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luigi.task_register import Register

from daicho.errors import ConfigurationError
from daicho.runtime import Setting
from daicho.task.layout import absolute


@dataclass(frozen=True)
class PathConfig(Mapping[str, str]):
    """What a task's code sees as `self.path_config`: a folder for each name, found when it is read.

    Every value is absolute and ends in a slash, so that paths can be put together from any current folder.

    Attributes:
        paths: What is configured.
        root: The project's folder.
        folder_of: Gives the folder of a task by its name.
    """

    paths: Mapping[str, Setting]
    root: Path
    folder_of: Callable[[str], Path]

    def __getitem__(self, name: str) -> str:
        setting = self.paths.get(name)
        if setting is None or names_task(name):
            return f"{self.folder_of(name)}/"
        return prefix(name, setting, self.root)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def prefix(name: str, setting: Setting, root: Path) -> str:
    """A configured folder as an absolute path that ends in a slash; an address as it stands.

    Raises:
        ConfigurationError: If it is no path.
    """
    if not isinstance(setting.value, str) or not setting.value:
        raise ConfigurationError(
            f"`[PathConfig] {name}` is {setting.value!r}, but must be a folder's path", where=setting.where
        )
    return absolute(setting.value, root).rstrip("/") + "/"


def pin(kind: type[Any], paths: Mapping[str, Setting], root: Path) -> tuple[Path, str] | None:
    """The folder that a task class is pinned to, and as it is written: its outputs lie there, and it does not run.

    Raises:
        ConfigurationError: If what is configured is no folder's path on this machine.
    """
    names = (kind.get_task_family(), kind.__name__) if paths else ()
    name = next((each for each in names if each in paths), None)
    if name is None:
        return None
    folder = prefix(name, paths[name], root)
    if "://" in folder:
        raise ConfigurationError(
            f"`[PathConfig] {name}` pins `{name}` to `{folder}`, which is no folder on this machine",
            where=paths[name].where,
            hints=("bring the files here, and name their folder",),
        )
    return Path(folder), paths[name].value


def names_task(name: str) -> bool:
    """Whether a task class has exactly this name; Luigi's own and ours do not count."""
    return any(
        name in (kind.__name__, kind.get_task_family())
        for kind in Register._reg
        if kind.__module__.partition(".")[0] not in ("luigi", "daicho")
    )


def called(name: str, kind: type[Any]) -> bool:
    """Whether a name means a task class; upper and lower case do not matter."""
    return name.casefold() in (kind.get_task_family().casefold(), kind.__name__.casefold())
