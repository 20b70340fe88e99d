"""Copy an output out of the store, verified, to where a person wants it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho._nearest import nearest
from daicho.errors import NotFoundError, ProjectError, UnknownTaskError
from daicho.plan.prepare import Context, Prepared, open_project, prepare
from daicho.plan.readable import readable

SCHEMA = "daicho.get/1"


@dataclass(frozen=True)
class Got:
    """An output that was copied. `path` is where it lies now, `size` in bytes."""

    task: str
    output: str
    name: str
    path: Path
    digest: str
    size: int
    run_id: str | None

    def to_json(self) -> dict[str, Any]:
        """What was copied, as one JSON document."""
        return {
            "schema": SCHEMA,
            "task": self.task,
            "output": self.output,
            "name": self.name,
            "path": str(self.path),
            "digest": self.digest,
            "size": self.size,
            "run_id": self.run_id,
        }


def get(
    what: str,
    to: str | Path | None = None,
    *,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Got:
    """Copy an output of the result that the present plan would reuse.

    Args:
        what: `Task.output`, where output is the attribute or the file's name.
        to: The file or folder to make, or a folder to put it into; the output's name in this folder by default.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line.

    Raises:
        NotFoundError: If there is no such output, or no result.
        CorruptError: If the stored bytes are not right.
        ProjectError: If it cannot be written there.
    """
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides))
    context.ledger.check()
    prepared, role = _split(context, what)
    name = prepared.target
    plan = prepared.planner.plan()
    task = readable(context, plan)
    record = plan.decisions[task.task_id].record
    outputs = record.outputs if record is not None else ()
    found = [output for output in outputs if role in (output.role, output.name)]
    if record is None or not found:
        raise NotFoundError(
            f"`{name}` has no output `{role}`" if role else f"say which output of `{name}`: Task.output",
            hints=nearest(role, (output.role for output in outputs)),
        )
    output = found[0]
    place = _copy(context.ledger.fetch(record, output), _place(to, Path(output.name).name))
    return Got(record.task, output.role, output.name, place, output.digest, output.size, record.run_id)


def _split(context: Context, what: str) -> tuple[Prepared, str]:
    """The task and the rest: a task's name may hold dots, and so may a file's."""
    parts = what.split(".")
    unknown: UnknownTaskError | None = None
    for place in range(1, len(parts) + 1):
        try:
            return prepare(context, ".".join(parts[:place])), ".".join(parts[place:])
        except UnknownTaskError as error:
            unknown = unknown or error
    assert unknown is not None
    raise unknown


def _place(to: str | Path | None, name: str) -> Path:
    if to is None:
        return Path(name)
    place = Path(to)
    return place / name if place.is_dir() or str(to).endswith(os.sep) else place


def _copy(source: Path, target: Path) -> Path:
    """A copy that is its owner's to change, whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)
            return target
        temporary = target.with_name(f".{target.name}.daicho")
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    except OSError as error:
        raise ProjectError(
            f"`{target}` cannot be written: {error.strerror}", hints=("choose another place: -o FILE",)
        ) from error
    return target
