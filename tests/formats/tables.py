"""What the tests of tables share: how they compare (exactly, by pandas' own assertion), and which tables they try."""

from __future__ import annotations

from typing import Any

import pandas
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_columns = (st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans() | st.none(), _texts | st.none())

columns = st.dictionaries(
    _texts, st.one_of(*(st.lists(each, min_size=3, max_size=3) for each in _columns)), min_size=1, max_size=3
)
"""Columns of three values by name, of four kinds, with NaN and missing ones."""


def same_table(saved: Any, loaded: Any) -> bool:
    """Raise with pandas' own words where they differ."""
    assert_frame_equal(saved, loaded, check_exact=True)
    return True


def frames() -> list[Any]:
    """Tables of types and indexes that a csv does not have; one without rows, and one without anything."""
    days = pandas.to_datetime(["2020-01-01", "2021-01-01"])
    return [
        pandas.DataFrame({"n": [1, -2], "x": [0.1, float("nan")], "b": [True, False], "s": ["007", ""]}),
        pandas.DataFrame({"c": pandas.Categorical(["b", "a"], ["b", "a", "z"], ordered=True), "d": days}),
        pandas.DataFrame({"t": days.tz_localize("Asia/Tokyo"), "i": pandas.array([1, None], dtype="Int64")}),
        pandas.DataFrame(
            {"x": pandas.Series([1, 2], dtype="float32")}, index=pandas.Index([5, 6], name="id")
        ),
        pandas.DataFrame({"x": [1, 2]}, index=pandas.MultiIndex.from_tuples([(1, "a"), (2, "b")])),
        pandas.DataFrame({"x": pandas.Series([], dtype="float64")}),
        pandas.DataFrame([[1, 2]]),
        pandas.DataFrame(),
    ]
