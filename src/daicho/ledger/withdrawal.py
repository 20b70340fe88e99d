"""A result that was withdrawn for the whole team: a tag on its run that every reader heeds."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from daicho.ledger import _marks as marks
from daicho.ledger._client import ClientReader
from daicho.ledger._errors import explained
from daicho.ledger.store import Store
from daicho.record import Record


@dataclass(frozen=True)
class Withdrawal:
    """Why a result is not to be used, who said so, and when (UTC, ISO 8601)."""

    reason: str
    who: str
    when: str

    @classmethod
    def now(cls, reason: str, who: str) -> Self:
        """One of this moment; what is too long for a tag is cut."""
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return cls(marks.cut(reason, _LONGEST), marks.cut(who, _LONGEST), when)

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Self | None:
        """What the tags of a run say; None if it was not withdrawn. A tag that a person wrote is the reason itself."""
        text = tags.get(marks.FORGOTTEN)
        if text is None:
            return None
        try:
            said = json.loads(text)
            return cls(str(said["reason"]), str(said["who"]), str(said["when"]))
        except (KeyError, TypeError, ValueError):
            return cls(text, "", "")

    def __str__(self) -> str:
        return f"withdrawn{f' by {self.who}' if self.who else ''}: {self.reason}"

    def to_json(self) -> dict[str, str]:
        """The value as JSON takes it, and as the tag holds it."""
        return asdict(self)


_LONGEST = 1_000


def withdrawal_of(record: Record) -> Withdrawal | None:
    """What was said of a record, if it was withdrawn; only light records tell, as they come from the run itself."""
    said = record.provenance.get("forgotten")
    return Withdrawal(**said) if isinstance(said, Mapping) else None


def withdraw(store: Store, run_id: str, withdrawal: Withdrawal) -> None:
    """Write it down on a run.

    Raises:
        StoreError: If the store cannot be written to.
    """
    text = json.dumps(withdrawal.to_json(), ensure_ascii=False, separators=(",", ":"))
    client = ClientReader(store).client
    with explained(store):
        client.set_tag(run_id, marks.FORGOTTEN, text)
