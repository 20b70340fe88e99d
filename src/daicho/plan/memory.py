"""What planning asks of the ledger, as a protocol: a plan can be made, and tested, without a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from daicho.ledger import Trail, Withdrawal
from daicho.record import OutputRecord, Record


class Memory(Protocol):
    """What planning asks of the ledger."""

    def find(self, keys: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The marked, living, not superseded records of each key, the earliest first."""

    def withdrawn(self, key: str) -> Withdrawal | None:
        """Who withdrew a result of a key, and why, as `find` saw it."""

    def launched(self, digests: Collection[str], limit: int) -> Sequence[Trail]:
        """What launches have left that bear one of some marks, the newest first: see `daicho.plan.deep`."""

    def newest(self, task: str, limit: int = 20) -> Sequence[Record]:
        """The newest records of a task family."""

    def details(self, record: Record) -> Record | None:
        """A record with all that is known of it."""

    def state(self, record: Record) -> Literal["ok", "missing", "changed"]:
        """Whether its outputs are there, as far as `stat` tells."""

    def is_here(self, record: Record, output: OutputRecord) -> bool:
        """Whether an output's bytes can be had without fetching them from elsewhere."""

    def fetch(self, record: Record, output: OutputRecord) -> Path:
        """An output's bytes, verified. Raises CorruptError."""
