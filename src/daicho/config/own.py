"""daicho's own tables, `[RunConfig]` and `[daicho]`: what they may say, and what is wrong with what they say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from daicho._nearest import nearest
from daicho.config.files import EXTENDS, OWN, Composed
from daicho.errors import ConfigurationError, DaichoError, Where, spelt
from daicho.runtime import Setting

OWN_SECTIONS = ("RunConfig", "PathConfig", OWN)
POLICIES = ("record", "python", "packages")
"""What of the environment is in keys: nothing, Python's minor version, the versions of imported packages as well."""

DESCRIPTIONS: Mapping[str, Mapping[str, str]] = {
    "RunConfig": {
        "experiment_name": "The MLflow experiment; the project's name by default.",
        "description": "A sentence on what the experiment is about.",
        "task": "The task that `daicho run` runs where none is named.",
    },
    OWN: {
        "project": "The name under which results are shared.",
        "tracking_uri": "MLflow's store; `mlflow.db` in the project's folder by default.",
        "environment": "What of the environment is in keys.",
        "keep": "Up to which size the content of a source is kept in the store; 10 MB by default.",
        "tasks": "The modules in which the tasks are; `tasks` by default.",
        "share": "Other projects whose results count.",
        "allow": "Formats that run code when they are read, and yet are read from a shared store: `pickle`.",
        "cache_size": "How large the local copy of what was fetched may become; 10 GB by default.",
        "wal": "Whether a local SQLite store is put into SQLite's WAL mode, in which records take less time; not on"
        " network disks, and without a meaning for other stores; false by default.",
        EXTENDS: "Files that lie below this one, relative to it; the later one wins.",
    },
}
"""What every key of our own tables says."""
KEEP = 10_000_000
"""Up to how many bytes a source's content is kept in the store, where nothing else is said."""
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?B)")
_UNITS: Mapping[str, int] = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
LISTS = ("tasks", "share", "allow", EXTENDS)
FLAGS = ("wal",)
CACHE_SIZE = 10 * 10**9
"""How many bytes of what was fetched are kept on this machine, where nothing else is said."""


@dataclass
class Own:
    """The values of our own tables, by key, with their places.

    Attributes:
        values: What is right.
        places: Where each value is from, by `Section.key`.
        problems: What is wrong.
    """

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    problems: list[DaichoError] = field(default_factory=list)

    known: ClassVar[Mapping[str, Mapping[str, str]]] = DESCRIPTIONS

    @classmethod
    def of(cls, files: Composed) -> Own:
        """What the files say."""
        found = cls()
        for section in OWN_SECTIONS:
            table = files.data.get(section, {})
            if not isinstance(table, dict):
                found.problems.append(
                    ConfigurationError(f"`{section}` is not a table", where=files.where(section))
                )
                continue
            for key, value in table.items() if section in cls.known else ():
                if (section, key) != (OWN, EXTENDS):  # files.py has seen to it
                    found.lay(section, key, Setting(value, files.where(section, key)))
        return found

    def lay(self, section: str, key: str, setting: Setting) -> None:
        """Lay a value over what there is."""
        known = self.known[section]
        if key not in known or (key == EXTENDS and setting.origin != "toml"):
            self.problems.append(
                ConfigurationError(
                    f"`[{section}]` has no key `{spelt(key)}`", where=setting.where, hints=nearest(key, known)
                )
            )
            return
        try:
            self.values[key] = _checked(section, key, setting)
        except ConfigurationError as error:
            self.problems.append(error)
            return
        self.places[f"{section}.{key}"] = setting.where


def _checked(section: str, key: str, setting: Setting) -> Any:
    value = setting.value
    if key == "environment":
        if value in POLICIES:
            return value
        wanted = " or ".join(f'"{each}"' for each in POLICIES)
    elif key in ("keep", "cache_size"):
        size = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
        if size is not None:
            return int(float(size[1]) * _UNITS[size[2]])
        wanted = 'a size, as in "10 MB" ("0 B" for none)'
    elif key in FLAGS:
        said = {"true": True, "false": False}.get(value.lower()) if setting.origin == "text" else value
        if isinstance(said, bool):
            return said
        wanted = "true or false"
    elif key not in LISTS:
        if isinstance(value, str) and value.strip():
            return value
        wanted = "a text that is not empty"
    else:
        values = _listed(value, setting)
        if isinstance(values, list) and all(isinstance(item, str) and item.strip() for item in values):
            return values
        wanted = "a list of texts"
    shown = "***" if key == "tracking_uri" else repr(value)  # an address may hold a password
    raise ConfigurationError(
        f"`[{section}] {key}` is {spelt(shown)}, but must be {wanted}",
        where=setting.where,
    )


def _listed(value: Any, setting: Setting) -> Any:
    """One text stands for a list of one; on the command line a list is written as in TOML."""
    if setting.origin == "text" and value.startswith("["):
        try:
            return tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            return value
    return [value] if isinstance(value, str) else value
