"""polars: a polars DataFrame, in a file that is csv, parquet or feather as its name says; used where it is asked for.

polars' own readers and writers are used, since its types are more than Arrow's. What was written is read back.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_ENDS = (".csv", ".parquet", ".feather")


class Polars:
    """Saves a polars DataFrame; gives one back, also of what another library wrote."""

    name = "polars"
    suffixes: tuple[str, ...] = ()
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a DataFrame, after a look at what would come back."""
        polars = _polars()
        if not isinstance(value, polars.DataFrame):
            raise wrong_kind("polars", "a polars DataFrame", value, path, _hint(value))
        end = _end(path)
        try:
            data = _bytes(polars, value, end)
            why = _loss(value, _read(polars, io.BytesIO(data), end))
        except (polars.exceptions.PolarsError, ValueError, TypeError) as error:
            raise not_exact("polars", _said(error), path, *_hints(end)) from error
        if why is not None:
            raise not_exact("polars", why, path, *_hints(end))
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the DataFrame back."""
        polars = _polars()
        end = _end(path)
        data = path.read_bytes()
        try:
            return _read(polars, io.BytesIO(data), end)
        except (polars.exceptions.PolarsError, ValueError, TypeError, OSError) as error:
            raise not_readable("polars", path, error) from error


def _polars() -> Any:
    return need("polars", extra="polars", why="the polars format")


def _end(path: Path) -> str:
    end = path.suffix.lower()
    if end not in _ENDS:
        hint = f"end its name with one of {', '.join(_ENDS)}"
        raise not_exact("polars", f"`{path.name}` does not say in what kind of file", path, hint)
    return end


def _bytes(polars: Any, table: Any, end: str) -> bytes:
    buffer = io.BytesIO()
    if end == ".csv":
        table.write_csv(buffer)
    elif end == ".parquet":
        table.write_parquet(buffer)
    else:
        # What lies in memory below a missing value would be written, too, so the table takes the way through parquet,
        # which drops it; and texts are laid out one after the other, as older readers know them.
        plain = polars.read_parquet(io.BytesIO(_bytes(polars, table, ".parquet")))
        plain.write_ipc(buffer, compat_level=polars.CompatLevel.oldest())
    return buffer.getvalue()


def _read(polars: Any, file: Any, end: str) -> Any:
    if end == ".csv":
        return polars.read_csv(file, infer_schema_length=None)
    return polars.read_parquet(file) if end == ".parquet" else polars.read_ipc(file)


def _loss(before: Any, after: Any) -> str | None:
    if before.columns != after.columns:
        return f"its columns {before.columns[:5]} would come back as {after.columns[:5]}"
    for name, old in before.schema.items():
        if after.schema[name] != old:
            return f"column `{name}` is of type `{old}` and would come back as `{after.schema[name]}`"
    if before.height != after.height:
        return f"its {before.height} rows would come back as {after.height}"
    for name in before.columns:
        if not before[name].equals(after[name], null_equal=True):
            return f"column `{name}` would not come back equal"
    return None


def _hint(value: Any) -> str:
    if hasattr(value, "collect"):
        return "turn it into a table with `.collect()`"
    if hasattr(value, "to_frame"):
        return "turn it into a table with `.to_frame()`"
    return "turn it into a table with `polars.DataFrame(...)`"


def _hints(end: str) -> tuple[str, ...]:
    other = ("or let its name end in `.parquet`, which keeps types",) if end == ".csv" else ()
    return ("cast the column to another type", *other)


def _said(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
