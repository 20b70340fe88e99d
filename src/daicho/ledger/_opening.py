"""The first message to a recorder: where it writes."""

from __future__ import annotations

from dataclasses import dataclass

from daicho.ledger.store import Store


@dataclass(frozen=True)
class Opening:
    """Which store, project and experiment a recorder writes to; `log` is a file for what it prints."""

    store: Store
    project: str
    experiment: str
    description: str = ""
    log: str | None = None
