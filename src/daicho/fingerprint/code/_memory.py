"""Tables remembered between launches, in an SQLite file that may be deleted, damaged or shared at any time.

The key is the digest of a file's bytes, so what is found is right wherever and whenever it was written; a sum
over the text finds damage. Whatever goes wrong here costs time, never an error.
"""

from __future__ import annotations

import sqlite3
import weakref
import zlib
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from daicho.fingerprint.code._serialise import SCHEME
from daicho.fingerprint.code._table import LAYOUT, Table

_KEPT: Final = 20_000
_SECONDS: Final = 2.0  # to wait for another process that writes


class Memory:
    """The tables by digest; those that are new are kept until `save`."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._opened = path is None
        self._new: dict[str, str] = {}

    def get(self, digest: str) -> Table | None:
        """The table of a file with this digest, if it is known and whole."""
        database = self._connection()
        if database is None:
            return None
        try:
            row = database.execute(
                "SELECT sum, body FROM tables WHERE digest = ?", (_key(digest),)
            ).fetchone()
            if row is None or row[0] != zlib.crc32(row[1].encode()):
                return None
            return Table.from_json(row[1])
        except (sqlite3.Error, ValueError, TypeError, AttributeError):
            return None

    def put(self, digest: str, table: Table) -> None:
        """Remember a table at the next `save`."""
        if self._path is not None:
            self._new[_key(digest)] = table.to_json()

    def save(self) -> None:
        """Write what is new, in one transaction; the oldest are dropped when there are too many."""
        if not self._new or self._path is None:
            return
        rows = [(key, zlib.crc32(body.encode()), body) for key, body in self._new.items()]
        self._new.clear()
        if not self._write(rows):
            self._discard()
            self._write(rows)

    def _write(self, rows: list[tuple[str, int, str]]) -> bool:
        """Whether the file is still of use: it is also when it is only busy, or read-only."""
        database = self._connection()
        try:
            if database is None:
                return False
            with database:
                database.executemany(
                    "INSERT OR REPLACE INTO tables (digest, sum, body) VALUES (?, ?, ?)", rows
                )
                database.execute(
                    "DELETE FROM tables WHERE number <= (SELECT max(number) FROM tables) - ?", (_KEPT,)
                )
            return True
        except sqlite3.OperationalError as error:
            return "no such" not in str(error) and "no column" not in str(error)
        except sqlite3.Error:
            return False

    def _connection(self) -> sqlite3.Connection | None:
        if not self._opened and self._path is not None:
            self._opened = True
            self._database = _open(self._path)
            if self._database is not None:
                weakref.finalize(self, self._database.close)
        return self._database

    def _discard(self) -> None:
        assert self._path is not None
        if self._database is not None:
            self._database.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._database, self._opened = None, False


def _key(digest: str) -> str:
    return f"{SCHEME}/{LAYOUT}/{digest}"


def _open(path: Path) -> sqlite3.Connection | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, timeout=_SECONDS, check_same_thread=False)
    except (OSError, sqlite3.Error):
        return None
    try:
        # What a crash of the machine breaks is found.
        with closing(database.execute("PRAGMA synchronous = OFF")):
            pass
        database.execute(
            "CREATE TABLE IF NOT EXISTS tables"
            " (number INTEGER PRIMARY KEY, digest TEXT UNIQUE, sum INTEGER, body TEXT)"
        )
        return database
    except sqlite3.Error:
        database.close()
        return None
