"""A project: the folder that holds `luigi.toml`, or a `pyproject.toml` with a `[tool.daicho]` table."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from daicho.config.toml import read
from daicho.errors import ProjectError, spelt

CONFIGURATION = "luigi.toml"


@dataclass(frozen=True)
class Project:
    """Where a project lies.

    Attributes:
        root: Its folder.
        file: Its configuration file; None where there is none.
        more: Further files, each laid over those before it.
        chosen: Whether a person named the files.
    """

    root: Path
    file: Path | None
    more: tuple[Path, ...] = ()
    chosen: bool = field(default=False, compare=False)

    @property
    def folder(self) -> Path:
        """daicho's own folder: disposable, ignored by git."""
        return self.root / ".daicho"

    def make_folder(self) -> Path:
        """daicho's own folder, made if it is not there.

        Raises:
            ProjectError: If the project's folder cannot be written to.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise ProjectError(
                f"`{self.root}` cannot be written to: {error.strerror}",
                hints=("daicho keeps its working files in `.daicho` there",),
            ) from error
        return self.folder


def find_project(start: Path, file: Path | None = None, *, bare: bool = False) -> Project:
    """The project that a folder lies in: the nearest one, looking upwards; else the one that PROJECT_ROOT names.

    Args:
        start: Where to start.
        file: Another configuration file to use (`-c`), or several as in PATH, `base.toml:wide.toml`: the later one
            wins. The project is still the one around `start`, or else the folder of the first file.
        bare: Whether a folder in no project is one by itself, without configuration.

    Raises:
        ProjectError: If there is none.
    """
    if not start.is_dir():
        raise ProjectError(f"there is no folder `{start}`")
    around = _around(start.resolve())
    if file is not None:
        first, *more = (_chosen(start, name) for name in str(file).split(os.pathsep))
        return Project(around.root if around is not None else first.parent, first, tuple(more), chosen=True)
    if around is None:
        named = os.environ.get("PROJECT_ROOT")
        around = _around(Path(named).resolve()) if named else None
    if around is None and bare:
        return Project(start.resolve(), None)
    if around is None:
        raise ProjectError(
            f"no project here: neither `{start}` nor a folder above it holds a `{CONFIGURATION}`",
            hints=(
                "to begin one: daicho init DIR; where there is code already: daicho init --adopt",
                "or say where it is: -C DIR",
            ),
        )
    return around


def _chosen(start: Path, name: str) -> Path:
    """A file that a person named."""
    path = (start / name).resolve()
    if not path.is_file():
        raise ProjectError(
            f"there is no configuration file `{spelt(name)}`",
            hints=(f"the path is relative to `{start.resolve()}`",) if not os.path.isabs(name) else (),
        )
    return path


def _around(start: Path) -> Project | None:
    for folder in (start, *start.parents):
        if (folder / CONFIGURATION).is_file():
            return Project(folder, folder / CONFIGURATION)
        pyproject = folder / "pyproject.toml"
        if pyproject.is_file():
            tools = read(pyproject).data.get("tool")
            if isinstance(tools, dict) and "daicho" in tools:
                return Project(folder, pyproject)
    return None
