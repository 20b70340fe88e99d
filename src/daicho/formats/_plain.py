"""Whether a plain value came back as it was: for formats that cannot tell all types apart, and so look."""

from __future__ import annotations

import math
from datetime import datetime, time
from typing import Any


def difference(before: Any, after: Any, place: str = "") -> str | None:
    """The first place where two plain values differ, in words; None if they are the same.

    Types count, but a subclass of dict or list may come back as a plain one, which is equal to it. NaN is NaN.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        return _of_dicts(before, after, place)
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return f"{at(place)} has {len(before)} items, of which {len(after)} would come back"
        pairs = enumerate(zip(before, after, strict=True))
        return _first(difference(old, new, f"{place}[{number}]") for number, (old, new) in pairs)
    if type(before) is not type(after):
        return f"{at(place)} is of type `{_kind(before)}` and would come back as `{_kind(after)}`"
    return None if _same(before, after) else f"{at(place)}, {before!r}, would come back as {after!r}"


def at(place: str) -> str:
    """A place within a value, for a message."""
    return f"`value{place}`" if place else "the value"


def _of_dicts(before: dict[Any, Any], after: dict[Any, Any], place: str) -> str | None:
    names = {(type(key), key) for key in before}, {(type(key), key) for key in after}
    if names[0] != names[1]:
        lost = sorted(repr(key) for _, key in names[0] - names[1])
        return f"the keys of {at(place)} would not come back as they are: {', '.join(lost[:5])}"
    return _first(difference(before[key], after[key], f"{place}[{key!r}]") for key in before)


def _first(found: Any) -> str | None:
    return next((each for each in found if each is not None), None)


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, float):
        if math.isnan(before):
            return math.isnan(after)
        return before == after and math.copysign(1, before) == math.copysign(1, after)
    if isinstance(before, datetime | time):  # two time zones may be one offset today
        zones = type(before.tzinfo) is type(after.tzinfo) and before.utcoffset() == after.utcoffset()
        return zones and before.fold == after.fold and bool(before == after)
    return bool(before == after)


def _kind(value: Any) -> str:
    return type(value).__name__
