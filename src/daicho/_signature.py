"""What `stat` says of a file or folder, as one text: as far as it tells one content from another."""

from __future__ import annotations

import os

GONE = "-"
"""The signature of what is not there, or may not be looked at."""

GRAIN = 2_000_000_000
"""Nanoseconds within which two writes may bear the same time: a file touched later than that is not trusted."""

_LOG = "-wal"
"""How SQLite's write-ahead log ends. Where root opens a database, also to read, SQLite gives the log an owner: the one
that it has, but that is a change of its state. What is written into it changes its other time as well."""


def signature(path: str) -> str:
    """Device, inode, size and both times; `GONE` if there is nothing."""
    try:
        return of_stat(os.stat(path), path)
    except (OSError, ValueError):
        return GONE


def of_stat(found: os.stat_result, path: str = "") -> str:
    """The same of what was looked at already; of the log of a database, known by its path, without the second time."""
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{_state_changed(found, path)}"


def touched(found: os.stat_result, path: str = "") -> int:
    """When something was last changed, in nanoseconds since 1970."""
    return max(found.st_mtime_ns, _state_changed(found, path))


def _state_changed(found: os.stat_result, path: str) -> int:
    return 0 if path.endswith(_LOG) else found.st_ctime_ns
