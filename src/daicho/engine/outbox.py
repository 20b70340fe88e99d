"""The folder of a launch, and what it holds until that is recorded: drafts, manifests, staged outputs.

A draft is written when a task starts, a manifest when it has run; both together are its record. So a launch that was
killed, or whose store was away, leaves all that the next one needs to record what was finished. A lock that ends with
its process tells a launch that lives from one that was left.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from daicho.digest import of_value
from daicho.engine.naming import new_name
from daicho.engine.records import complete
from daicho.engine.stage import MANIFEST, of_path, writing
from daicho.errors import ProjectError
from daicho.ledger.leases import data_folder
from daicho.plan.prepare import Context
from daicho.record import Manifest, Record

_DRAFT = "draft.json"
_LOCK = "launch.lock"
_KEPT = "kept"


@dataclass(frozen=True)
class LaunchFolder:
    """The folder of one launch, locked for as long as its process lives."""

    path: Path
    lock: FileLock

    def remove(self) -> None:
        """Delete the folder, and let go of it. What was set aside stays."""
        for task in [each for each in self.path.iterdir() if each.is_dir()]:
            if not (task / _KEPT).exists():
                shutil.rmtree(task, ignore_errors=True)
        left = [each for each in self.path.iterdir() if each.is_dir()]
        if not left:
            shutil.rmtree(self.path, ignore_errors=True)
        self.lock.release()


@dataclass(frozen=True)
class Waiting:
    """A result that is whole and not recorded."""

    record: Record
    folder: Path

    @property
    def stage(self) -> Path:
        """The folder with its outputs."""
        return self.folder / "out"

    @property
    def log(self) -> Path:
        """What the task printed."""
        return self.folder / "log.txt"


def new_folder(context: Context) -> LaunchFolder:
    """A folder for a launch that begins.

    Raises:
        ProjectError: If it cannot be made.
    """
    path = _place(context) / f"{time.strftime('%Y%m%dT%H%M%S')}-{new_name()}"
    hidden = path.with_name(
        f".{path.name}"
    )  # until it is locked, another launch could take it for left behind
    try:
        hidden.mkdir(parents=True)
        lock = FileLock(hidden / _LOCK)
        lock.acquire(timeout=0)
        hidden.rename(path)
    except OSError as error:
        raise ProjectError(
            f"`{path.parent}` cannot be written to: {error.strerror}",
            hints=("daicho stages outputs there before they are published",),
        ) from error
    return LaunchFolder(path, lock)


def left_behind(context: Context) -> Iterator[LaunchFolder]:
    """The folders of launches whose process is gone, each locked."""
    place = _place(context)
    for path in sorted(place.glob("[!.]*")) if place.is_dir() else ():
        lock = FileLock(path / _LOCK)
        with suppress(Timeout, OSError):
            lock.acquire(timeout=0)
            yield LaunchFolder(path, lock)


def places(context: Context) -> tuple[Path, ...]:
    """The folders in which something may lie that a launch left behind."""
    return (_place(context),)


def waiting(folder: LaunchFolder) -> Iterator[Waiting]:
    """The results in a folder that are whole: their bytes are what the manifest says.

    Raises:
        OSError, ValueError: If what is there cannot be read: it may be a result, and must not be lost.
    """
    for draft in sorted(folder.path.glob(f"*/{_DRAFT}")):
        written = draft.parent / MANIFEST
        if not written.exists():
            continue  # it never ended
        manifest = Manifest.from_json(json.loads(written.read_text("utf-8")))
        if manifest.outcome != "ran":
            continue
        record = complete(Record.from_json(json.loads(draft.read_text("utf-8"))), manifest)
        found = Waiting(record, draft.parent)
        if all(_is(found.stage / each.name, each.digest) for each in manifest.outputs):
            yield found


def _is(path: Path, digest: str) -> bool:
    return path.exists() and of_path(path) == digest


def write_draft(record: Record, folder: Path) -> None:
    """Write down what is known of a task that starts.

    Raises:
        TaskError: If it cannot be written.
    """
    with writing(folder / _DRAFT):
        (folder / _DRAFT).write_text(json.dumps(record.to_json()), encoding="utf-8")


def settled(folder: Path) -> None:
    """A task's result is recorded: nobody needs to do that again."""
    (folder / _DRAFT).unlink(missing_ok=True)


def set_aside(folder: Path) -> Path | None:
    """A result that must not be recorded stays for a person to look at: where, if there is one."""
    settled(folder)
    kept = folder / "out"
    if not any(kept.rglob("*")):
        return None
    (folder / _KEPT).touch()
    return kept


def _place(context: Context) -> Path:
    """Beside the artifacts where these are local, so that publishing is a link; else in the user's data folder."""
    whose = of_value((context.name, context.experiment))[:12]  # several projects may share a store
    if context.store.artifacts is not None:
        return context.store.artifacts / ".daicho-stage" / whose
    root = of_value(os.path.realpath(context.root))[:12]
    return data_folder() / f"{context.root.name}-{root}" / whose
