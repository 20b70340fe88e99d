"""Copy an output out of the store, verified, to where a person wants it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho import digest
from daicho._nearest import nearest
from daicho.errors import DaichoError, NotFoundError, ProjectError, UnknownTaskError, UsageError
from daicho.ledger.chosen import choose
from daicho.plan.prepare import Context, Prepared, open_project, prepare
from daicho.plan.readable import readable
from daicho.record import OutputRecord, Record

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
    run: str | None = None,
    tag: str | None = None,
    best: str | None = None,
    lowest: bool | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Got:
    """Copy an output: of the result that the present plan would reuse, or of an old one.

    Args:
        what: `Task.output`, where output is the attribute or the file's name; `RUN/Task.output` for an old one.
        to: The file or folder to make, or a folder to put it into; the output's name in this folder by default.
        run: An old one: of this pipeline run, or this run of the task's own.
        tag: An old one: the newest with this tag, `key=value`, on its run or on a pipeline run that it was in.
        best: An old one: the best by this metric of its run, among those that fit.
        lowest: Whether the lowest is the best; by default the metric's name tells.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line, for the present result.

    Raises:
        NotFoundError: If there is no such output, or no result.
        CorruptError: If the stored bytes are not right.
        ProjectError: If it cannot be written there.
    """
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides))
    context.ledger.check()
    head, slash, rest = what.partition("/")
    if slash and "." not in head:
        run, what = head, rest
    if run is None and tag is None and best is None:
        name, role, record = _present(context, what)
    else:
        _refuse(overrides)
        name, role = _names(context, what)
        record = choose(context.ledger, name, run=run, tag=tag, best=best, lowest=lowest)
    output = _output(name, role, record.outputs)
    place = _copy(context.ledger.fetch(record, output), _place(to, Path(output.name).name), output)
    return Got(record.task, output.role, output.name, place, output.digest, output.size, record.run_id)


def _refuse(overrides: Sequence[str]) -> None:
    if overrides:
        raise UsageError(
            "an old result has the parameters that it was made with: leave out " + ", ".join(overrides)
        )


def _output(name: str, role: str, outputs: Sequence[OutputRecord]) -> OutputRecord:
    for output in outputs:
        if role in (output.role, output.name):
            return output
    raise NotFoundError(
        f"`{name}` has no output `{role}`" if role else f"say which output of `{name}`: Task.output",
        hints=nearest(role, (output.role for output in outputs)),
    )


def _present(context: Context, what: str) -> tuple[str, str, Record]:
    """The task, the output that was asked for, and the result that the present plan would reuse."""
    prepared, role = _split(context, what)
    plan = prepared.planner.plan()
    task = readable(context, plan)
    record = plan.decisions[task.task_id].record
    if record is None:  # a wrapper, which has tasks below it and no outputs
        raise NotFoundError(f"`{prepared.target}` has no output `{role}`")
    return prepared.target, role, record


def _names(context: Context, what: str) -> tuple[str, str]:
    """The task and the output, told apart by which tasks have results: the class need not be there any more."""
    parts = what.split(".")
    for place in range(1, len(parts) + 1):
        name = ".".join(parts[:place])
        if context.ledger.newest(name, limit=1):
            return name, ".".join(parts[place:])
    return parts[0], ".".join(parts[1:])


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


def _copy(source: Path, target: Path, output: OutputRecord) -> Path:
    """A copy that is its owner's to change, whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            return _copy_folder(source, target, output)
        with tempfile.TemporaryDirectory(prefix=".daicho-", dir=target.parent) as space:
            part = Path(space) / "part"
            shutil.copyfile(source, part)
            os.replace(part, target)
    except OSError as error:
        if isinstance(error, DaichoError):
            raise
        raise ProjectError(
            f"`{target}` cannot be written: {error.strerror}", hints=("choose another place: -o FILE",)
        ) from error
    return target


def _copy_folder(source: Path, target: Path, output: OutputRecord) -> Path:
    if target.is_dir() and any(target.iterdir()):
        if (
            digest.of_names({name: digest.of_file(file) for name, file in digest.walk(target)})
            == output.digest
        ):
            return target
        raise ProjectError(
            f"the folder `{target}` is there, and holds something else",
            hints=("choose another place: -o FOLDER", "or take it away first: nothing of it is overwritten"),
        )
    with tempfile.TemporaryDirectory(prefix=".daicho-", dir=target.parent) as space:
        part = Path(space) / "part"
        shutil.copytree(source, part, copy_function=shutil.copyfile)
        os.rename(part, target)
    return target
