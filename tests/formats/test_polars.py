"""polars: its tables, in the file that its name says."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas
import polars
import pytest
from hypothesis import HealthCheck, given, settings

from daicho.errors import FormatError
from daicho.formats import by_name, for_file
from tests.formats.conformance import RepeatingConformance
from tests.formats.tables import columns

POLARS = by_name("polars")
ENDS = ("csv", "parquet", "feather")


def same(saved: polars.DataFrame, loaded: polars.DataFrame) -> bool:
    """Whether types and values are equal."""
    return saved.schema == loaded.schema and saved.equals(loaded, null_equal=True)


class TestPolars(RepeatingConformance):
    """polars keeps the promises of a format."""

    name = "polars"
    file = "train.parquet"
    wrong = pandas.DataFrame({"a": [1]})

    def values(self) -> list[Any]:
        noon = datetime.datetime(2020, 1, 1, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
        return [
            polars.DataFrame({"n": [1, None], "x": [-0.0, math.nan], "b": [True, None], "é": ["007", ""]}),
            polars.DataFrame({"t": [noon], "l": [[1, 2]], "s": [{"x": 1}], "d": [noon.date()]}),
            polars.DataFrame({"c": polars.Series(["b", "a"], dtype=polars.Enum(["b", "a"]))}),
            polars.DataFrame({"i": polars.Series([], dtype=polars.Int8)}),
            polars.DataFrame(),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return same(saved, loaded)


class TestPolarsInFeather(TestPolars):
    """It keeps them in a feather file, too."""

    file = "train.feather"


class TestPolarsInCsv(TestPolars):
    """It keeps them in a csv as far as that goes."""

    file = "train.csv"

    def values(self) -> list[Any]:
        return [
            polars.DataFrame({"n": [1, None], "x": [1.5, 0.1], "b": [True, False], "é": ["a,b", '"x\ny']})
        ]

    def test_a_file_of_something_else_is_refused(self, tmp_path: Path) -> None:
        """A csv may be anything; what is no text is refused."""
        (tmp_path / self.file).write_bytes(b"a\n\xff\xfe\n")
        with pytest.raises(FormatError, match="`train.csv` cannot be read as polars"):
            POLARS.load(tmp_path / self.file)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns)
def test_any_table_comes_back_exactly_or_is_refused(
    tmp_path: Path, given_columns: dict[str, list[Any]]
) -> None:
    """There is no third way, in any of the files."""
    table = polars.DataFrame(given_columns)
    for end in ENDS:
        path = tmp_path / f"a.{end}"
        path.unlink(missing_ok=True)
        try:
            POLARS.save(table, path)
        except FormatError:
            assert end == "csv"  # the others keep all of these
            assert not path.exists()
        else:
            assert same(table, POLARS.load(path))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (polars.DataFrame({"s": ["007"]}), "column `s` is of type `String` and would come back as `Int64`"),
        (polars.DataFrame({"d": [datetime.date(2020, 1, 1)]}), "column `d` is of type `Date`"),
        (polars.DataFrame(), "empty CSV"),
    ],
)
def test_what_a_csv_does_not_show_is_refused(tmp_path: Path, table: polars.DataFrame, why: str) -> None:
    """A csv holds no types: where the guess would be another, the hint names what keeps them."""
    with pytest.raises(FormatError, match=why) as caught:
        POLARS.save(table, tmp_path / "a.csv")
    assert ".parquet" in caught.value.hints[-1]
    assert [] == list(tmp_path.iterdir())


def test_equal_tables_are_the_same_bytes_however_they_lie_in_memory(tmp_path: Path) -> None:
    """Chunks, slices, and what lies below a missing value, are no part of a table."""
    whole = polars.DataFrame({"n": [1, None, 3], "s": ["a" * 20, None, ""]})
    more = polars.DataFrame({"n": [0, 1, 9, 3], "s": ["x", "a" * 20, "hidden", ""]})
    where = polars.col("n") == 9
    hidden = more.with_columns(polars.when(where).then(None).otherwise(polars.all()).name.keep()).slice(1)
    pieces = polars.concat([whole.slice(0, 1), whole.slice(1)], rechunk=False)
    assert whole.equals(hidden, null_equal=True)
    for end in ("parquet", "feather"):
        written = []
        for table in (whole, hidden, pieces):
            POLARS.save(table, tmp_path / f"a.{end}")
            written.append((tmp_path / f"a.{end}").read_bytes())
        assert written[0] == written[1] == written[2]


def test_it_is_used_where_it_is_asked_for(tmp_path: Path) -> None:
    """A name alone means pandas, and the other libraries' formats say what to ask for."""
    assert "parquet" == for_file("a.parquet").name
    for end in ENDS:
        with pytest.raises(FormatError, match="not a polars DataFrame") as caught:
            for_file(f"a.{end}").save(polars.DataFrame({"a": [1]}), tmp_path / f"a.{end}")
        assert 'format="polars"' in caught.value.hints[0]
        assert "polars" == for_file(f"a.{end}", "polars").name


def test_a_table_of_pandas_can_be_read(tmp_path: Path) -> None:
    """A parquet file is a parquet file, whoever wrote it."""
    by_name("parquet").save(pandas.DataFrame({"a": [1, 2]}), tmp_path / "a.parquet")
    assert polars.DataFrame({"a": [1, 2]}).equals(POLARS.load(tmp_path / "a.parquet"))


@pytest.mark.parametrize("value", [polars.LazyFrame({"a": [1]}), polars.Series([1])])
def test_what_is_nearly_a_table_is_refused_with_what_makes_it_one(tmp_path: Path, value: Any) -> None:
    """The hint names the method."""
    with pytest.raises(FormatError, match="polars saves a polars DataFrame, not a") as caught:
        POLARS.save(value, tmp_path / "a.parquet")
    assert "`.collect()`" in caught.value.hints[0] or "`.to_frame()`" in caught.value.hints[0]


def test_a_name_that_says_no_kind_of_file_is_refused(tmp_path: Path) -> None:
    """The hint lists the ends that do."""
    with pytest.raises(FormatError, match="`a.txt` does not say in what kind of file") as caught:
        POLARS.save(polars.DataFrame(), tmp_path / "a.txt")
    assert ".csv, .parquet, .feather" in caught.value.hints[0]
