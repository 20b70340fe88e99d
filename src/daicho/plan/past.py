"""The earlier records of task families: each family is asked about once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from daicho.errors import StoreError
from daicho.plan.memory import Memory
from daicho.plan.plan import Decision
from daicho.plan.reasons import Place, Reason, compare
from daicho.record import Record


@dataclass
class Past:
    """What the ledger says of families."""

    memory: Memory
    _known: dict[str, Sequence[Record]] = field(default_factory=dict)

    def took(self, family: str) -> float | None:
        """How many seconds a task of a family took the last time; None if that is not known."""
        try:
            records = self._of(family)
        except StoreError:
            return None
        newest = next((record for record in records if record.ended > record.started), None)
        return None if newest is None else newest.seconds

    def nearest(self, draft: Record) -> Record | None:
        """The newest of the family's records that has most in common with the task now, in full."""
        candidates = self._of(draft.task)
        if not candidates:
            return None
        now = draft.summary
        common = [
            sum(record.provenance.get("parts", {}).get(name) == value for name, value in now.items())
            for record in candidates
        ]
        best = candidates[common.index(max(common))]
        return self.memory.details(best) or best

    def explained(
        self,
        decision: Decision,
        draft: Record,
        declared: Mapping[str, tuple[str, str]],
        places: Mapping[str, Place],
    ) -> Decision:
        """The decision to run a task with what changed since the nearest earlier record.

        Args:
            decision: The decision.
            draft: What is known of the task.
            declared: Name and format of its outputs, by attribute.
            places: Where the symbols of its code stand.
        """
        withdrawal = self.memory.withdrawn(decision.key) if decision.key is not None else None
        if withdrawal is not None:
            return replace(decision, reasons=(Reason("withdrawn", str(withdrawal)),))
        return replace(decision, reasons=compare(draft, declared, self.nearest(draft), places))

    def _of(self, family: str) -> Sequence[Record]:
        if family not in self._known:
            self._known[family] = self.memory.newest(family)
        return self._known[family]
