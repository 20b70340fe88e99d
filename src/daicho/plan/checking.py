"""Whether recorded results are what they were: by a look at them, and byte by byte before somebody reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from daicho.errors import CorruptError
from daicho.plan.decide import Rejected
from daicho.plan.memory import Memory
from daicho.plan.reasons import Reason
from daicho.record import Record

_GONE = {
    "missing": Reason("missing", "an output of its result is gone"),
    "changed": Reason("corrupt", "an output of its result was changed"),
}


@dataclass
class Checking:
    """What was found of records.

    Attributes:
        memory: The ledger.
        rejected: Records that are not to be used, by run id.
    """

    memory: Memory
    rejected: dict[str, Rejected] = field(default_factory=dict)

    def glance(self, records: Iterable[Record]) -> None:
        """Reject those of some records whose outputs are gone or look different."""
        for record in records:
            state = self.memory.state(record)
            if state != "ok" and record.run_id is not None:
                self.rejected.setdefault(record.run_id, Rejected(record, _GONE[state]))

    def is_here(self, record: Record | None) -> bool:
        """Whether the bytes of a record can be had without fetching them from elsewhere."""
        return record is None or all(self.memory.is_here(record, output) for output in record.outputs)

    def sound(self, record: Record) -> bool:
        """Whether the bytes of a record are right; it is rejected if not.

        Raises:
            StoreError: If they cannot be had now.
        """
        try:
            for output in record.outputs:
                self.memory.fetch(record, output)
        except CorruptError as error:
            self.rejected[str(record.run_id)] = Rejected(record, Reason("corrupt", error.message))
            return False
        return True
