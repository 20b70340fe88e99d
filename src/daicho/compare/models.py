"""Models of scikit-learn, taken apart: the parameters that they were made with, and what they have learnt.

A model is walked through without calling it: attributes, items of lists and dictionaries, and the state that compiled
classes (trees, neighbours) give of themselves. Each number, text and array at the end of a way is compared by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from daicho._lazy import need
from daicho.compare.arrays import compare_arrays
from daicho.compare.difference import Difference, counted, equal, shown

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_MOST = 20  # differences that are named
_NAME = re.compile(r"(?:^|\.)(\w+)")


def compare_models(old: Any, new: Any, *, tolerance: float = 0.0) -> Difference:
    """How two models differ: in parameters first, then in what they learnt.

    Args:
        old: A model.
        new: Another.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be close.
    """
    if type(old) is not type(new):
        return Difference("different", "model", f"a {type(old).__name__} became a {type(new).__name__}")
    before, after = dict(_leaves(old)), dict(_leaves(new))
    lines: list[str] = []
    learnt = _Learnt(tolerance)
    for place in sorted(before.keys() | after.keys()):
        if place not in before or place not in after:
            learnt.only.append(place)
        elif is_parameter(place):
            if not _same(before[place], after[place]):
                lines.append(f"{place}: {_short(before[place])} -> {_short(after[place])}")
        else:
            learnt.take(place, before[place], after[place])
    if not lines and not learnt.places and not learnt.only:
        return equal("model")
    text = "; ".join(
        [*lines[:3], *([f"and {len(lines) - 3} more parameters"] if len(lines) > 3 else []), *learnt.text()]
    )
    whole = (*lines, *learnt.lines)[:_MOST]
    facts = {"parameters_differ": len(lines), "parts_differ": len(learnt.places), "parts": learnt.total}
    close = learnt.close and not lines and not learnt.only
    return Difference(
        "close" if close else "different",
        "model",
        text,
        whole[0] if whole else "",
        learnt.largest,
        learnt.where,
        whole,
        facts,
    )


def is_parameter(place: str) -> bool:
    """Whether a way leads to what a model was made with: scikit-learn ends the names of what was learnt with `_`."""
    names = _NAME.findall(place)
    return not any(name.startswith("_") or name.endswith("_") for name in names)


class _Learnt:
    """What models have learnt, compared place by place."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.total = 0
        self.places: list[str] = []
        self.only: list[str] = []
        self.lines: list[str] = []
        self.largest: float | None = None
        self.where = ""
        self.close = tolerance > 0

    def take(self, place: str, old: Any, new: Any) -> None:
        """Compare what lies at one place."""
        numpy = need("numpy", extra="sklearn", why="comparing models")
        self.total += 1
        one, other = (numpy.asarray(value) for value in (old, new))
        if one.dtype.hasobject or other.dtype.hasobject:
            if not _same(old, new):
                self._differs(place, f"{_short(old)} -> {_short(new)}", None, close=False)
            return
        found = compare_arrays(one, other, tolerance=self.tolerance)
        if found.verdict != "equal":
            self._differs(place, found.text, found.largest, close=found.verdict == "close")

    def _differs(self, place: str, text: str, largest: float | None, *, close: bool) -> None:
        self.places.append(place)
        self.lines.append(f"{place}: {text}")
        self.close = self.close and close
        if largest is not None and (self.largest is None or largest > self.largest):
            self.largest, self.where = largest, place

    def text(self) -> list[str]:
        """What is to be said of it."""
        found = []
        if self.places:
            most = f", by at most {shown(self.largest)}" if self.largest is not None else ""
            found.append(f"{len(self.places):,} of {counted(self.total, 'part')} that it learnt differ{most}")
        if self.only:
            found.append(f"{counted(len(self.only), 'part')} in one of them alone")
        return found


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    return _walk(value, "", ())


def _walk(value: Any, place: str, around: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """Everything at the end of a way, with the way; what holds itself is followed once."""
    if id(value) in around:
        return
    parts = _parts(value)
    if parts is None:
        yield place, value
        return
    for name, item in parts:
        way = f"{place}{name}" if name.startswith("[") or not place else f"{place}.{name}"
        yield from _walk(item, way, (*around, id(value)))


def _parts(value: Any) -> list[tuple[str, Any]] | None:
    """What a value is made of, by name; None for one that is whole."""
    if isinstance(value, Mapping):
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, list | tuple) and not _plain_numbers(value):
        return [(f"[{number}]", item) for number, item in enumerate(value)]
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return None
    module = type(value).__module__.partition(".")[0]
    if module == "numpy":
        if type(value).__name__ == "RandomState":
            return [(f"[{number}]", item) for number, item in enumerate(value.get_state())]
        if getattr(value, "shape", ()) and value.dtype.hasobject and value.dtype.names is None:
            return [(f"[{number}]", item) for number, item in enumerate(value.ravel())]
        return None
    if module in ("builtins", "datetime"):
        return None
    state = vars(value) if hasattr(value, "__dict__") else _state(value)
    return list(state.items()) if isinstance(state, Mapping) else None


def _state(value: Any) -> Any:
    """What a compiled class says of itself."""
    try:
        return value.__getstate__()
    except Exception:  # noqa: BLE001  (any error: then it is compared by its text)
        return None


def _plain_numbers(value: Any) -> bool:
    return len(value) > 0 and all(type(item) in (int, float) for item in value)


def _same(old: Any, new: Any) -> bool:
    numpy = need("numpy", extra="sklearn", why="comparing models")
    if isinstance(old, numpy.ndarray) or isinstance(new, numpy.ndarray):
        return type(old) is type(new) and compare_arrays(old, new).verdict == "equal"
    return type(old) is type(new) and _text(old) == _text(new)


def _text(value: Any) -> str:
    return _ADDRESS.sub("", getattr(value, "__qualname__", None) or repr(value))


def _short(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
