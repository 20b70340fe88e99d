"""parquet: a pandas DataFrame with its types and its index, by way of pyarrow; exactly or not at all."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_readable
from daicho.formats._tables import exact_bytes


class Parquet:
    """Saves a DataFrame whose columns Arrow can hold."""

    name = "parquet"
    suffixes: tuple[str, ...] = (".parquet",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a DataFrame, after a look at what would come back."""
        read = partial(_pandas().read_parquet, engine="pyarrow")
        write(path, exact_bytes("parquet", value, path, _written, read))

    def load(self, path: Path) -> Any:
        """Give the DataFrame back."""
        pandas = _pandas()
        with path.open("rb") as file:
            try:
                return pandas.read_parquet(file, engine="pyarrow")
            except (ValueError, OSError, TypeError, KeyError) as error:
                raise not_readable("parquet", path, error) from error


def _written(table: Any) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow")
    return buffer.getvalue()


def _pandas() -> Any:
    need("pyarrow", extra="tables", why="the parquet format")
    return need("pandas", extra="tables", why="the parquet format")
