"""What came of a result when somebody made it again: a tag on its run, for people and for the next plan."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Self

from daicho.ledger import _marks as marks
from daicho.ledger.marking import write_tags
from daicho.ledger.store import Store
from daicho.record import Record

_MOST = 20  # names that a tag holds


@dataclass(frozen=True)
class Checked:
    """What came of it.

    Attributes:
        verdict: `identical`, `equal`, `close`, `different`, `unknown` or `failed`.
        who, where, when: The account, the machine, and the moment (UTC, ISO 8601).
        how: In what it was made again, in a few words.
        differing: What was not the same: outputs, of a pipeline run with their tasks.
    """

    verdict: str
    who: str
    where: str
    when: str
    how: str = ""
    differing: tuple[str, ...] = ()

    @classmethod
    def now(cls, verdict: str, who: str, where: str, how: str, differing: tuple[str, ...]) -> Self:
        """What came of it at this moment; what is too long for a tag is cut."""
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        kept = tuple(marks.cut(name, 100) for name in differing[:_MOST])
        return cls(verdict, marks.cut(who, 200), marks.cut(where, 200), when, marks.cut(how, 200), kept)

    @classmethod
    def of(cls, tags: Mapping[str, str], name: str) -> Self | None:
        """What a tag says; None where there is none, or one that daicho did not write."""
        try:
            said = json.loads(tags[name])
            texts = {key: str(said[key]) for key in ("verdict", "who", "where", "when", "how")}
            return cls(**texts, differing=tuple(str(each) for each in said["differing"]))
        except (KeyError, TypeError, ValueError):
            return None

    def __str__(self) -> str:
        what = f" ({', '.join(self.differing)})" if self.differing else ""
        how = f", {self.how}" if self.how else ""
        return f"{self.verdict}{what}{how}, {self.who} on {self.where}, {self.when}"

    def to_json(self) -> dict[str, object]:
        """The value as JSON takes it, and as the tag holds it."""
        return asdict(self)


def sentences(tags: Mapping[str, str]) -> Iterator[str]:
    """What the tags of a run say of it, a sentence each: `reproduced: identical, …`."""
    for name, what in ((marks.REPRODUCED, "reproduced"), (marks.VERIFIED, "verified")):
        found = Checked.of(tags, name)
        if found is not None:
            yield f"{what}: {found}"


def mark_reproduced(store: Store, run_id: str, checked: Checked) -> None:
    """Write down on a run how making it again from its record went.

    Raises:
        StoreError: If the store cannot be written to.
    """
    _write(store, run_id, marks.REPRODUCED, checked)


def mark_verified(store: Store, run_id: str, checked: Checked) -> None:
    """Write down on a task's run whether running it once more gave the same.

    Raises:
        StoreError: If the store cannot be written to.
    """
    _write(store, run_id, marks.VERIFIED, checked)


def _write(store: Store, run_id: str, tag: str, checked: Checked) -> None:
    text = json.dumps(checked.to_json(), ensure_ascii=False, separators=(",", ":"))
    write_tags(store, run_id, {tag: text})


def unsteady(record: Record) -> Checked | None:
    """What a check said of a record whose outputs were not the same twice; None for all others.

    Only light records tell, as they come from the run itself.
    """
    said = record.provenance.get("verified")
    if not isinstance(said, Mapping):
        return None
    found = Checked.of({marks.VERIFIED: json.dumps(said)}, marks.VERIFIED)
    return found if found is not None and found.verdict in ("different", "unknown") else None
