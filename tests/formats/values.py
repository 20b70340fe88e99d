"""Plain values for Hypothesis: what formats of plain values may be asked to keep."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.times()
    | st.binary(max_size=5)
)

plain: st.SearchStrategy[Any] = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
"""Values of all types that one of these formats has, one within the other."""


def same(saved: Any, loaded: Any) -> bool:
    """Whether two plain values are of the same types and equal, NaN and the sign of zero included."""
    if type(saved) is not type(loaded):
        return False
    if isinstance(saved, dict):
        return saved.keys() == loaded.keys() and all(same(saved[key], loaded[key]) for key in saved)
    if isinstance(saved, list):
        return len(saved) == len(loaded) and all(map(same, saved, loaded))
    return repr(saved) == repr(loaded)
