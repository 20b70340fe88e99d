"""A closer look at a store than a launch takes: its version, its clock, whether it can be written to."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from daicho.errors import StoreError
from daicho.ledger import _sqlite
from daicho.ledger._http import Connection, unusual
from daicho.ledger.store import Store


@dataclass(frozen=True)
class Server:
    """What a tracking server says of itself: MLflow's version, and how many seconds its clock is ahead of ours."""

    version: str
    ahead: float


def server(store: Store) -> Server | None:
    """What a server says of itself; None for another store, and where plain HTTP does not reach it."""
    if store.kind != "http" or unusual(store.uri):
        return None
    connection = Connection(store.uri)
    try:
        response = connection.send("GET", "/version", None)
        text = response.read(100).decode("utf-8", "replace").strip()
        date = response.getheader("Date")
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    if response.status != 200 or date is None:
        return None
    try:
        return Server(text, parsedate_to_datetime(date).timestamp() - time.time())
    except ValueError:
        return None


def read_fast(store: Store) -> bool:
    """Whether plans are made without MLflow's client, which takes seconds to load: true for a file that is not there.

    Raises:
        StoreError: If the file cannot be read.
    """
    database = store.database
    if database is None:
        return store.kind == "http" and unusual(store.uri) is None
    if not database.exists() or database.stat().st_size == 0:
        return True
    try:
        with closing(_sqlite.connect(database)) as connection:
            return _sqlite.schema(connection) in _sqlite.KNOWN_SCHEMAS
    except sqlite3.Error as error:
        raise StoreError(f"`{database}` cannot be read: {error}") from error


def unwritable(store: Store) -> str | None:
    """The file or folder of a store on this machine that cannot be written to; None if there is none."""
    places = [store.database, None if store.database is None else store.database.parent, store.artifacts]
    for place in places:
        if place is not None and place.exists() and not os.access(place, os.W_OK, effective_ids=True):
            return str(place)
    return None
