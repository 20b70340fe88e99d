"""How a format says no: the wrong kind of value, a value that would not come back equal, a bad file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho.errors import FormatError, Where


def wrong_kind(name: str, saves: str, value: Any, path: Path, *hints: str) -> FormatError:
    """The format `name` saves another kind of value: "csv saves a pandas DataFrame, not a list"."""
    return FormatError(f"{name} saves {saves}, not {_kind(value)}", where=Where(path.name), hints=hints)


def not_exact(name: str, why: str, path: Path, *hints: str) -> FormatError:
    """The value is of the right kind, but would not come back equal."""
    return FormatError(f"{name} cannot keep this value: {why}", where=Where(path.name), hints=hints)


def not_readable(name: str, path: Path, error: Exception | str, *hints: str) -> FormatError:
    """The file cannot be read as this format; `error` is what its reader said."""
    said = str(error).strip().splitlines()
    why = said[0].rstrip(".") if said else type(error).__name__
    return FormatError(f"`{path.name}` cannot be read as {name}: {why}", where=Where(str(path)), hints=hints)


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    name, library = type(value).__name__, type(value).__module__.partition(".")[0]
    if library in ("polars", "pyarrow"):  # whose tables have the names of others'
        return f"a {library} {name}"
    return f"{'an' if name[0] in 'aeiouAEIO' else 'a'} {name}"
