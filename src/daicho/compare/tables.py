"""Tables of pandas: columns and their types, rows, and the cells that differ."""

from __future__ import annotations

from typing import Any

from daicho._lazy import need
from daicho.compare.arrays import compare_arrays
from daicho.compare.difference import Difference, Verdict, counted, equal, shown

_MOST = 10  # cells that are named


def compare_tables(old: Any, new: Any, *, tolerance: float = 0.0) -> Difference:
    """How two DataFrames differ: in their schema, and cell by cell where they have as many rows. NaN equals NaN.

    Args:
        old: A table.
        new: Another.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be close.
    """
    schema = _schema(old, new)
    facts: dict[str, Any] = {"rows": [len(old), len(new)], "columns": [len(old.columns), len(new.columns)]}
    lines = list(schema)
    if len(old) != len(new):
        text = "; ".join([f"{len(old):,} -> {counted(len(new), 'row')}", *_few(schema)])
        return Difference("different", "table", text, lines=tuple(lines), facts=facts)
    cells = _Cells(old, new, tolerance)
    facts |= {"rows_differ": cells.rows, "cells_differ": cells.count}
    if not cells.count:
        if schema:
            return Difference("different", "table", "; ".join(_few(schema)), lines=tuple(lines), facts=facts)
        return equal("table") if _same_index(old, new) else _index(facts)
    text = f"{cells.rows:,} of {counted(len(old), 'row')} differ, in {', '.join(cells.names)}"
    if cells.largest is not None:
        text += f", by at most {shown(cells.largest)}"
    verdict: Verdict = "close" if cells.close and not schema else "different"
    return Difference(
        verdict,
        "table",
        "; ".join([text, *_few(schema)]),
        cells.first,
        cells.largest,
        cells.where,
        (*lines, *cells.lines),
        facts,
    )


def _index(facts: dict[str, Any]) -> Difference:
    return Difference("different", "table", "another index, equal cells", facts=facts)


def _schema(old: Any, new: Any) -> tuple[str, ...]:
    """What differs in columns and types."""
    before, after = list(map(str, old.columns)), list(map(str, new.columns))
    found = [f"column {name} is gone" for name in before if name not in after]
    found += [f"column {name} is new" for name in after if name not in before]
    if not found and before != after:
        found.append("the columns stand in another order")
    types = (
        dict(zip(names, map(str, table.dtypes), strict=True))
        for names, table in ((before, old), (after, new))
    )
    then, now = types
    found += [
        f"column {name}: type {then[name]} -> {now[name]}"
        for name in before
        if name in now and then[name] != now[name]
    ]
    return tuple(found)


def _few(schema: tuple[str, ...]) -> list[str]:
    more = len(schema) - 3
    return [*schema[:3], *([f"and {more} more in the columns"] if more > 0 else [])]


def _same_index(old: Any, new: Any) -> bool:
    return bool(old.index.equals(new.index))


class _Cells:
    """The cells that differ in two tables of as many rows, in the columns that both have once.

    Attributes:
        count, rows: How many cells differ, in how many rows.
        names: The columns that they are in.
        first: The first one, with its values.
        largest, where: The largest distance of two numbers, and where that is.
        close: Whether all are within the tolerance.
        lines: The first few, each with its values.
    """

    def __init__(self, old: Any, new: Any, tolerance: float) -> None:
        numpy = need("numpy", extra="tables", why="comparing tables")
        self.count, self.names, self.close = 0, list[str](), True
        self.largest: float | None = None
        self.where = ""
        rows = numpy.zeros(len(old), dtype=bool)
        found: list[tuple[int, str]] = []
        both = [
            name for name in old.columns if name in new.columns and _single(old, name) and _single(new, name)
        ]
        for name in both:
            before, after = old[name], new[name]
            unequal = _unequal(numpy, before, after)
            if not unequal.any():
                continue
            rows |= unequal
            self.count += int(unequal.sum())
            self.names.append(str(name))
            self._measure(before, after, str(name), tolerance)
            for row in numpy.flatnonzero(unequal)[:_MOST]:
                values = f"{_value(before.iloc[row])} -> {_value(after.iloc[row])}"
                found.append((int(row), f"row {int(row)}, {name}: {values}"))
        self.rows = int(rows.sum())
        self.lines = tuple(text for _, text in sorted(found)[:_MOST])
        self.first = self.lines[0] if self.lines else ""

    def _measure(self, before: Any, after: Any, name: str, tolerance: float) -> None:
        old, new = before.to_numpy(), after.to_numpy()
        if old.dtype.kind not in "biuf" or new.dtype.kind not in "biuf":
            self.close = False
            return
        found = compare_arrays(old.astype("float64"), new.astype("float64"), tolerance=tolerance)
        self.close = self.close and found.verdict == "close"
        if found.largest is not None and (self.largest is None or found.largest > self.largest):
            self.largest, self.where = found.largest, f"row {found.where.strip('[]')}, {name}"


def _single(table: Any, name: Any) -> bool:
    return list(table.columns).count(name) == 1


def _unequal(numpy: Any, before: Any, after: Any) -> Any:
    """Which cells of two columns differ, as an array of bool; two that are missing do not."""
    missing = (before.isna().to_numpy(), after.isna().to_numpy())
    old, new = (column.to_numpy(dtype=object) for column in (before, after))
    pairs = zip(old, new, strict=True)
    differ = numpy.fromiter((_differ(one, other) for one, other in pairs), dtype=bool, count=len(old))
    return (differ & ~(missing[0] & missing[1])) | (missing[0] != missing[1])


def _differ(old: Any, new: Any) -> bool:
    unequal = old != new
    try:
        return bool(unequal)
    except (TypeError, ValueError):  # an array in a cell, or pandas' own missing value
        return repr(old) != repr(new)


def _value(value: Any) -> str:
    text = repr(value.item()) if hasattr(value, "item") and not getattr(value, "shape", ()) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
