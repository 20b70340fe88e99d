"""What a recorder is told first, where it writes, and the sign to leave off."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from daicho.ledger.store import Store

ENOUGH = signal.SIGUSR1


@dataclass(frozen=True)
class Opening:
    """Which store, project and experiment a recorder writes to; `log` is a file for what it prints.

    With `wal` an SQLite store is put into WAL mode first. `tasks` says how many records are to be expected, 0 for few.
    `environment` is the parent's as it is now: since the recorder was started, the user's modules may have added to it.
    """

    store: Store
    project: str
    experiment: str
    description: str = ""
    log: str | None = None
    wal: bool = False
    tasks: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
