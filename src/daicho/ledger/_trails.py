"""What a launch leaves for the next when all is done: the keys of its results, found before any result is known.

They stand in the profile of the dataset that marks the launch, which every answer about the run holds: for each task
the first bytes of its deep key (see `daicho.plan.deep`) and its key, all in base64. MLflow keeps the first profile of a
dataset for good; this one is right for good, for a launch's digest says which results there are.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from daicho.ledger import _marks as marks
from daicho.ledger._launches import Launch
from daicho.ledger._rows import Row

_HINT = 12  # digits of a deep key: to take one for another only costs a question
_LINE = _HINT + 64


@dataclass(frozen=True)
class Trail:
    """What an earlier launch has left.

    Attributes:
        launch: The launch.
        digest: That of the launch: see `Ledger.launch`.
        marks: The short digests by which it is found.
        keys: The keys of its results, by the first digits of their tasks' deep keys.
    """

    launch: Launch
    digest: str = ""
    marks: frozenset[str] = frozenset()
    keys: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Row) -> Trail:
        """The trail that a pipeline run with its marks is."""
        found = {mark.digest for mark in row.marks if mark.name == mark.context == marks.DEEP}
        digest = row.tags.get(marks.LAUNCH, "")
        own = (mark for mark in row.marks if mark.name == mark.context == marks.LAUNCH)
        profile = next((mark.profile for mark in own if mark.digest == marks.short(digest)), None)
        # Without its mark it does not count as a launch that is done, whatever the tag says.
        return cls(Launch.of(row), digest if profile is not None else "", frozenset(found), unpacked(profile))

    def bears(self, digest: str) -> bool:
        """Whether it is found by a digest."""
        return marks.short(digest) in self.marks

    def key(self, deep: str) -> str | None:
        """The key that a task with this deep key had then."""
        return self.keys.get(deep[:_HINT])


def packed(keys: Mapping[str, str]) -> str | None:
    """Keys by deep key, as they are kept; None for more than one can keep."""
    lines = "".join(sorted(deep[:_HINT] + key for deep, key in keys.items()))
    text = json.dumps({"keys": b64encode(bytes.fromhex(lines)).decode()})
    return text if len(text) <= marks.LONGEST_PROFILE else None


def unpacked(text: str | None) -> dict[str, str]:
    """Keys by the first digits of the deep key; none from what is not ours."""
    try:
        lines = b64decode(json.loads(text or "{}").get("keys", ""), validate=True).hex()
    except (AttributeError, TypeError, ValueError):
        return {}
    return {
        lines[at : at + _HINT]: lines[at + _HINT : at + _LINE]
        for at in range(0, len(lines) - _LINE + 1, _LINE)
    }
