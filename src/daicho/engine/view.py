"""Folders that show a task that works with paths what it may read of another: links under their names, and no more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from daicho.errors import InputError, OutputError


def make(folder: Path, files: Mapping[str, Path]) -> Path:
    """Make a folder of links to some files or folders, by their names; what was in it before is gone."""
    if folder.exists():
        shutil.rmtree(folder)
    for name, path in files.items():
        link = folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    return folder


def check(family: str, folders: Iterable[Path]) -> None:
    """See that a task has put nothing into the folders of others.

    Raises:
        OutputError: If it has.
    """
    for folder in folders:
        for place, _, names in os.walk(folder):
            new = [name for name in names if not os.path.islink(os.path.join(place, name))]
            if new:
                raise OutputError(
                    f"`{family}` wrote `{new[0]}` into the folder of `{folder.name}`",
                    hints=("a task writes only into its own folder: others' results do not change",),
                )


def missed(
    family: str, error: FileNotFoundError, folders: Mapping[str, Path], pending: Path, *, by_path: bool = True
) -> InputError | None:
    """What a task wanted to open in another's folder and is not there; None if that is not what failed.

    `by_path` says whether the task names its inputs by their paths.
    """
    path = os.path.abspath(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else ""
    for name, folder in {**folders, "": pending}.items():
        if path.startswith(f"{folder}/"):
            rest = os.path.relpath(path, folder)
            other, _, file = rest.partition("/") if not name else (name, "", rest)
            if name and not by_path:
                return InputError(
                    f"`{family}` opens `{file}` beside an output of `{other}` that it reads",
                    hints=(
                        f"read each output by its attribute, in a method of `{family}`: `self.{other}.….path`",
                        "only what the code shows to be read is in its key, and is there when it runs",
                    ),
                )
            return InputError(
                f"`{family}` opens `{file}` of `{other}`, which it has not named among its inputs",
                hints=(
                    f"name it in `build_input_output_path_dicts()`: f\"{{self.path_config['{other}']}}{file}\"",
                    "only what is named there is in its key, and is there when it runs",
                ),
            )
    return None
