"""arrow: its tables, in a parquet or a feather file."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings

from daicho.errors import FormatError
from daicho.formats import by_name, for_file
from tests.formats.conformance import RepeatingConformance
from tests.formats.tables import columns

ARROW = by_name("arrow")


def same(saved: Any, loaded: Any) -> bool:
    """Whether schema and values are equal (Arrow takes NaN for different from itself)."""
    assert saved.schema.equals(loaded.schema, check_metadata=True)
    return repr(saved.to_pydict()) == repr(loaded.to_pydict())


class TestArrow(RepeatingConformance):
    """arrow keeps the promises of a format."""

    name = "arrow"
    file = "train.parquet"
    wrong = pandas.DataFrame({"a": [1]})

    def values(self) -> list[Any]:
        noon = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)
        return [
            pyarrow.table({"n": [1, None], "x": [-0.0, math.nan], "b": [True, None], "é": ["007", ""]}),
            pyarrow.table({"l": [[1.0], None], "s": [{"x": 1}, None], "0": pyarrow.nulls(2)}),
            pyarrow.table({"d": pyarrow.array(["a", "b"]).dictionary_encode(), "t": [noon, None]}),
            pyarrow.table({"n": [1]}).replace_schema_metadata({"who": "we"}),
            pyarrow.Table.from_pandas(pandas.DataFrame({"x": [1]}, index=["k"])),
            pyarrow.table({"i": pyarrow.array([], pyarrow.int8())}),
            pyarrow.table({}),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return same(saved, loaded)


class TestArrowInFeather(TestArrow):
    """It keeps them in a feather file, too."""

    file = "train.feather"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns)
def test_any_table_comes_back_exactly(tmp_path: Path, given_columns: dict[str, list[Any]]) -> None:
    """In both kinds of file."""
    table = pyarrow.table(given_columns)
    for end in ("parquet", "feather"):
        ARROW.save(table, tmp_path / f"a.{end}")
        assert same(table, ARROW.load(tmp_path / f"a.{end}"))


def test_what_a_file_does_not_keep_is_refused(tmp_path: Path) -> None:
    """parquet has no seconds: they would come back as milliseconds."""
    table = pyarrow.table({"t": pyarrow.array([1], pyarrow.timestamp("s"))})
    with pytest.raises(FormatError, match=r"`t` is of type `timestamp\[s\]` and would come back as"):
        ARROW.save(table, tmp_path / "a.parquet")
    assert [] == list(tmp_path.iterdir())
    ARROW.save(table, tmp_path / "a.feather")
    assert same(table, ARROW.load(tmp_path / "a.feather"))


def test_equal_tables_are_the_same_bytes_however_they_are_cut(tmp_path: Path) -> None:
    """Chunks and slices are no part of a table."""
    whole = pyarrow.table({"n": [1, None, 3], "s": ["a", None, ""]})
    more = pyarrow.table({"n": [0, 1, None, 3], "s": ["x", "a", None, ""]}).slice(1)
    pieces = pyarrow.concat_tables([whole.slice(0, 1), whole.slice(1)])
    for end in ("parquet", "feather"):
        written = []
        for table in (whole, more, pieces):
            ARROW.save(table, tmp_path / f"a.{end}")
            written.append((tmp_path / f"a.{end}").read_bytes())
        assert written[0] == written[1] == written[2]


def test_it_is_used_where_it_is_asked_for(tmp_path: Path) -> None:
    """A name alone means pandas, whose formats say what to ask for; a csv is none of Arrow's."""
    with pytest.raises(FormatError, match="not a pyarrow Table") as caught:
        for_file("a.parquet").save(pyarrow.table({"a": [1]}), tmp_path / "a.parquet")
    assert 'format="arrow"' in caught.value.hints[0]
    with pytest.raises(FormatError, match="`a.csv` does not say in what kind of file"):
        for_file("a.csv", "arrow").save(pyarrow.table({"a": [1]}), tmp_path / "a.csv")
