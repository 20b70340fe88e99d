"""Arrays of numpy: shape, type, how many entries differ, and the largest difference with its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from daicho._lazy import need
from daicho.compare.difference import Difference, Verdict, equal, shown


def compare_arrays(old: Any, new: Any, *, tolerance: float = 0.0) -> Difference:
    """How two arrays differ. NaN equals NaN; -0.0 equals 0.0.

    Args:
        old: An array.
        new: Another.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be close.
    """
    if old.shape != new.shape:
        text = f"shape {_size(old.shape)} -> {_size(new.shape)}"
        return Difference("different", "array", text, facts={"shape": [list(old.shape), list(new.shape)]})
    if old.dtype != new.dtype:
        found = _entries(old, new, tolerance) if _numbers(old) and _numbers(new) else None
        values = "equal values" if found is None or found.verdict == "equal" else found.text
        text = f"type {old.dtype} -> {new.dtype}, {values}"
        return Difference("different", "array", text, facts={"type": [str(old.dtype), str(new.dtype)]})
    if old.dtype.names is None:
        return _entries(old, new, tolerance)
    fields = [(str(name), _entries(old[name], new[name], tolerance)) for name in old.dtype.names]
    differ = [(name, each) for name, each in fields if each.verdict != "equal"]
    if not differ:
        return equal("array")
    name, worst = max(differ, key=lambda each: (each[1].verdict != "close", each[1].largest or 0.0))
    return replace(worst, text=f"field {name}: {worst.text}")


def _entries(old: Any, new: Any, tolerance: float) -> Difference:
    numpy = need("numpy", extra="tables", why="comparing arrays")
    unequal = numpy.atleast_1d(_unequal(numpy, old, new))
    places = numpy.argwhere(unequal)
    if not len(places):
        return equal("array")
    first = _place(places[0])
    facts: dict[str, Any] = {"entries": int(unequal.size), "differ": len(places)}
    text = f"{len(places):,} of {int(unequal.size):,} entries differ"
    if not _numbers(old):
        return Difference("different", "array", text, first=first, facts=facts)
    largest, where, verdict = _largest(numpy, old, new, unequal, tolerance)
    text = f"{text}, by at most {shown(largest)} at {where}" if old.shape else f"{old.item()} -> {new.item()}"
    return Difference(verdict, "array", text, first, largest, where, facts=facts)


def _numbers(array: Any) -> bool:
    return array.dtype.kind in "biufc"


def _unequal(numpy: Any, old: Any, new: Any) -> Any:
    kinds = {old.dtype.kind, new.dtype.kind}
    if kinds <= set("fc"):
        return (old != new) & ~(numpy.isnan(old) & numpy.isnan(new))
    if kinds <= set("mM"):
        return (old != new) & ~(numpy.isnat(old) & numpy.isnat(new))
    return old != new


def _largest(numpy: Any, old: Any, new: Any, unequal: Any, tolerance: float) -> tuple[float, str, Verdict]:
    """The largest distance, its place, and whether all are within the tolerance."""
    wide = numpy.complex128 if "c" in old.dtype.kind + new.dtype.kind else numpy.float64
    before, after = (numpy.atleast_1d(array).astype(wide) for array in (old, new))
    with numpy.errstate(all="ignore"):
        distance = numpy.abs(after - before)
        scale = numpy.maximum(numpy.abs(before), numpy.abs(after))
        close = distance <= tolerance * scale
    distance = numpy.where(numpy.isnan(distance), numpy.inf, distance)  # a number and none lie far apart
    distance = numpy.where(unequal, distance, 0.0)
    place = numpy.unravel_index(int(distance.argmax()), distance.shape)
    near = bool(numpy.all(close | ~unequal)) and tolerance > 0
    return float(distance[place]), _place(place), "close" if near else "different"


def _place(index: Any) -> str:
    return f"[{', '.join(str(int(each)) for each in index)}]"


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "scalar"
