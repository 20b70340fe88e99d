"""csv: a table exactly, or refused with the column and the reason."""

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

CSV = by_name("csv")


class TestCsv(RepeatingConformance):
    """csv keeps the promises of a format."""

    name = "csv"
    file = "train.csv"
    wrong = [1, 2]

    def values(self) -> list[Any]:
        return [
            pandas.DataFrame(
                {"n": [1, -2], "x": [0.1, 1e-308], "b": [True, False], "s": ["a", "é\n,\"'台帳"]}
            ),
            pandas.DataFrame({"x": [float("nan"), float("inf"), -0.0, 2.0], "s": ["a", None, "b", " c "]}),
            pandas.DataFrame({'a "strange"\n, name': [1], "a": [2], "a.1": [3]}),
            pandas.DataFrame({"only": [None, 1.5, None]}),
            pandas.DataFrame({"big": pandas.Series([2**64 - 1, 0], dtype="uint64")}),
            pandas.DataFrame({"s": ["a\rb", "\r\n"]}),
            pandas.DataFrame({"s": ["\t", "x"]}),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return same_table(saved, loaded)


column = st.one_of(
    st.lists(st.floats(width=64), min_size=3, max_size=3),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.text(max_size=5), min_size=3, max_size=3),
    st.lists(
        st.sampled_from(["007", "NA", "", "1e5", "inf", "x", "True", None, 'a"b', "a,b\r", "\n"]),
        min_size=3,
        max_size=3,
    ),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(min_size=1, max_size=4), column, min_size=1, max_size=3))
def test_any_table_comes_back_exactly_or_is_refused(tmp_path: Path, columns: dict[str, list[Any]]) -> None:
    """There is no third way, whatever the columns hold and are called."""
    table, path = pandas.DataFrame(columns), tmp_path / "a.csv"
    path.unlink(missing_ok=True)
    try:
        CSV.save(table, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert_frame_equal(table, CSV.load(path), check_exact=True)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.floats(), min_size=1, max_size=5),
    st.lists(st.text("ab é,\n\"'", min_size=1).map("x".__add__), min_size=5, max_size=5),
)
def test_floats_and_ordinary_text_are_never_refused(
    tmp_path: Path, numbers: list[float], texts: list[str]
) -> None:
    """Numbers to the last bit, and text with commas, quotes and newlines, come back."""
    table = pandas.DataFrame({"number": numbers, "text": texts[: len(numbers)]})
    CSV.save(table, tmp_path / "a.csv")
    assert_frame_equal(table, CSV.load(tmp_path / "a.csv"), check_exact=True)


def test_the_file_is_a_plain_csv(tmp_path: Path) -> None:
    """A header, no index, the shortest digits that are exact, Unix newlines."""
    CSV.save(pandas.DataFrame({"id": [1, 2], "x": [0.1, None], "name": ["a", "b, c"]}), tmp_path / "a.csv")
    assert b'id,x,name\n1,0.1,a\n2,,"b, c"\n' == (tmp_path / "a.csv").read_bytes()


