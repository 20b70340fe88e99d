"""Where a run's artifacts lie: on this machine (perhaps under another root than MLflow remembers), or elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from daicho.digest import of_file, of_names, walk
from daicho.errors import SourceError
from daicho.ledger.store import Store
from daicho.record import OutputRecord

State = Literal["ok", "missing", "changed"]


def local(uri: str, store: Store) -> Path | None:
    """The folder on this machine that an artifact address means; None if it lies elsewhere.

    MLflow freezes absolute paths. Where a project with its SQLite store was moved or copied, what lies below the
    store's own `mlruns` takes the place of what was recorded.
    """
    recorded = _path(uri)
    if recorded is None or store.artifacts is None or store.kind != "sqlite":
        return recorded
    if recorded.is_relative_to(store.artifacts) or "mlruns" not in recorded.parts:
        return recorded
    return _moved(recorded, store.artifacts)


def _moved(recorded: Path, artifacts: Path) -> Path:
    """The same place below another `mlruns`, unless only the recorded one can be meant."""
    place = len(recorded.parts) - recorded.parts[::-1].index("mlruns")
    below = recorded.parts[place:]
    moved = artifacts.joinpath(*below)
    home = Path(*recorded.parts[: place - 1])
    if moved.exists() or not home.exists():
        return moved
    # A run that is about to write: the experiment's folder came along if the project was moved or copied.
    came_along = bool(below) and (artifacts / below[0]).exists() and not recorded.exists()
    return moved if came_along else recorded


def _path(uri: str) -> Path | None:
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if os.path.isabs(uri) else None


def state(path: Path, output: OutputRecord) -> State:
    """What a look at the file system says: existence, and the size of a file."""
    try:
        if output.folder:
            return "ok" if path.is_dir() else "missing"
        if not path.is_file():
            return "missing"
        return "ok" if path.stat().st_size == output.size else "changed"
    except OSError:
        return "missing"


def digest_fresh(path: Path, folder: bool) -> str | None:
    """The digest of what lies there, read now: no memory of digests is asked."""
    return digest(path, folder, of_file)


def digest(path: Path, folder: bool, digest_of: Callable[[Path], str]) -> str | None:
    """The digest of what lies there; None if there is no such file or folder, or it cannot be read."""
    try:
        if folder != path.is_dir() or not path.exists():
            return None
        return of_names({name: digest_of(file) for name, file in walk(path)}) if folder else digest_of(path)
    except (OSError, SourceError):
        return None
