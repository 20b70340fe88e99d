"""What a recorder is told first, where it writes, and the sign to leave off."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from daicho.ledger.store import Store

ENOUGH = signal.SIGUSR1


@dataclass(frozen=True)
class Opening:
    """Which store, project and experiment a recorder writes to; `log` is a file for what it prints.

    With `wal` an SQLite store is put into WAL mode first.
    """

    store: Store
    project: str
    experiment: str
    description: str = ""
    log: str | None = None
    wal: bool = False
