"""The local copy of what was fetched: by content, as large as it may be, the longest unused first to go.

When an entry was used is the time of its folder, so that the files' own times stay what their digests were noted with.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SPARED = 24 * 3600.0  # seconds since its last use in which an entry may be in use still
_UNUSED = 90 * 24 * 3600.0  # seconds without use after which it goes in any case
_EVERY = 24 * 3600.0  # seconds between two looks of the launches themselves
_LOOKED = ".looked"


@dataclass(frozen=True)
class Entry:
    """What was fetched of one content. `used` is in seconds since the epoch, `size` in bytes."""

    folder: Path
    size: int
    used: float


def entries(cache: Path) -> list[Entry]:
    """All entries, the longest unused first; what a fetch that died has left behind is among them."""
    found = [_entry(folder) for folder in _folders(cache)]
    return sorted((each for each in found if each is not None), key=lambda each: each.used)


def to_go(all_of_them: list[Entry], limit: int, now: float) -> list[Entry]:
    """What is to be deleted: the longest unused, until the rest has at most `limit` bytes."""
    over = sum(each.size for each in all_of_them) - limit
    gone = []
    for each in all_of_them:
        age = now - each.used
        if age >= _SPARED and (over > 0 or age >= _UNUSED):
            gone.append(each)
            over -= each.size
    return gone


def remove(gone: list[Entry]) -> None:
    """Delete entries; one that somebody else has deleted meanwhile is deleted."""
    for each in gone:
        aside = each.folder.with_name(f".gone-{each.folder.name}")
        try:
            os.rename(each.folder, aside)  # nobody ever sees half of it
        except OSError:
            continue
        shutil.rmtree(aside, ignore_errors=True)


def used(entry: Path) -> None:
    """Note that an entry is being used."""
    try:
        os.utime(entry)
    except OSError:
        return  # it only goes a little earlier


def keep_small(cache: Path, limit: int) -> None:
    """Delete what is too much, looking once a day. Never raises."""
    looked = cache / _LOOKED
    now = time.time()
    try:
        if not cache.is_dir() or (looked.exists() and 0 <= now - looked.stat().st_mtime < _EVERY):
            return
        looked.touch()
        remove(to_go(entries(cache), limit, now))
    except OSError:
        return


def _folders(cache: Path) -> Iterator[Path]:
    """`ab/<digest>`, and the temporary folders beside."""
    for first in cache.iterdir() if cache.is_dir() else ():
        if first.is_dir():
            yield from [first] if first.name.startswith(".") else first.iterdir()


def _entry(folder: Path) -> Entry | None:
    try:
        files = [path.stat() for path in folder.rglob("*") if path.is_file()]
        return Entry(folder, sum(each.st_size for each in files), folder.stat().st_mtime)
    except OSError:
        return None
