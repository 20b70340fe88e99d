"""parquet: a pandas DataFrame with its types and its index, by way of pyarrow; exactly or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind
from daicho.formats._tables import hint_for, loss


class Parquet:
    """Saves a DataFrame whose columns Arrow can hold."""

    name = "parquet"
    suffixes: tuple[str, ...] = (".parquet",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a DataFrame, after a look at what would come back."""
        pandas = _pandas()
        if not isinstance(value, pandas.DataFrame):
            raise wrong_kind("parquet", "a pandas DataFrame", value, path, hint_for(value))
        buffer = io.BytesIO()
        hint = "convert the column with `.astype(...)`: a column of mixed objects has no type"
        try:
            value.to_parquet(buffer, engine="pyarrow")
            data = buffer.getvalue()
            why = loss(value, pandas.read_parquet(io.BytesIO(data), engine="pyarrow"))
        except (
            ValueError,
            TypeError,
            NotImplementedError,
            OverflowError,
        ) as error:  # Arrow's own are among them
            raise not_exact("parquet", str(error).rstrip("."), path, hint) from error
        if why is not None:
            raise not_exact("parquet", why, path, hint)
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the DataFrame back."""
        pandas = _pandas()
        with path.open("rb") as file:
            try:
                return pandas.read_parquet(file, engine="pyarrow")
            except (ValueError, OSError, TypeError, KeyError) as error:
                raise not_readable("parquet", path, error) from error


def _pandas() -> Any:
    need("pyarrow", extra="tables", why="the parquet format")
    return need("pandas", extra="tables", why="the parquet format")
