"""The outputs of a result beside those of the same task when it was run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.compare.contents import compare_files
from daicho.compare.difference import Difference, Verdict, identical, unknown
from daicho.errors import CorruptError
from daicho.ledger import Ledger
from daicho.record import OutputRecord, Record

ORDER: tuple[Verdict, ...] = ("identical", "equal", "close", "unknown", "different")
"""From the best to the worst."""

SAME: tuple[Verdict, ...] = ORDER[:3]
"""What counts as made again."""


@dataclass(frozen=True)
class Remade:
    """An output that was made again, by its attribute and its name, and how it compares with the recorded one."""

    role: str
    name: str
    format: str
    difference: Difference

    @property
    def verdict(self) -> Verdict:
        """Whether it is the same, and how much."""
        return self.difference.verdict

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "output": self.role,
            "name": self.name,
            "format": self.format,
            **self.difference.to_json(),
        }


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """What is to be said of several; nothing is identical to nothing."""
    return max(verdicts, key=ORDER.index, default="identical")


def compare_outputs(
    ledger: Ledger,
    record: Record,
    made: Iterable[OutputRecord],
    path_of: Callable[[OutputRecord], Path | None],
    *,
    tolerance: float = 0.0,
) -> tuple[Remade, ...]:
    """How the outputs of a record compare with those that were made again.

    Args:
        ledger: Where the record's bytes are.
        record: The record.
        made: What was made.
        path_of: Where that lies.
        tolerance: As for `compare_files`.

    Raises:
        StoreError: If the store cannot be asked.
    """
    there = {output.role: output for output in made}
    found = list(_of_record(ledger, record, there, path_of, tolerance))
    known = {output.role for output in record.outputs}
    more = [output for role, output in there.items() if role not in known]
    found += [
        Remade(each.role, each.name, each.format, _none("it was not there in the recorded run"))
        for each in more
    ]
    return tuple(found)


def _of_record(
    ledger: Ledger,
    record: Record,
    made: dict[str, OutputRecord],
    path_of: Callable[[OutputRecord], Path | None],
    tolerance: float,
) -> Iterator[Remade]:
    for old in record.outputs:
        new = made.get(old.role)
        if new is None:
            difference = _none("it was not made")
        elif new.digest == old.digest:
            difference = identical("folder" if old.folder else "bytes")
        else:
            difference = _looked_into(ledger, record, old, path_of(new), tolerance)
        yield Remade(old.role, old.name, old.format, difference)


def _looked_into(
    ledger: Ledger, record: Record, old: OutputRecord, path: Path | None, tolerance: float
) -> Difference:
    if path is None:
        return unknown("bytes", "what was made is not on this machine, so only its digest was compared")
    try:
        return compare_files(old.format, ledger.fetch(record, old), path, tolerance=tolerance)
    except CorruptError as error:
        return unknown(
            "bytes", f"the recorded bytes cannot be had, so only digests were compared: {error.message}"
        )
    except OSError as error:
        return unknown("bytes", f"it cannot be read: {error.strerror or error}")


def _none(why: str) -> Difference:
    return Difference("different", "bytes", why, first=why)
