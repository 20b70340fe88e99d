"""The first opening of a database: MLflow makes its tables then, and several processes that do so at once fail.

On one machine they take turns; those of other machines are found out by the error that both get, and waited for: a
database takes back the whole of what the slower one did. Once a store was opened from here, nobody waits any more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from daicho.digest import of_value
from daicho.ledger._mlflow import prepare
from daicho.ledger.leases import data_folder
from daicho.ledger.store import Store

_ATTEMPTS = 5
_PATIENCE = 120.0  # seconds for another process to make the tables
_RACES = (
    "already exists",
    "duplicate key",
    "duplicate entry",
    "unique constraint",
    "out-of-date",
    "deadlock",
)


def opened(store: Store) -> Any:
    """MLflow's client for a store, with all its tables there if it is a database that MLflow talks to itself.

    Raises:
        MlflowException, OSError: If it cannot be opened. Any error of the database's library, too.
    """
    prepare()
    from mlflow import MlflowClient

    if store.kind != "other":
        return MlflowClient(tracking_uri=store.uri)
    known = data_folder() / "stores" / of_value(store.identity)[:16]
    for attempt in range(_ATTEMPTS):
        try:
            with _turn(known):
                client = MlflowClient(tracking_uri=store.uri)
                client.search_experiments(max_results=1)
                _remember(known)
                return client
        except Exception as error:  # whatever the database's library raises
            text = str(error).lower()
            if attempt == _ATTEMPTS - 1 or not any(sign in text for sign in _RACES):
                raise
            time.sleep(0.5 * 2**attempt)
    raise AssertionError  # the last attempt returns or raises


@contextmanager
def _turn(known: Path) -> Iterator[None]:
    """Alone on this machine, if the store was never opened from here; in a home that is read-only, not even that."""
    if known.exists():
        yield
        return
    try:
        known.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(known.with_suffix(".lock"), timeout=_PATIENCE)
        lock.acquire()
    except (OSError, Timeout):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _remember(known: Path) -> None:
    try:
        known.touch()
    except OSError:
        return  # it costs time, the next time
