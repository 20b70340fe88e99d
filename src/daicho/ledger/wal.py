"""SQLite's write-ahead log: where a store may have one, how it is switched on, and how it is emptied.

With it a commit goes into `mlflow.db-wal`, which is quicker, and processes agree on what is in it by memory that they
share, `mlflow.db-shm`. Machines share no memory: where several of them can reach a file it must never be.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from daicho.errors import StoreError
from daicho.ledger._sqlite import connected
from daicho.ledger.store import Store

if TYPE_CHECKING:
    from daicho.config.settings import Settings

_MOUNTS = Path("/proc/self/mounts")
_ELSEWHERE = re.compile(
    r"(fuse\.)?(nfs|cifs|smb|9p|sshfs|lustre|gpfs|ceph|beegfs|fhgfs|afs|gluster|gfs2|ocfs2|orangefs|pvfs|panfs|weka"
    r"|juicefs|moosefs|mfs|coda|ncp|davfs|s3fs|goofys|gcsfuse|rclone|virtiofs|vboxsf|vmhgfs|prl_fs|drvfs)"
)
"""How the kinds of file systems begin whose files other machines, or this one's host, may have open as well."""
_PATIENCE = 1.0  # seconds for others to let go


def check(store: Store, settings: Settings) -> None:
    """See that a store that is to have a write-ahead log lies where it may have one.

    Raises:
        StoreError: If it lies on a network file system.
    """
    if not settings.wal or store.database is None:
        return
    found = network(store.database)
    if found is not None:
        raise StoreError(
            f"`[daicho] wal` is true, but `{store.database}` lies on a network file system ({found}): SQLite's WAL"
            " mode loses data there",
            where=settings.places.get("daicho.wal"),
            hints=("take `wal = true` out", "or keep the store on a disk of this machine"),
        )


def network(database: Path) -> str | None:
    """Which network file system a file lies on, or is going to, as `nfs4 at /home`; None for a disk of this machine.

    Only Linux says so: everywhere else a file is taken for local.
    """
    path = os.path.realpath(database)  # also mounts what is mounted at the first look
    try:
        text = _MOUNTS.read_bytes()
    except OSError:
        return None
    above = [
        (len(point), number, kind, point)
        for number, (point, kind) in enumerate(_mounts(text))
        if _holds(point, path)
    ]
    if not above:
        return None
    *_, kind, point = max(above)  # of two at one place the later one covers the other
    return f"{kind} at {point}" if _ELSEWHERE.match(kind) else None


def switch_on(store: Store) -> None:
    """Put an SQLite store into WAL mode, in which it stays. If somebody has it locked it is left as it is, for now."""
    if store.database is None or network(store.database) is not None:
        return
    with suppress(sqlite3.Error), closing(connected(store.database, "rw", _PATIENCE)) as connection:
        connection.execute("PRAGMA journal_mode=wal").fetchone()


def fold_in(store: Store) -> None:
    """Bring what the log of a store holds into the database, so that its file alone is whole, if nobody is there."""
    if store.database is None or not os.path.exists(f"{store.database}-wal"):
        return
    with suppress(sqlite3.Error), closing(connected(store.database, "rw", _PATIENCE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _mounts(text: bytes) -> Iterator[tuple[str, str]]:
    """Mount points with the kinds of their file systems, in their order."""
    for line in text.splitlines():
        _, point, kind, *_ = line.split(b" ")
        yield (
            os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), point)),
            kind.decode(),
        )


def _holds(point: str, path: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")
