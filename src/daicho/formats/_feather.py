"""feather: a pandas DataFrame with its types and its index, as Arrow lays it out; exactly or not at all.

What lies below a missing value is whatever was in memory, and would be written: so each table is first taken
row by row into new memory, where it is zeros. It is not compressed, so that it can be mapped into memory.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind
from daicho.formats._tables import hint_for, loss

_HINT = "convert the column with `.astype(...)`: a column of mixed objects has no type"


class Feather:
    """Saves a DataFrame whose columns Arrow can hold."""

    name = "feather"
    suffixes: tuple[str, ...] = (".feather",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a DataFrame, after a look at what would come back."""
        arrow, pandas = _arrow(), _pandas()
        if not isinstance(value, pandas.DataFrame):
            raise wrong_kind("feather", "a pandas DataFrame", value, path, hint_for(value))
        try:
            data = feather_bytes(arrow.Table.from_pandas(value))
            why = loss(value, pandas.read_feather(io.BytesIO(data)))
        except (
            ValueError,
            TypeError,
            NotImplementedError,
            OverflowError,
        ) as error:  # Arrow's own are among them
            raise not_exact("feather", str(error).rstrip("."), path, _HINT) from error
        if why is not None:
            raise not_exact("feather", why, path, _HINT)
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the DataFrame back."""
        _arrow()
        pandas = _pandas()
        with path.open("rb") as file:
            try:
                return pandas.read_feather(file)
            except (ValueError, OSError, TypeError, KeyError) as error:
                raise not_readable("feather", path, error) from error


def feather_bytes(table: Any) -> memoryview:
    """The bytes of an Arrow table as a feather file: the same for equal tables."""
    need("pyarrow.compute", extra="tables", why="the feather format")
    feather = need("pyarrow.feather", extra="tables", why="the feather format")
    numpy = need("numpy", extra="tables", why="the feather format")
    buffer = io.BytesIO()
    feather.write_feather(table.take(numpy.arange(len(table))), buffer, compression="uncompressed")
    return buffer.getbuffer()


def _arrow() -> Any:
    return need("pyarrow", extra="tables", why="the feather format")


def _pandas() -> Any:
    return need("pandas", extra="tables", why="the feather format")
