"""parquet: a table with its types and its index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.tables import same_table

PARQUET = by_name("parquet")


class TestParquet(RepeatingConformance):
    """parquet keeps the promises of a format."""

    name = "parquet"
    file = "train.parquet"
    wrong = {"a": [1]}

    def values(self) -> list[Any]:
        days = pandas.to_datetime(["2020-01-01", "2021-01-01"])
        return [
            pandas.DataFrame({"n": [1, -2], "x": [0.1, float("nan")], "b": [True, False], "s": ["007", ""]}),
            pandas.DataFrame({"c": pandas.Categorical(["b", "a"], ["b", "a", "z"], ordered=True), "d": days}),
            pandas.DataFrame(
                {"t": days.tz_localize("Asia/Tokyo"), "i": pandas.array([1, None], dtype="Int64")}
            ),
            pandas.DataFrame(
                {"x": pandas.Series([1, 2], dtype="float32")}, index=pandas.Index([5, 6], name="id")
            ),
            pandas.DataFrame({"x": [1, 2]}, index=pandas.MultiIndex.from_tuples([(1, "a"), (2, "b")])),
            pandas.DataFrame({"x": pandas.Series([], dtype="float64")}),
            pandas.DataFrame([[1, 2]]),
            pandas.DataFrame(),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return same_table(saved, loaded)


column = st.one_of(
    st.lists(st.floats(), min_size=3, max_size=3),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3),
    st.lists(st.booleans() | st.none(), min_size=3, max_size=3),
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.none(), min_size=3, max_size=3
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=4), column, min_size=1, max_size=3))
def test_any_table_comes_back_exactly_or_is_refused(tmp_path: Path, columns: dict[str, list[Any]]) -> None:
    """There is no third way."""
    table, path = pandas.DataFrame(columns), tmp_path / "a.parquet"
    path.unlink(missing_ok=True)
    try:
        PARQUET.save(table, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert_frame_equal(table, PARQUET.load(path), check_exact=True)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([1, "a"], "Could not convert 'a'"),
        ([[1], [2, 3]], r"column `c` holds \[1\] in row 0, which would come back as array"),
        ([2**70, 1], "too large"),
        ([1j, 2j], "complex"),
    ],
)
def test_what_parquet_cannot_keep_is_refused(tmp_path: Path, values: list[Any], why: str) -> None:
    """The error gives the reason; nothing is written."""
    kind = "complex128" if values == [1j, 2j] else object
    with pytest.raises(FormatError, match=f"parquet cannot keep this value: .*{why}"):
        PARQUET.save(pandas.DataFrame({"c": pandas.Series(values, dtype=kind)}), tmp_path / "a.parquet")
    assert [] == list(tmp_path.iterdir())


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    """Half a table is none."""
    PARQUET.save(pandas.DataFrame({"a": range(100)}), tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-20])
    with pytest.raises(FormatError, match="`a.parquet` cannot be read as parquet"):
        PARQUET.load(tmp_path / "a.parquet")
