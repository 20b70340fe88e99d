"""csv: a pandas DataFrame as plain text, exactly or not at all.

A csv holds no types: they are guessed when it is read. So what was written is read back at once, by the
reader that `load` uses, and a table that would come back different is refused. The file itself is the plain
csv that everybody's tools read: UTF-8, a header line, no index, floats with as many digits as they need.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind
from daicho.formats._tables import hint_for, loss

_PARQUET = "save it as parquet, which keeps types: end the file's name with `.parquet`"


class Csv:
    """Saves a DataFrame with its default index, named columns, and types that a csv shows."""

    name = "csv"
    suffixes: tuple[str, ...] = (".csv",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a DataFrame, after a look at what would come back."""
        pandas = need("pandas", extra="tables", why="the csv format")
        if not isinstance(value, pandas.DataFrame):
            raise wrong_kind("csv", "a pandas DataFrame", value, path, hint_for(value))
        _check_labels(pandas, value, path)
        data, why = _attempt(pandas, value, csv.QUOTE_MINIMAL, path)
        if why is not None:  # carriage returns and rows of blanks come back if they stand in quotes
            data, why = _attempt(pandas, value, csv.QUOTE_ALL, path)
        if why is not None:
            raise not_exact("csv", why, path, *_hints(value))
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the DataFrame back that `pandas.read_csv` makes of the file."""
        pandas = need("pandas", extra="tables", why="the csv format")
        try:
            with path.open("rb") as file:
                return _read(pandas, file)
        except ValueError as error:  # pandas' parser errors and wrong encodings are ValueErrors
            raise not_readable("csv", path, error) from error


def _attempt(pandas: Any, table: Any, quoting: int, path: Path) -> tuple[bytes, str | None]:
    """The bytes of the table, and what would be lost."""
    try:
        data = table.to_csv(index=False, lineterminator="\n", quoting=quoting).encode("utf-8")
        return data, loss(table, _read(pandas, io.BytesIO(data)))
    except (ValueError, TypeError, csv.Error) as error:  # from writing, or from reading it again
        raise not_exact("csv", str(error).rstrip("."), path, _PARQUET) from error


def _read(pandas: Any, file: Any) -> Any:
    # low_memory guesses types piece by piece, so that one column may hold two
    return pandas.read_csv(file, low_memory=False, **_exact_floats(pandas.__version__))


def _exact_floats(version: str) -> dict[str, str]:
    """What makes floats come back to the bit: from pandas 3.1 on they always do, and asking is deprecated."""
    major, minor = version.split(".")[:2]
    return {} if (int(major), int(minor)) >= (3, 1) else {"float_precision": "round_trip"}


def _check_labels(pandas: Any, table: Any, path: Path) -> None:
    if not len(table.columns):
        raise not_exact("csv", "it has no columns", path, _PARQUET)
    for name in table.columns:
        if type(name) is not str:
            why = f"a column is named {name!r}, of type `{type(name).__name__}`, not a str"
            raise not_exact(
                "csv", why, path, "rename it: `table.columns = table.columns.astype(str)`", _PARQUET
            )
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise not_exact("csv", f"two columns are named `{twice}`", path, "rename one of them")
    if table.columns.names != [None]:
        raise not_exact("csv", f"its columns have a name, `{table.columns.names[0]}`", path, _PARQUET)
    index = table.index
    if not index.equals(pandas.RangeIndex(len(table))) or index.names != [None] or index.dtype != "int64":
        hints = (
            "drop it with `reset_index(drop=True)`, or make a column of it with `reset_index()`",
            _PARQUET,
        )
        raise not_exact(
            "csv", "its index is not the default 0, 1, 2, ..., and a csv holds no index", path, *hints
        )


def _hints(table: Any) -> tuple[str, ...]:
    if not len(table):
        return ("a csv without rows cannot show of what type a column is", _PARQUET)
    return (_PARQUET, "or convert the column to a type that a csv shows, with `.astype(...)`")
