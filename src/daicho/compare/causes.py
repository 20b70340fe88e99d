"""The causes of a difference: configuration, code, environment and packages, as the records have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from daicho.compare.comparison import Change, Code, Fact
from daicho.compare.difference import counted
from daicho.compare.pairing import Row
from daicho.compare.sides import SEEN, Files, Side
from daicho.digest import of_value
from daicho.fingerprint.identity import IGNORES, VARIABLE, used_file
from daicho.plan.changes import between
from daicho.plan.snapshots import file_of
from daicho.record import Record

_ABSENT = object()
_SURROUNDINGS = ("python", "implementation", "platform", "machine")


@dataclass
class Sorted:
    """Facts that differ, and how many do not."""

    differ: list[Fact] = field(default_factory=list)
    equal: int = 0

    def take(self, name: str, values: Sequence[Any], present: Sequence[bool]) -> None:
        """Sort in one fact; sides that do not have its task have no say.

        Args:
            name: What it is called.
            values: Its value on each side, or `_ABSENT`.
            present: Whether each side has the task that it is of.
        """
        said = [value for value, here in zip(values, present, strict=True) if here]
        if len({_identity(value) for value in said}) <= 1:
            self.equal += 1
            return
        there = tuple(value is not _ABSENT for value in values)
        self.differ.append(Fact(name, tuple(None if value is _ABSENT else value for value in values), there))


def _identity(value: Any) -> str:
    return "" if value is _ABSENT else of_value(value)


def configuration(rows: Iterable[Row]) -> Sorted:
    """Parameters, versions, and what tasks leave out of their code."""
    found = Sorted()
    for row in rows:
        present = [part is not None for part in row.parts]
        values = [_configured(part.record) if part is not None else {} for part in row.parts]
        for name in dict.fromkeys(name for each in values for name in each):
            found.take(f"{row.label}.{name}", [each.get(name, _ABSENT) for each in values], present)
    return found


def _configured(record: Record) -> dict[str, Any]:
    known = dict(record.parameters)
    if record.version:
        known["version"] = record.version
    if IGNORES in record.settings:
        known[IGNORES] = record.settings[IGNORES]
    return known


def dependencies(rows: Sequence[Row]) -> Sorted:
    """The versions of installed distributions."""
    return _over_tasks(rows, lambda record: _environment(record).get("packages") or {})


def environment(rows: Sequence[Row]) -> Sorted:
    """Python, the system, the processor, and the variables that tasks declare (by digest, as they are recorded)."""
    return _over_tasks(rows, _surroundings)


def _surroundings(record: Record) -> dict[str, Any]:
    known = _environment(record)
    found = {name: known[name] for name in _SURROUNDINGS if name in known}
    for name, digest in record.settings.items():
        if name.startswith(VARIABLE):
            found[f"variable {name.removeprefix(VARIABLE)}"] = f"sha256 {digest[:12]}"
    return found


def _environment(record: Record) -> Mapping[str, Any]:
    found = record.provenance.get("environment")
    return found if isinstance(found, Mapping) else {}


def _over_tasks(rows: Sequence[Row], of: Callable[[Record], Mapping[str, Any]]) -> Sorted:
    """What differs in any task, once for all: where the tasks of a side have several values, all of them."""
    found = Sorted()
    width = len(rows[0].parts) if rows else 0
    known = [[of(part.record) if part is not None else None for part in row.parts] for row in rows]
    names = sorted({name for values in known for each in values if each for name in each})
    for name in names:
        differing = [values for values in known if _differs(name, values)]
        if not differing:
            found.equal += 1
            continue
        joined = [_joined(name, [values[place] for values in differing]) for place in range(width)]
        found.take(name, joined, [any(values[place] for values in differing) for place in range(width)])
    return found


def _differs(name: str, values: Sequence[Mapping[str, Any] | None]) -> bool:
    """Whether sides that know their environment have different values."""
    said = {str(each.get(name)) for each in values if each}
    return len(said) > 1


def _joined(name: str, values: Iterable[Mapping[str, Any] | None]) -> Any:
    said = dict.fromkeys(str(each[name]) for each in values if each and name in each)
    return ", ".join(said) if said else _ABSENT


# ------------------------------------------------------------------------------------------------ code


def code(
    rows: Sequence[Row], sides: Sequence[Side], files: Files
) -> tuple[tuple[Code, ...], int, tuple[str, ...]]:
    """The definitions that differ, how many are equal, and what cannot be shown.

    The difference is that of the first side to the first of the others that has it otherwise.
    """
    tasks: dict[str, list[str]] = {}
    pairs: dict[str, tuple[int, int, Row]] = {}
    equal: set[str] = set()
    for row in rows:
        digests = _comparable(row)
        for symbol in sorted({name for each in digests if each for name in each}):
            places = _unequal(symbol, digests)
            if places is None:
                equal.add(symbol)
                continue
            tasks.setdefault(symbol, []).append(row.label)
            pairs.setdefault(symbol, (*places, row))
    found = tuple(_change(symbol, tasks[symbol], sides, *pairs[symbol], files) for symbol in sorted(pairs))
    silent = [each for each in found if not each.diff and used_file(each.symbol) is None]
    notes = (
        (f"not in the store, so not shown: the text of {counted(len(silent), 'definition')}",)
        if silent
        else ()
    )
    return found, len(equal - pairs.keys()), notes


def _comparable(row: Row) -> list[Mapping[str, str] | None]:
    """The digests of a task's code on each side, and of what was seen to run on all of them.

    What only one side was seen to run is no change of the code: it has run something else.
    """
    certain = [_digests(part.record) if part is not None else None for part in row.parts]
    seen = [_seen(part.record) for part in row.present]
    shared = set.intersection(*map(set, seen)) - {name for each in certain if each for name in each}
    return [
        {**{name: _seen(part.record)[name] for name in shared}, **digests}
        if part is not None and digests is not None
        else None
        for part, digests in zip(row.parts, certain, strict=True)
    ]


def _digests(record: Record) -> dict[str, str]:
    used = {name: value for name, value in record.settings.items() if used_file(name) is not None}
    return {**used, **record.code}


def _seen(record: Record) -> dict[str, str]:
    return {name.removeprefix(SEEN): value for name, value in record.extra.items() if name.startswith(SEEN)}


def _unequal(symbol: str, digests: Sequence[Mapping[str, str] | None]) -> tuple[int, int] | None:
    """Two sides on which a symbol differs; None where it is the same on all that have the task."""
    here = [place for place, each in enumerate(digests) if each is not None]
    first = here[0]
    for place in here[1:]:
        before, after = (digests[each] or {} for each in (first, place))
        if before.get(symbol) != after.get(symbol):
            return first, place
    return None


def _change(
    symbol: str, tasks: Sequence[str], sides: Sequence[Side], old: int, new: int, row: Row, files: Files
) -> Code:
    records = [part.record for part in (row.parts[old], row.parts[new]) if part is not None]
    before, after = ({**_seen(record), **_digests(record)} for record in records)
    kind: Change = "new" if symbol not in before else "gone" if symbol not in after else "changed"
    used = used_file(symbol)
    if used is not None:
        return Code(used, tuple(tasks), kind, file=used)
    texts = [files.of(side, record) for side, record in zip((sides[old], sides[new]), records, strict=True)]
    names = [file_of(text, symbol, None) for text in texts]
    contents = [
        text.get(name, b"") if name is not None else b"" for text, name in zip(texts, names, strict=True)
    ]
    known = names[0] if kind != "new" else None, names[1] if kind != "gone" else None
    told = between(symbol, (known[0], contents[0]), (known[1], contents[1]))
    there = all(
        name is not None or expected
        for name, expected in zip(known, (kind == "new", kind == "gone"), strict=True)
    )
    return Code(symbol, tuple(tasks), kind, names[1] or names[0], told.parts, told.diff if there else "")


def notes(rows: Iterable[Row], sides: Sequence[Side]) -> Iterator[str]:
    """What is known of too little to be compared."""
    for row in rows:
        for side, part in zip(sides, row.parts, strict=True):
            if part is not None and not part.record.code and not part.record.task_id:
                state = str(part.record.provenance.get("status", "")).lower() or "unfinished"
                yield f"{row.label} in {side.name} has no record ({state}): only its metrics could be compared"
