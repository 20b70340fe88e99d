"""What a table loses on its way through a file: the first difference between before and after, in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from daicho._lazy import need
from daicho.formats._refusals import not_exact, wrong_kind

Bytes = TypeVar("Bytes", bytes, memoryview)

_UNTYPED = "convert the column with `.astype(...)`: a column of mixed objects has no type"


def hint_for(value: Any) -> str:
    """What to do with something that is no pandas DataFrame, where one is asked for."""
    library = type(value).__module__.partition(".")[0]
    if library == "polars" and hasattr(value, "collect"):
        return 'turn it into a table with `.collect()`, and say `format="polars"` in `output(...)`'
    if library == "polars":
        return 'say `format="polars"` in `output(...)`: then a polars DataFrame is saved, and comes back'
    if library == "pyarrow":
        return 'say `format="arrow"` in `output(...)`: then an Arrow table is saved, and comes back'
    if hasattr(value, "to_frame"):
        return "turn it into a table with `.to_frame()`"
    return "turn it into a table with `pandas.DataFrame(...)`, or use json for plain values"


def exact_bytes(
    name: str, value: Any, path: Path, written: Callable[[Any], Bytes], read: Callable[[io.BytesIO], Any]
) -> Bytes:
    """The bytes of a DataFrame whose columns Arrow can hold, after a look at what would come back.

    Raises:
        OutputError: If it is no pandas DataFrame, or would not come back as it is.
    """
    pandas = need("pandas", extra="tables", why=f"the {name} format")
    if not isinstance(value, pandas.DataFrame):
        raise wrong_kind(name, "a pandas DataFrame", value, path, hint_for(value))
    try:
        data = written(value)
        why = loss(value, read(io.BytesIO(data)))
    except (ValueError, TypeError, NotImplementedError, OverflowError) as error:  # Arrow's own are among them
        raise not_exact(name, str(error).rstrip("."), path, _UNTYPED) from error
    if why is not None:
        raise not_exact(name, why, path, _UNTYPED)
    return data


def loss(before: Any, after: Any) -> str | None:
    """Say where two DataFrames differ first, or None if nothing was lost.

    Types must be the same, and values equal to the bit. Missing is missing: where a column of Python objects
    held None, NaN may come back, as in pandas' own `equals`.
    """
    if type(before) is not type(after):
        return f"it is a `{type(before).__name__}`, and a `{type(after).__name__}` would come back"
    if not _same_labels(before.columns, after.columns):
        return f"its columns {_some(before.columns)} would come back as {_some(after.columns)}"
    if len(before) != len(after):
        return f"its {len(before)} rows would come back as {len(after)}"
    if not _same_labels(before.index, after.index) or before.index.dtype != after.index.dtype:
        return "its index would not come back as it is"
    for number in range(before.shape[1]):
        why = _loss_of_column(before.iloc[:, number], after.iloc[:, number])
        if why is not None:
            return f"column `{before.columns[number]}` {why}"
    return None


def _same_labels(before: Any, after: Any) -> bool:
    kinds = [type(label) for label in before] == [type(label) for label in after]
    return kinds and bool(before.equals(after)) and list(before.names) == list(after.names)


def _some(labels: Any) -> str:
    shown = ", ".join(repr(label) for label in labels[:5])
    return f"[{shown}, ...]" if len(labels) > 5 else f"[{shown}]"


def _loss_of_column(before: Any, after: Any) -> str | None:
    if before.dtype != after.dtype:
        return f"is of type `{before.dtype}` and would come back as `{after.dtype}`"
    if before.dtype != object:
        if before.equals(after):
            return None
    elif all(map(_same, before, after)):
        return None
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        if not _same(old, new):
            return f"holds {old!r} in row {row}, which would come back as {new!r}"
    return "would not come back equal"


def _same(old: Any, new: Any) -> bool:
    if type(old) is str and type(new) is str:  # nearly all there is: the rest may be slow
        return old == new
    numpy = need("numpy", extra="tables", why="comparing tables")
    if isinstance(old, numpy.ndarray) and isinstance(new, numpy.ndarray):
        return old.dtype == new.dtype and len(old) == len(new) and all(map(_same, old, new))
    if _missing(old):
        return _missing(new)
    if type(old) is not type(new):
        return False
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)


def _missing(value: Any) -> bool:
    pandas = need("pandas", extra="tables", why="comparing tables")
    return bool(pandas.api.types.is_scalar(value) and pandas.isna(value))
