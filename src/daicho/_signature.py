"""What `stat` says of a file or folder, as one text: as far as it tells one content from another."""

from __future__ import annotations

import os

GONE = "-"
"""The signature of what is not there, or may not be looked at."""

GRAIN = 2_000_000_000
"""Nanoseconds within which two writes may bear the same time: a file touched later than that is not trusted."""


def signature(path: str) -> str:
    """Device, inode, size and both times; `GONE` if there is nothing."""
    try:
        return of_stat(os.stat(path))
    except (OSError, ValueError):
        return GONE


def of_stat(found: os.stat_result) -> str:
    """The same of what was looked at already."""
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def touched(found: os.stat_result) -> int:
    """When something was last changed, in nanoseconds since 1970."""
    return max(found.st_mtime_ns, found.st_ctime_ns)
