"""arrow: a pyarrow Table, in a file that is parquet or feather as its name says; used where it is asked for.

How a table is cut into chunks is no part of its value. A csv is not written: it holds no types, and Arrow's
tables are nothing without.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._feather import feather_bytes
from daicho.formats._files import write
from daicho.formats._plain import difference
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_ENDS = (".parquet", ".feather")


class Arrow:
    """Saves a pyarrow Table; gives one back, also of what another library wrote."""

    name = "arrow"
    suffixes: tuple[str, ...] = ()
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a table, after a look at what would come back."""
        arrow = _arrow("pyarrow")
        if not isinstance(value, arrow.Table):
            hint = "turn it into one with `pyarrow.Table.from_pandas(...)` or its own `.to_arrow()`"
            raise wrong_kind("arrow", "a pyarrow Table", value, path, hint)
        end = _end(path)
        try:
            data = _bytes(value, end)
            why = _loss(value, _read(io.BytesIO(data), end))
        except (
            ValueError,
            TypeError,
            NotImplementedError,
            OverflowError,
        ) as error:  # Arrow's own are among them
            raise not_exact(
                "arrow", str(error).rstrip("."), path, "cast the column to another type"
            ) from error
        if why is not None:
            raise not_exact("arrow", why, path, "cast the column to a type that such a file keeps")
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the table back."""
        _arrow("pyarrow")
        end = _end(path)
        with path.open("rb") as file:
            try:
                return _read(file, end)
            except (ValueError, OSError, TypeError, KeyError) as error:
                raise not_readable("arrow", path, error) from error


def _arrow(module: str) -> Any:
    return need(module, extra="tables", why="the arrow format")


def _end(path: Path) -> str:
    end = path.suffix.lower()
    if end not in _ENDS:
        hint = f"end its name with one of {', '.join(_ENDS)}"
        raise not_exact("arrow", f"`{path.name}` does not say in what kind of file", path, hint)
    return end


def _bytes(table: Any, end: str) -> bytes | memoryview:
    if end == ".feather":
        return feather_bytes(table)
    buffer = io.BytesIO()
    _arrow("pyarrow.parquet").write_table(
        table.combine_chunks(),
        buffer,
        use_compliant_nested_type=False,  # else what a list holds is renamed
    )
    return buffer.getbuffer()


def _read(file: Any, end: str) -> Any:
    if end == ".feather":
        return _arrow("pyarrow.feather").read_table(file, memory_map=False)
    return _arrow("pyarrow.parquet").ParquetFile(file).read()


def _loss(before: Any, after: Any) -> str | None:
    if not before.schema.equals(after.schema, check_metadata=True):
        pairs = zip(before.schema, after.schema, strict=False)
        changed = (
            f"column `{old.name}` is of type `{old.type}` and would come back as `{new.type}`"
            for old, new in pairs
            if not old.equals(new, check_metadata=True)
        )
        return next(changed, "what its schema says beside names and types would not come back as it is")
    if before.num_rows != after.num_rows:
        return f"its {before.num_rows} rows would come back as {after.num_rows}"
    for name, old, new in zip(before.column_names, before.columns, after.columns, strict=True):
        # Arrow takes NaN for different from itself, so what differs is looked at again.
        if not old.equals(new) and difference(old.to_pylist(), new.to_pylist()) is not None:
            return f"column `{name}` would not come back equal"
    return None
