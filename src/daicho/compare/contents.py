"""Two files or folders of one format, compared in content, never by running code that they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho.compare.arrays import compare_arrays
from daicho.compare.difference import Difference, equal, identical, unknown
from daicho.compare.folders import compare_folders
from daicho.compare.models import compare_models
from daicho.compare.tables import compare_tables
from daicho.compare.text import compare_texts, compare_values
from daicho.digest import of_file
from daicho.errors import DaichoError, DeclarationError
from daicho.formats import Format, by_name

LARGEST = 200_000_000
"""Bytes up to which a file is loaded in order to be compared; beyond, its digest must do."""


def compare_files(format_name: str, old: Path, new: Path, *, tolerance: float = 0.0) -> Difference:
    """How two files or folders differ.

    A format that loading runs code of, one that is not known here, and what cannot be loaded are compared by their
    bytes alone.

    Args:
        format_name: The format that both are of; "" where none is known.
        old: A file or folder.
        new: Another.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be close.

    Raises:
        OSError: If one of them cannot be read.
    """
    if old.is_dir() or new.is_dir():
        return compare_folders(old, new)
    kind = _KINDS.get(format_name, "bytes")
    if of_file(old) == of_file(new):
        return identical(kind)
    sizes = (old.stat().st_size, new.stat().st_size)
    if max(sizes) > LARGEST:
        return unknown(kind, f"too large to be looked into ({sizes[0]:,} -> {sizes[1]:,} bytes)")
    found = _format(format_name)
    if found is None or found.runs_code:
        why = (
            "loading it would run code that it holds" if found is not None else "its format is not known here"
        )
        return unknown(kind, f"{why}, so only its bytes were compared")
    try:
        return _loaded(kind, found.load(old), found.load(new), tolerance)
    except (DaichoError, RecursionError, MemoryError, TypeError, ValueError) as error:
        return unknown(kind, f"it cannot be loaded here: {str(error).splitlines()[0]}")


_KINDS = {
    "csv": "table",
    "parquet": "table",
    "json": "value",
    "text": "text",
    "npy": "array",
    "skops": "model",
    "figure": "picture",
}


def _format(name: str) -> Format | None:
    try:
        return by_name(name)
    except DeclarationError:
        return None


def _loaded(kind: str, old: Any, new: Any, tolerance: float) -> Difference:
    """By what was loaded: formats of one kind of value are compared alike."""
    both = (old, new)
    if all(hasattr(value, "iloc") and hasattr(value, "columns") for value in both):
        return compare_tables(old, new, tolerance=tolerance)
    if all(isinstance(value, str) for value in both):
        return compare_texts(old, new, kind=kind if kind == "picture" else "text")
    if all(hasattr(value, "dtype") and hasattr(value, "shape") for value in both):
        return compare_arrays(old, new, tolerance=tolerance)
    if all(hasattr(value, "getbbox") for value in both):
        return _pictures(old, new)
    if all(hasattr(type(value), "get_params") for value in both):
        return compare_models(old, new, tolerance=tolerance)
    if all(isinstance(value, _PLAIN) for value in both) and kind in ("value", "bytes"):
        return compare_values(old, new, tolerance=tolerance)
    return unknown(kind, "only its bytes were compared")


_PLAIN = (dict, list, str, int, float, bool, type(None))


def _pictures(old: Any, new: Any) -> Difference:
    """Images of pixels."""
    if old.size != new.size:
        text = f"{old.size[0]} x {old.size[1]} -> {new.size[0]} x {new.size[1]} pixels"
        return Difference("different", "picture", text, facts={"size": [list(old.size), list(new.size)]})
    from PIL import ImageChops

    box = ImageChops.difference(old.convert("RGBA"), new.convert("RGBA")).getbbox(alpha_only=False)
    if box is None:
        return equal("picture")
    where = f"from ({box[0]}, {box[1]}) to ({box[2]}, {box[3]})"
    return Difference("different", "picture", f"pixels differ {where}", where, facts={"box": list(box)})
