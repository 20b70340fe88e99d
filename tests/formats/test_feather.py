"""feather: a table with its types and its index, as Arrow lays it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest
from hypothesis import HealthCheck, given, settings

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.tables import columns, frames, same_table

FEATHER = by_name("feather")


class TestFeather(RepeatingConformance):
    """feather keeps the promises of a format."""

    name = "feather"
    file = "train.feather"
    wrong = {"a": [1]}

    def values(self) -> list[Any]:
        return frames()

    def same(self, saved: Any, loaded: Any) -> bool:
        return same_table(saved, loaded)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns)
def test_any_table_comes_back_exactly_or_is_refused(
    tmp_path: Path, given_columns: dict[str, list[Any]]
) -> None:
    """There is no third way."""
    table, path = pandas.DataFrame(given_columns), tmp_path / "a.feather"
    path.unlink(missing_ok=True)
    try:
        FEATHER.save(table, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert same_table(table, FEATHER.load(path))


def test_what_lies_below_a_missing_value_is_not_written(tmp_path: Path) -> None:
    """Two equal columns are the same bytes, whatever memory holds where nothing is."""
    for name, hidden in (("a", 0), ("b", 9)):
        numbers = pandas.arrays.IntegerArray(numpy.array([1, hidden, 3]), numpy.array([False, True, False]))
        FEATHER.save(pandas.DataFrame({"n": numbers}), tmp_path / f"{name}.feather")
    assert (tmp_path / "a.feather").read_bytes() == (tmp_path / "b.feather").read_bytes()


def test_a_column_of_mixed_objects_is_refused(tmp_path: Path) -> None:
    """It has no type that Arrow knows."""
    with pytest.raises(FormatError, match="feather cannot keep this value: .*Could not convert 'a'"):
        FEATHER.save(pandas.DataFrame({"c": [1, "a"]}), tmp_path / "a.feather")
    assert [] == list(tmp_path.iterdir())
