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
from daicho.formats._refusals import not_readable
from daicho.formats._tables import exact_bytes


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

        def written(table: Any) -> memoryview:
            return feather_bytes(arrow.Table.from_pandas(table))

        write(path, exact_bytes("feather", value, path, written, pandas.read_feather))

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
