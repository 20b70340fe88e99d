"""Several files as one configuration: what a file extends lies below it, what is named later lies above.

    [daicho]
    extends = "../luigi.toml"        # or a list: the later one wins; relative to the file that says it

Tables are merged key by key; every other value, a list too, is replaced whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.config.project import Project
from daicho.config.toml import TomlFile, read
from daicho.config.writing import written
from daicho.errors import ConfigurationError, DaichoError, Where, spelt

OWN = "daicho"
EXTENDS = "extends"


@dataclass(frozen=True)
class Layer:
    """One file as tables of configuration, whatever its form."""

    file: TomlFile
    tables: Mapping[str, Any]

    @property
    def nested(self) -> bool:
        """Whether the configuration is the table `[tool.daicho]` of a `pyproject.toml`."""
        return self.file.path.name == "pyproject.toml"

    def where(self, *keys: str) -> Where:
        """The place of a key."""
        if not self.nested:
            return self.file.where(*keys)
        return self.file.where("tool", "daicho", *(key for key in keys if key != OWN))


@dataclass
class Composed:
    """All files of a configuration, the lowest first, merged; and who said what.

    Attributes:
        layers: The files that could be read.
        data: Their tables, merged.
        problems: What is wrong with the files themselves.
    """

    layers: list[Layer] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[DaichoError] = field(default_factory=list)
    _said: dict[tuple[str, ...], Layer] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, files: tuple[Path, ...]) -> Composed:
        """Read files and all that they extend, and merge them."""
        found = cls()
        for path in files:
            found._load(path, root, ())
        for layer in found.layers:
            found._merge(found.data, layer.tables, layer, ())
        return found

    def where(self, *keys: str) -> Where:
        """The place of a key, in the file that had the last word on it."""
        for depth in range(len(keys), 0, -1):
            layer = self._said.get(keys[:depth])
            if layer is not None:
                return layer.where(*keys)
        return Where("luigi.toml", key=".".join(keys))

    @property
    def text(self) -> str:
        """The files as they stand; where there are several, each below its name. Of `pyproject.toml` our tables."""
        texts = [
            (layer.file.name, written(layer.tables) if layer.nested else layer.file.text)
            for layer in self.layers
        ]
        if len(texts) == 1:
            return texts[0][1]
        return "\n".join(f"# {name}\n\n{text}" for name, text in texts)

    def _load(self, path: Path, root: Path, trail: tuple[Path, ...]) -> None:
        """Add a file above what it extends, once, however often it is named."""
        path = path.resolve()
        if any(layer.file.path == path for layer in self.layers):
            return
        try:
            file = read(path, _name(path, root))
            layer = Layer(file, _tables(file))
            for each in _extended(layer):
                other = (path.parent / each).resolve()
                if other in (*trail, path):
                    ring = [*(*trail, path)[(*trail, path).index(other) :], other]
                    raise ConfigurationError(
                        f"files extend each other in a ring: {' -> '.join(_name(at, root) for at in ring)}",
                        where=layer.where(OWN, EXTENDS),
                    )
                if not other.is_file():
                    raise ConfigurationError(
                        f"`{file.name}` extends `{spelt(each)}`, which is not there",
                        where=layer.where(OWN, EXTENDS),
                        hints=(
                            f"looked for `{spelt(_name(other, root))}`: the path is relative to `{file.name}`",
                        ),
                    )
                self._load(other, root, (*trail, path))
        except ConfigurationError as error:
            self.problems.append(error)
            return
        self.layers.append(layer)

    def _merge(
        self, into: dict[str, Any], tables: Mapping[str, Any], layer: Layer, path: tuple[str, ...]
    ) -> None:
        for key, value in tables.items():
            here = (*path, key)
            self._said[here] = layer
            if not isinstance(value, dict):
                into[key] = value
                continue
            if not isinstance(into.get(key), dict):
                into[key] = {}
            self._merge(into[key], value, layer, here)


def files_of(project: Project, also: Path | None = None) -> tuple[Path, ...]:
    """The files that a project's configuration begins with; `also` is laid over the project's own."""
    chosen = [] if project.file is None else [project.file, *project.more]
    if also is not None and not project.chosen and also.resolve() not in [each.resolve() for each in chosen]:
        chosen.append(also)
    return tuple(chosen)


def _extended(layer: Layer) -> list[str]:
    own = layer.tables.get(OWN)
    said = own.get(EXTENDS, []) if isinstance(own, dict) else []
    listed = [said] if isinstance(said, str) else said
    if not isinstance(listed, list) or not all(isinstance(each, str) and each.strip() for each in listed):
        raise ConfigurationError(
            f"`[{OWN}] {EXTENDS}` is {spelt(repr(said))}, but must be the path of a file, or a list of paths",
            where=layer.where(OWN, EXTENDS),
        )
    if any("\0" in each for each in listed):
        raise ConfigurationError(
            f"`[{OWN}] {EXTENDS}` holds a path that no file can have", where=layer.where(OWN, EXTENDS)
        )
    return listed


def _tables(file: TomlFile) -> dict[str, Any]:
    if file.path.name != "pyproject.toml":
        return file.data
    tools = file.data.get("tool", {})
    table = tools.get("daicho", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError("`tool.daicho` is not a table", where=file.where("tool", "daicho"))
    own = {key: value for key, value in table.items() if not isinstance(value, dict)}
    return {**{key: value for key, value in table.items() if isinstance(value, dict)}, OWN: own}


def _name(path: Path, root: Path) -> str:
    """What messages call a file: its place in the project, or else its whole path."""
    root = root.resolve()
    return os.path.relpath(path, root) if path.is_relative_to(root) else str(path)
