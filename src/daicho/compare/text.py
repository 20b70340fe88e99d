"""Texts, and plain values by the text that they are written as: a unified diff."""

from __future__ import annotations

import difflib
import json
from typing import Any

from daicho.compare.difference import Difference, equal

_MOST = 200  # lines of a diff that are kept
_LONGEST = 20_000  # lines of a text up to which a diff is made: it takes time that grows with their product


def compare_texts(old: str, new: str, *, kind: str = "text") -> Difference:
    """How two texts differ, line by line.

    Args:
        old: A text.
        new: Another.
        kind: What they are the text of.
    """
    if old == new:
        return equal(kind)
    before, after = old.splitlines(), new.splitlines()
    facts: dict[str, Any] = {"lines": [len(before), len(after)]}
    if max(len(before), len(after)) > _LONGEST:
        line = next(
            (place for place, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]),
            min(len(before), len(after)),
        )
        return Difference(
            "different", kind, f"differs from line {line + 1:,} on", f"line {line + 1}", facts=facts
        )
    diff = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    added, removed = (sum(line.startswith(sign) for line in diff) for sign in "+-")
    facts |= {"added": added, "removed": removed}
    more = len(diff) - _MOST
    lines = (*diff[:_MOST], *([f"... and {more} lines more"] if more > 0 else []))
    text = f"+{added} -{removed} lines" if diff else "other ends of lines"
    first = next((line for line in diff if line[:1] in "+-"), "")
    return Difference("different", kind, text, first, lines=lines, facts=facts)


def compare_values(old: Any, new: Any, *, tolerance: float = 0.0) -> Difference:
    """How two plain values differ: those of JSON files.

    Args:
        old: A value.
        new: Another.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be close.
    """
    found = list(_leaves(old, new, ""))
    if not found:
        return equal("value")
    numbers = [
        (abs(float(after) - float(before)), place.lstrip("."))
        for place, before, after in found
        if _number(before) and _number(after)
    ]
    close = tolerance > 0 and all(
        _number(before) and _number(after) and abs(after - before) <= tolerance * max(abs(before), abs(after))
        for _, before, after in found
    )
    largest, where = max(numbers, default=(None, ""))
    lines = [
        f"{place.lstrip('.') or 'the value'}: {_short(before)} -> {_short(after)}"
        for place, before, after in found[:_MOST]
    ]
    text = lines[0] if len(found) == 1 else f"{len(found):,} places differ"
    return Difference(
        "close" if close else "different",
        "value",
        text,
        lines[0],
        largest,
        where,
        tuple(lines),
        {"differ": len(found)},
    )


ABSENT = "nothing"


def _leaves(old: Any, new: Any, place: str) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key not in old or key not in new:
                yield f"{place}.{key}", old.get(key, ABSENT), new.get(key, ABSENT)
            else:
                yield from _leaves(old[key], new[key], f"{place}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _leaves(before, after, f"{place}[{number}]")
    elif (type(old) is not type(new) or old != new) and (old == old or new == new):  # two NaN are equal
        yield place, old, new


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = value if value is ABSENT else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
