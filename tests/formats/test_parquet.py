"""parquet: a table with its types and its index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import HealthCheck, given, settings

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.tables import columns, frames, same_table

PARQUET = by_name("parquet")


class TestParquet(RepeatingConformance):
    """parquet keeps the promises of a format."""

    name = "parquet"
    file = "train.parquet"
    wrong = {"a": [1]}

    def values(self) -> list[Any]:
        return frames()

    def same(self, saved: Any, loaded: Any) -> bool:
        return same_table(saved, loaded)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns)
def test_any_table_comes_back_exactly_or_is_refused(
    tmp_path: Path, given_columns: dict[str, list[Any]]
) -> None:
    """There is no third way."""
    table, path = pandas.DataFrame(given_columns), tmp_path / "a.parquet"
    path.unlink(missing_ok=True)
    try:
        PARQUET.save(table, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert same_table(table, PARQUET.load(path))


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
