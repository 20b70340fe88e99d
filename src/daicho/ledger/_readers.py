"""Which reader answers for a store without MLflow, if one does."""

from __future__ import annotations

from daicho.ledger._rows import Reader
from daicho.ledger.store import Store


def fast(store: Store) -> Reader | None:
    """The reader of an SQLite file or of a tracking server; None for any other store."""
    # Each import costs 10-30 ms that the other kind of store need not pay.
    if store.kind == "sqlite" and store.database is not None:
        from daicho.ledger._sqlite import SQLiteReader

        return SQLiteReader(store.database)
    if store.kind == "http":
        from daicho.ledger._rest import RestReader

        return RestReader(store)
    return None
