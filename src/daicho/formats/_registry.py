"""Which format a file has: the one that was named, or the one that its name ends like.

A table says which file of this package holds a format; it is imported when the format is first asked for,
since most commands need none.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import cast

from daicho.errors import DeclarationError
from daicho.formats._base import Format

_CLASSES: Mapping[str, str] = {
    "csv": "_csv.Csv",
    "parquet": "_parquet.Parquet",
    "json": "_json.Json",
    "text": "_text.Text",
    "npy": "_npy.Npy",
    "skops": "_skops.Skops",
    "figure": "_figure.Figure",
    "pickle": "_pickle.Pickle",
    "folder": "_folder.Folder",
}
_BY_SUFFIX: Mapping[str, str] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".json": "json",
    ".txt": "text",
    ".md": "text",
    ".log": "text",
    ".npy": "npy",
    ".skops": "skops",
    ".png": "figure",
    ".svg": "figure",
    ".pdf": "figure",
    ".jpg": "figure",
    ".jpeg": "figure",
    ".pkl": "pickle",
    ".pickle": "pickle",
}


def names() -> tuple[str, ...]:
    """The names of all formats, in the order in which help lists them."""
    return tuple(_CLASSES)


@cache
def by_name(name: str) -> Format:
    """The format of that name.

    Raises:
        DeclarationError: If there is none.
    """
    if name not in _CLASSES:
        near = get_close_matches(name, _CLASSES, n=1)
        raise DeclarationError(
            f"there is no format `{name}`",
            hints=(*(f"did you mean `{one}`?" for one in near), f"the formats are {', '.join(_CLASSES)}"),
        )
    module, _, kind = _CLASSES[name].partition(".")
    return cast("Format", getattr(importlib.import_module(f"daicho.formats.{module}"), kind)())


def for_file(file: str, name: str | None = None) -> Format:
    """The format in which `file` is saved and loaded.

    Args:
        file: The name of the file; a folder's ends in "/".
        name: The name of a format, which then decides alone.

    Raises:
        DeclarationError: If no format has that name, none fits the file, or only pickle would.
    """
    if name is not None:
        return by_name(name)
    if file.endswith("/"):
        return by_name("folder")
    ends = [end for end in _BY_SUFFIX if file.lower().endswith(end)]
    if not ends:
        raise _unknown(file)
    found = _BY_SUFFIX[max(ends, key=len)]
    if found == "pickle":
        raise _unasked(file)
    return by_name(found)


def _unknown(file: str) -> DeclarationError:
    safe = {end: name for end, name in _BY_SUFFIX.items() if name != "pickle"}
    dot = file.rfind(".")
    near = get_close_matches(file[dot:].lower(), safe, n=1) if dot >= 0 else []
    return DeclarationError(
        f"no format fits the file `{file}`",
        hints=(
            *(f"did you mean `{file[:dot]}{end}`?" for end in near),
            f"the ends of names that say a format are {', '.join(safe)}, and / for a folder",
            f'or name one, as in `format="text"`: {", ".join(_CLASSES)}',
        ),
    )


def _unasked(file: str) -> DeclarationError:
    return DeclarationError(
        f"`{file}` looks like a pickle, which is only used where it is asked for",
        hints=(
            'say `format="pickle"` if you mean it: loading such a file runs code that the file holds',
            "for a scikit-learn model use a name that ends in `.skops`, which runs none",
        ),
    )
