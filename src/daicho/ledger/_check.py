"""Whether a store can be used, found out within seconds and without MLflow, in words that a person can act on."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

from daicho.errors import StoreError
from daicho.ledger import _errors, _sqlite
from daicho.ledger.store import Store

_PATIENCE = 5.0
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
_REVISION = re.compile(r"""^(down_)?revision\s*=\s*["'](\w+)["']""", re.MULTILINE)


def sqlite_file(store: Store) -> None:
    """See that a database file is MLflow's and of the version installed here, or that it can be made.

    Raises:
        StoreError: If not.
    """
    database = store.database
    assert database is not None
    with _errors.explained(store):
        if database.exists():
            _look_into(store, database)
            return
        folder = next(parent for parent in database.parents if parent.exists())
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
            raise _errors.forbidden(store, folder)


def _look_into(store: Store, database: Path) -> None:
    if not os.access(database, os.R_OK, effective_ids=True):
        raise _errors.forbidden(store, database)
    connection = _sqlite.connect(database)
    try:
        _version(store, connection)
    finally:
        connection.close()


def _version(store: Store, connection: sqlite3.Connection) -> None:
    version = _sqlite.schema(connection)
    if version in _sqlite.KNOWN_SCHEMAS:
        return
    if version is None:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise _errors.no_database(store)
        return  # empty: MLflow will fill it
    heads, known = _revisions()
    if version not in known:
        raise _errors.newer(store)
    if version not in heads:
        raise _errors.outdated(store)


def _revisions() -> tuple[set[str], set[str]]:
    """The heads of the installed MLflow's migrations, and all of them, read without importing it."""
    spec = importlib.util.find_spec("mlflow")
    if spec is None or spec.origin is None:
        raise StoreError("mlflow is not installed here", hints=("install it with: pip install mlflow",))
    folder = Path(spec.origin).parent / "store" / "db_migrations" / "versions"
    known: set[str] = set()
    below: set[str] = set()
    for file in folder.glob("*.py"):
        for down, name in _REVISION.findall(file.read_text(encoding="utf-8")):
            (below if down else known).add(name)
    return known - below, known


def address(store: Store) -> None:
    """See that something listens where a database server's address points.

    Raises:
        StoreUnreachableError: If nothing does. MLflow itself would try for minutes.
    """
    parts = urlsplit(store.uri)
    port = parts.port or _PORTS.get(parts.scheme.partition("+")[0])
    if parts.hostname is None or port is None:
        return  # a socket's path, or a scheme of somebody's plug-in: MLflow will see
    try:
        socket.create_connection((parts.hostname, port), timeout=_PATIENCE).close()
    except OSError as error:
        raise _errors.unreachable(store, error.strerror or str(error)) from error
