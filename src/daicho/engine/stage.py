"""The staging folder of one task: what it must hold when `run()` has returned, and the manifest that says so."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daicho import digest
from daicho.engine.assignment import Guard
from daicho.errors import DaichoError, InputError, OutputError, TaskError, of_disk
from daicho.record import Manifest, OutputRecord
from daicho.task.output import UNFORMATTED, Output

MANIFEST = "manifest.json"


def collect(
    family: str, stage: Path, outputs: Mapping[str, Output[Any]], named_by: str | None = None
) -> tuple[OutputRecord, ...]:
    """The outputs in a staging folder, hashed.

    Args:
        family: Whose they are.
        stage: The folder.
        outputs: What is declared.
        named_by: The method that names them by their paths, where they are no attributes.

    Raises:
        OutputError: If one was not saved, is still open, or something is there that was not declared.
    """
    _refuse_open(family, stage)
    for role, output in outputs.items():
        if not (stage / output.name).exists():
            raise OutputError(
                f"`{family}.{role}` was declared but not saved (`{output.name}`)",
                hints=(
                    f"save it in `run()`: self.{role}.save(…), or write to self.{role}.path"
                    if named_by is None
                    else f"write it in `run()`, to self.output_paths_dict['{role}']",
                ),
            )
    _refuse_undeclared(family, stage, {output.name for output in outputs.values()}, named_by)
    found = tuple(_record(stage, role, output) for role, output in outputs.items())
    for path in stage.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o444)  # from here on it is a result: nobody should change it by mistake
    return found


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Put a manifest on disk, whole or not at all, and see that it is there."""
    temporary = folder / f".{MANIFEST}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(manifest.to_json(), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What daicho itself writes for a task: where that fails, so does the task, and not daicho.

    Raises:
        TaskError: Saying which file could not be written, and why.
    """
    try:
        yield
    except DaichoError:
        raise
    except OSError as error:
        place = error.filename2 or error.filename or folder
        raise TaskError(
            f"`{place}` cannot be written: {of_disk(error) or error.strerror}",
            hints=("see that there is room, and the permission to write; what is finished is reused",),
        ) from error


def glance(path: Path) -> str:
    """What a quick look says of a file or folder: which files, how large, last written when.

    Without the time of a file's last change of status, which publishing (links, modes) moves.

    Raises:
        OSError: If it is not there.
    """
    files = digest.walk(path) if path.is_dir() else [("", path)]
    seen = [(name, each.stat()) for name, each in files]
    return digest.of_value([(name, s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in seen])


def check(family: str, guards: Iterable[Guard]) -> None:
    """See that nothing that is guarded has changed; what looks different is read again.

    Raises:
        InputError: Naming what changed.
    """
    for guard in guards:
        path = Path(guard.path)
        try:
            if glance(path) == guard.glance or of_path(path) == guard.digest:
                continue
        except OSError:
            raise InputError(f"{guard.name} is gone: `{guard.path}`") from None
        raise InputError(
            f"{guard.name} changed while `{family}` was to read it (`{guard.path}`)",
            hints=("the result is not recorded; run again to compute it from what is there now",),
        )


def of_path(path: Path) -> str:
    """The digest of a file or a folder, read now."""
    if path.is_dir():
        return digest.of_names({name: digest.of_file(each) for name, each in digest.walk(path)})
    return digest.of_file(path)


def _record(stage: Path, role: str, output: Output[Any]) -> OutputRecord:
    path = stage / output.name
    if not output.folder and not (output.format == UNFORMATTED and path.is_dir()):
        if not path.is_file():
            raise OutputError(f"`{output.name}` was declared as a file, but a folder was saved")
        return OutputRecord(role, output.name, output.format, of_path(path), path.stat().st_size)
    if not path.is_dir():
        raise OutputError(f"`{output.name}` was declared as a folder, but a file was saved")
    size = sum(each.stat().st_size for _, each in digest.walk(path))
    return OutputRecord(role, output.name, output.format, of_path(path), size, folder=True)


def _refuse_undeclared(family: str, stage: Path, declared: set[str], named_by: str | None) -> None:
    parents = {str(parent) for name in declared for parent in Path(name).parents}
    for path in sorted(stage.rglob("*")):
        name = path.relative_to(stage).as_posix()
        inside = any(name == each or name.startswith(each + "/") for each in declared)
        if not inside and name not in parents:
            raise OutputError(
                f"`{family}` saved `{name}`, which it does not declare",
                hints=(
                    f'declare it: an attribute `… = output("{name}")`'
                    if named_by is None
                    else f"name it among the outputs of `{named_by}`",
                ),
            )


def _refuse_open(family: str, stage: Path) -> None:
    """A file that is still open would be hashed half-written. Linux says which are; elsewhere we cannot see."""
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        return
    inside = os.path.realpath(stage) + os.sep
    for handle in handles.iterdir():
        try:
            target = os.readlink(handle)
        except OSError:
            continue
        if target.startswith(inside):
            raise OutputError(
                f"`{family}` has returned, but `{target.removeprefix(inside)}` is still open",
                hints=("close it: with open(…) as file",),
            )
