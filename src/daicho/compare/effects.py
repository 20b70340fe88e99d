"""Causes and effects that are contents: sources that came in, outputs that went out; and what was measured."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from daicho import formats
from daicho.compare.comparison import Better, Content, Fact, Metric
from daicho.compare.contents import LARGEST, compare_files
from daicho.compare.difference import Difference, unknown
from daicho.compare.pairing import Row
from daicho.compare.sides import Part, Side
from daicho.errors import CorruptError, DeclarationError, SourceError
from daicho.ledger import Ledger
from daicho.ledger.chosen import lower_is_better
from daicho.ledger.sources import Kept, bring, kept
from daicho.record import OutputRecord, SourceRecord

Place = Callable[[], Path | None]


def metrics(rows: Iterable[Row]) -> tuple[tuple[Metric, ...], int]:
    """The metrics that differ among the sides that have run a task, and how many do not."""
    found, equal = [], 0
    for row in rows:
        ran = [part if part is not None and part.record.run_id else None for part in row.parts]
        if sum(part is not None for part in ran) < 2:
            continue
        for name in sorted({name for part in ran if part for name in part.metrics}):
            values = [part.metrics.get(name) if part else None for part in ran]
            said = [value for value, part in zip(values, ran, strict=True) if part]
            if all(_same(said[0], value) for value in said[1:]):
                equal += 1
                continue
            fact = Fact(f"{row.label}.{name}", tuple(values), tuple(value is not None for value in values))
            better: Better = "lower" if lower_is_better(name) else "higher"
            found.append(Metric(fact, better, tuple(_change(values[0], value) for value in values[1:])))
    return tuple(found), equal


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or (math.isnan(one) and math.isnan(other))


def _change(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else new - old


# --------------------------------------------------------------------------------------------- outputs


def outputs(rows: Iterable[Row], ledger: Ledger) -> tuple[tuple[Content, ...], int]:
    """The outputs that differ among the sides that have run a task, and how many do not."""
    found, equal = [], 0
    for row in rows:
        ran = [part if part is not None and part.record.outputs else None for part in row.parts]
        if sum(part is not None for part in ran) < 2:
            continue
        for role in dict.fromkeys(output.role for part in ran if part for output in part.record.outputs):
            items = [part.record.output(role) if part else None for part in ran]
            said = {item.digest if item else None for item, part in zip(items, ran, strict=True) if part}
            if len(said) == 1:
                equal += 1
                continue
            found.append(_output(row.label, role, ran, items, ledger))
    return tuple(found), equal


def _output(
    label: str, role: str, ran: Sequence[Part | None], items: Sequence[OutputRecord | None], ledger: Ledger
) -> Content:
    first = items[0]
    return Content(
        label,
        role,
        next(item.name for item in items if item is not None),
        tuple(item.digest if item else None for item in items),
        tuple(item.size if item else None for item in items),
        tuple(
            _outputs_differ((ran[0], first), (part, item), ledger)
            for part, item in zip(ran[1:], items[1:], strict=True)
        ),
    )


def _outputs_differ(
    old: tuple[Part | None, OutputRecord | None], new: tuple[Part | None, OutputRecord | None], ledger: Ledger
) -> Difference | None:
    (old_part, before), (new_part, after) = old, new
    if (
        before is None
        or after is None
        or old_part is None
        or new_part is None
        or before.digest == after.digest
    ):
        return None
    if before.format != after.format:
        return unknown("bytes", f"saved as {before.format}, then as {after.format}")
    if max(before.size, after.size) > LARGEST:
        return unknown("bytes", f"too large to be looked into ({before.size:,} -> {after.size:,} bytes)")
    try:
        paths = (ledger.fetch(old_part.record, before), ledger.fetch(new_part.record, after))
        return compare_files(before.format, *paths)
    except (CorruptError, SourceError) as error:
        return unknown("bytes", f"its content cannot be had: {error.message}")


# ---------------------------------------------------------------------------------------------- sources


def data(rows: Sequence[Row], sides: Sequence[Side], ledger: Ledger) -> tuple[tuple[Content, ...], int]:
    """The sources that differ, and inputs whose makers are not among what is compared; and how many do not."""
    found: dict[tuple[str, tuple[str | None, ...]], Content] = {}
    equal: set[str] = set()
    for row in rows:
        for content in (*_sources(row), *_orphans(row, sides)):
            said = {
                digest for digest, part in zip(content.digests, row.parts, strict=True) if part is not None
            }
            if len(said) == 1:
                equal.add(content.name)
                continue
            key = (content.name, content.digests)
            known = found.get(key)
            task = f"{known.task}, {content.task}" if known is not None else content.task
            found[key] = replace(content, task=task)
    changed = {name for name, _ in found}
    return tuple(_looked_into(found.values(), sides, ledger)), len(equal - changed)


def _sources(row: Row) -> Iterator[Content]:
    by_role = [{each.role: each for each in part.record.sources} if part else {} for part in row.parts]
    for role in dict.fromkeys(role for each in by_role for role in each):
        items: list[SourceRecord | None] = [each.get(role) for each in by_role]
        yield Content(
            row.label,
            role,
            next(item.place for item in items if item is not None),
            tuple(item.digest if item else None for item in items),
            tuple(item.size if item else None for item in items),
        )


def _orphans(row: Row, sides: Sequence[Side]) -> Iterator[Content]:
    """Inputs that all sides know, whose makers some side does not."""
    known = [{part.record.run_id for part in side.parts} for side in sides]
    inputs = [{each.role: each for each in part.record.inputs} if part else {} for part in row.parts]
    for role in dict.fromkeys(role for each in inputs for role in each):
        items = [each.get(role) for each in inputs]
        if any(item is None for item in items):
            continue
        if any(item is not None and item.run_id not in ids for item, ids in zip(items, known, strict=True)):
            name = f"{role} ({items[0].name})" if items[0] is not None else role
            digests = tuple(item.digest for item in items if item is not None)
            yield Content(row.label, role, name, digests, (None,) * len(items))


def _looked_into(contents: Iterable[Content], sides: Sequence[Side], ledger: Ledger) -> Iterator[Content]:
    """The same with how the contents differ, where they were kept, or lie in the work tree."""
    listed = list(contents)
    there = kept(ledger, {digest for each in listed for digest in each.digests if digest})
    for content in listed:
        with ExitStack() as stack:
            space = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daicho-")))
            paths = [
                _path(content.name, digest, side, there, space / str(place), ledger)
                for place, (digest, side) in enumerate(zip(content.digests, sides, strict=True))
            ]
            first, *others = paths
            yield replace(
                content,
                differences=tuple(
                    compare_files(_format(content.name), first, other)
                    if first is not None and other is not None and digest != content.digests[0]
                    else None
                    for other, digest in zip(others, content.digests[1:], strict=True)
                ),
            )


def _path(
    place: str, digest: str | None, side: Side, there: dict[str, Kept], target: Path, ledger: Ledger
) -> Path | None:
    if side.root is not None and digest is not None and (side.root / place).exists():
        return side.root / place
    if digest is None or digest not in there:
        return None
    try:
        bring(ledger, there[digest], target)
    except CorruptError:
        return None
    return target


def _format(place: str) -> str:
    try:
        return formats.for_file(place).name
    except DeclarationError:
        return ""
