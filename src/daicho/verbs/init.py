"""Begin a project: in a new folder with an example or nearly nothing in it, or in a folder that has code already."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from daicho.config.project import CONFIGURATION, find_project
from daicho.errors import ProjectError, UsageError

SCHEMA = "daicho.init/1"
EXAMPLES = ("titanic",)

Example = Literal["titanic"]

_TEMPLATES = Path(__file__).parents[1] / "templates"
_CHECKOUT = Path(__file__).parents[3] / "examples"  # where an editable install finds the examples
_LEFT_BY_RUNS = {
    ".daicho",
    "__pycache__",
    "mlartifacts",
    "mlflow.db",
    "mlflow.db-wal",
    "mlflow.db-shm",
    "mlruns",
}


@dataclass(frozen=True)
class Begun:
    """A project that was begun: its folder, the files that were made in it, and which example they are, if any."""

    folder: Path
    files: tuple[str, ...]
    example: str | None
    adopted: bool

    def to_json(self) -> dict[str, Any]:
        """What was made, as one JSON document."""
        return {
            "schema": SCHEMA,
            "folder": str(self.folder),
            "files": list(self.files),
            "example": self.example,
            "adopted": self.adopted,
        }


def init(folder: str | Path, *, example: Example | None = "titanic") -> Begun:
    """Make a project in a new or empty folder, whole or not at all.

    Args:
        folder: Where.
        example: Which example is to be in it; None for two small tasks to begin with.

    Raises:
        ProjectError: If there is something in the folder, or it cannot be made.
        UsageError: If there is no such example.
    """
    if example is not None and example not in EXAMPLES:
        raise UsageError(f"there is no example `{example}`", hints=(f"there are: {', '.join(EXAMPLES)}",))
    place = Path(folder).absolute()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        what = "is not empty" if place.is_dir() else "is a file"
        raise ProjectError(
            f"`{folder}` {what}",
            hints=("name a new folder", "to make a project of a folder with code in it: --adopt"),
        )
    files = dict(_example(example) if example is not None else _empty())
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    except OSError as error:
        raise _unwritable(place.parent, error) from error
    try:
        for name, source in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, made / name)
        made.chmod(0o777 & ~_umask())
        made.rename(place)  # an empty folder gives way
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise _unwritable(place, error) from error
    return Begun(place, tuple(files), example, adopted=False)


def adopt(folder: str | Path = ".") -> Begun:
    """Make a project of a folder that has code in it: add `luigi.toml`, and `tasks.py` if there is no such module.

    Nothing that is there is touched.

    Raises:
        ProjectError: If it is a project already, there is no such folder, or it cannot be written to.
    """
    place = Path(folder).absolute()
    if not place.is_dir():
        raise ProjectError(f"there is no folder `{folder}`", hints=(f"to make one: daicho init {folder}",))
    with suppress(ProjectError):
        if find_project(place).root == place.resolve():
            raise UsageError(
                f"`{folder}` is a project already", hints=("see what it would run: daicho status",)
            )
    bare = not any(
        (base / name).exists() for base in (place, place / "src") for name in ("tasks", "tasks.py")
    )
    files = {CONFIGURATION: _TEMPLATES / "adopted.toml.txt"}
    if bare:
        files = {
            CONFIGURATION: _TEMPLATES / "empty" / "luigi.toml.txt",
            "tasks.py": _TEMPLATES / "empty" / "tasks.py.txt",
        }
    made: list[Path] = []
    try:
        for name, source in files.items():
            with (place / name).open("xb") as file:
                made.append(place / name)
                file.write(source.read_bytes())
    except OSError as error:
        for path in made:
            path.unlink()
        raise _unwritable(place, error) from error
    return Begun(place, tuple(files), None, adopted=True)


def _empty() -> Iterator[tuple[str, Path]]:
    """The files of a nearly empty project."""
    folder = _TEMPLATES / "empty"
    yield from ((name, folder / f"{name}.txt") for name in ("luigi.toml", "tasks.py"))
    yield ".gitignore", folder / "gitignore.txt"


def _example(name: str) -> Iterator[tuple[str, Path]]:
    """The files of an example: from the package, or from the checkout that it is run from."""
    folder = next(each for each in (_TEMPLATES / name, _CHECKOUT / name) if each.is_dir())
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not _LEFT_BY_RUNS & set(inside.parts):
            yield inside.as_posix(), path


def _umask() -> int:
    """What new folders of this process lack; there is no way to ask but to set it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _unwritable(place: Path, error: OSError) -> ProjectError:
    return ProjectError(f"`{place}` cannot be written: {error.strerror}", hints=("choose another folder",))