def test_somebody_elses_file_loads_as_pandas_does(tmp_path: Path) -> None:
    """A source is read as people expect: types guessed, what is empty or NA is missing."""
    (tmp_path / "a.csv").write_bytes(
        b'PassengerId,Name,Age,Cabin\r\n1,"Braund, Mr. Owen",22,\r\n2,"Heikkinen, Miss. ""L""",,NA\r\n'
    )
    assert_frame_equal(pandas.read_csv(tmp_path / "a.csv"), CSV.load(tmp_path / "a.csv"))
    assert ["int64", "float64"] == [str(kind) for kind in CSV.load(tmp_path / "a.csv").dtypes.iloc[[0, 2]]]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["007", "1"], "column `c` is of type `.*` and would come back as `int64`"),
        (["True", "False"], "column `c` is of type `.*` and would come back as `bool`"),
        (["", "a"], "column `c` holds '' in row 0, which would come back as nan"),
        (["a", "NA"], "column `c` holds 'NA' in row 1, which would come back as nan"),
        (pandas.Categorical(["a", "b"]), "column `c` is of type `category`"),
        (pandas.to_datetime(["2020-01-01"]), r"column `c` is of type `datetime64\[.*\]`"),
        (pandas.to_datetime(["2020-01-01"], utc=True), r"column `c` is of type `datetime64\[.*, UTC\]`"),
        (
            pandas.array([1, None], dtype="Int64"),
            "column `c` is of type `Int64` and would come back as `float64`",
        ),
        (
            pandas.Series([1.5], dtype="float32"),
            "column `c` is of type `float32` and would come back as `float64`",
        ),
        (pandas.Series([1, "a"], dtype=object), "column `c` "),
        (pandas.Series([[1], [2, 3]], dtype=object), "column `c` "),
        (pandas.Series(["\ud800"], dtype=object), "surrogates not allowed"),
    ],
)
def test_what_a_csv_cannot_keep_is_refused(tmp_path: Path, values: Any, why: str) -> None:
    """The error names the column and the reason, and what to use instead; nothing is written."""
    with pytest.raises(FormatError, match=f"csv cannot keep this value: .*{why}") as caught:
        CSV.save(pandas.DataFrame({"ok": range(len(values)), "c": values}), tmp_path / "a.csv")
    assert "parquet" in caught.value.hints[0]
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "index", [[1, 2], pandas.Index([0, 1], name="id"), ["a", "b"], pandas.date_range("2020", periods=2)]
)
def test_an_index_is_refused(tmp_path: Path, index: Any) -> None:
    """A csv holds none; the hints say how to keep it and how to drop it."""
    with pytest.raises(FormatError, match="its index is not the default") as caught:
        CSV.save(pandas.DataFrame({"a": [1, 2]}, index=index), tmp_path / "a.csv")
    assert "reset_index(drop=True)" in caught.value.hints[0]
    assert "parquet" in caught.value.hints[1]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), "two columns are named `a`"),
        (pandas.DataFrame([[1, 2]]), "a column is named 0, of type `int`, not a str"),
        (pandas.DataFrame({"": [1]}), r"its columns \[''\] would come back as \['Unnamed: 0'\]"),
        (pandas.DataFrame({"a": [1]}).rename_axis(columns="n"), "its columns have a name, `n`"),
        (pandas.DataFrame(), "it has no columns"),
        (pandas.DataFrame({"a": pandas.Series([], dtype=float)}), "column `a` is of type `float64`"),
    ],
)
def test_names_and_shapes_that_a_csv_cannot_keep_are_refused(tmp_path: Path, table: Any, why: str) -> None:
    """The error says which name, or what is missing."""
    with pytest.raises(FormatError, match=why):
        CSV.save(table, tmp_path / "a.csv")


def test_a_series_is_shown_the_way(tmp_path: Path) -> None:
    """The sentence names both kinds; the hint says how to go from one to the other."""
    with pytest.raises(FormatError, match="csv saves a pandas DataFrame, not a Series") as caught:
        CSV.save(pandas.Series([1]), tmp_path / "a.csv")
    assert "to_frame" in caught.value.hints[0]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """It has not even a header."""
    (tmp_path / "a.csv").touch()
    with pytest.raises(FormatError, match="`a.csv` cannot be read as csv: No columns"):
        CSV.load(tmp_path / "a.csv")


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    """The error says which row."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(FormatError, match="Expected 2 fields in line 3"):
        CSV.load(tmp_path / "a.csv")


def test_one_column_has_one_type_however_long_it_is(tmp_path: Path) -> None:
    """A long column that begins with numbers and ends with text is text from its start."""
    (tmp_path / "a.csv").write_text("a\n" + "1\n" * 300_000 + "x\n")
    assert {str} == set(map(type, CSV.load(tmp_path / "a.csv")["a"]))
