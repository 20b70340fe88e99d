"""Digests of files, remembered by what `stat` says of them, so that what has not changed is not read again.

A file is trusted to be what it was if device, inode, size, and both times are the same, and if it had not been
touched within two seconds of being hashed: within the clock's grain a second write could hide.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from daicho import digest
from daicho._signature import GRAIN, of_stat, touched

_TABLE = "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stat TEXT NOT NULL, digest TEXT NOT NULL)"


@dataclass
class Digests:
    """The memory. `file` is an SQLite file that may be deleted, or hold garbage, at any time; None for no memory."""

    file: Path | None = None
    _known: dict[str, tuple[str, str]] | None = None
    _new: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, path: Path) -> str:
        """The digest of a file or a folder.

        Raises:
            OSError: If it cannot be read.
            SourceError: If a folder holds a link that leads out of it.
        """
        if path.is_dir():
            return digest.of_names({name: self._of_file(each) for name, each in digest.walk(path)})
        return self._of_file(path)

    def save(self) -> None:
        """Write what was learnt. Failing to is no error: it costs time, later."""
        if self.file is None or not self._new:
            return
        rows = [(path, stat, value) for path, (stat, value) in self._new.items()]
        with suppress(sqlite3.Error, OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=5)) as connection, connection:
                connection.execute(_TABLE)
                connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)
        self._memory().update(self._new)
        self._new.clear()

    def _of_file(self, path: Path) -> str:
        name = os.path.abspath(path)
        before = signature(path)
        remembered = self._new.get(name) or self._memory().get(name)
        if remembered is not None and remembered[0] == before:
            return remembered[1]
        value = digest.of_file(path)
        if signature(path) == before and _settled(path):
            self._new[name] = (before, value)
        return value

    def _memory(self) -> dict[str, tuple[str, str]]:
        if self._known is None:
            self._known = {}
            if self.file is not None and self.file.exists():
                try:
                    with closing(sqlite3.connect(self.file, timeout=5)) as connection:
                        rows = connection.execute("SELECT path, stat, digest FROM files")
                        self._known = {path: (stat, value) for path, stat, value in rows}
                except sqlite3.OperationalError:
                    pass  # another process is writing it
                except sqlite3.Error:
                    with suppress(OSError):
                        self.file.unlink()
        return self._known


def signature(path: Path) -> str:
    """What `stat` says of a file, as far as it tells one content from another."""
    return of_stat(path.stat())


def _settled(path: Path) -> bool:
    return time.time_ns() - touched(path.stat()) > GRAIN
