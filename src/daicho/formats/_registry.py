"""Which format a file has: the one that was named, or the one that its name ends like.

A table says which file of this package holds a format; it is imported when the format is first asked for,
since most commands need none. A project's own formats are beside them, once it has registered them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final, cast

from daicho.errors import DeclarationError
from daicho.formats import _own
from daicho.formats._base import Format

_CLASSES: Final[Mapping[str, str]] = {
    "csv": "_csv.Csv",
    "parquet": "_parquet.Parquet",
    "feather": "_feather.Feather",
    "polars": "_polars.Polars",
    "arrow": "_arrow.Arrow",
    "json": "_json.Json",
    "jsonl": "_jsonl.Jsonl",
    "toml": "_toml.Toml",
    "yaml": "_yaml.Yaml",
    "text": "_text.Text",
    "bytes": "_bytes.Bytes",
    "html": "_html.Html",
    "npy": "_npy.Npy",
    "npz": "_npz.Npz",
    "safetensors": "_safetensors.Safetensors",
    "pt": "_torch.Torch",
    "skops": "_skops.Skops",
    "mlflow": "_mlflow.Mlflow",
    "figure": "_figure.Figure",
    "plotly": "_plotly.Plotly",
    "pickle": "_pickle.Pickle",
    "joblib": "_joblib.Joblib",
    "folder": "_folder.Folder",
}
_SUFFIXES: Final[Mapping[str, str]] = {
    "csv": ".csv",
    "parquet": ".parquet",
    "feather": ".feather",
    "json": ".json",
    "jsonl": ".jsonl .ndjson",
    "toml": ".toml",
    "yaml": ".yaml .yml",
    "text": ".txt .md .log",
    "html": ".html .htm",
    "npy": ".npy",
    "npz": ".npz",
    "safetensors": ".safetensors",
    "pt": ".pt .pth",
    "skops": ".skops",
    "figure": ".png .svg .pdf .jpg .jpeg",
    "plotly": ".plotly.json .plotly",
    "pickle": ".pkl .pickle",
    "joblib": ".joblib",
}
_BY_SUFFIX: Final[Mapping[str, str]] = {end: name for name, ends in _SUFFIXES.items() for end in ends.split()}


def names() -> tuple[str, ...]:
    """The names of all formats, in the order in which help lists them, a project's own last."""
    return (*_CLASSES, *_own.names())


def by_name(name: str) -> Format:
    """The format of that name.

    Raises:
        DeclarationError: If there is none.
    """
    if name in _CLASSES:
        return _shipped(name)
    own = _own.named(name)
    if own is None:
        near = get_close_matches(name, names(), n=1)
        raise DeclarationError(
            f"there is no format `{name}`",
            hints=(
                *(f"did you mean `{one}`?" for one in near),
                f"the formats are {', '.join(names())}",
                "one of your own is known once the module that registers it is imported, as by your tasks",
            ),
        )
    return own


@cache
def _shipped(name: str) -> Format:
    module, _, kind = _CLASSES[name].partition(".")
    return cast("Format", getattr(importlib.import_module(f"daicho.formats.{module}"), kind)())


def for_file(file: str, name: str | None = None) -> Format:
    """The format in which `file` is saved and loaded.

    Args:
        file: The name of the file; a folder's ends in "/".
        name: The name of a format, which then decides alone.

    Raises:
        DeclarationError: If no format has that name, none fits the file, or only one that runs code would.
    """
    if name is not None:
        return by_name(name)
    if file.endswith("/"):
        return by_name("folder")
    known = _known()
    ends = [end for end in known if file.lower().endswith(end)]
    if not ends:
        raise _unknown(file)
    found = by_name(known[max(ends, key=len)])
    if found.runs_code:
        raise _unasked(file, found.name)
    return found


def register_format(format: Format) -> None:  # noqa: A002  # the word that users know it by
    """Make a format of the project's own known: by its name, and by the ends of files' names that it claims.

        daicho.register_format(Wave())

    Call it where the module that holds the format is imported, and import that module where tasks are
    declared. Its code counts as that of every task that declares an output or a source of this format.
    `daicho.check_format` tests it. Registering it again, as when its module is imported anew, replaces it.

    Args:
        format: An instance of a class that fits `daicho.Format`.

    Raises:
        DeclarationError: If it does not say what it has to, or its name or an end is taken.
    """
    _own.add(format, _CLASSES, _BY_SUFFIX)


def _known() -> Mapping[str, str]:
    return {**_BY_SUFFIX, **_own.by_suffix()}


def _unknown(file: str) -> DeclarationError:
    ends = {end: name for end, name in _known().items() if not by_name(name).runs_code}
    dot = file.rfind(".")
    near = get_close_matches(file[dot:].lower(), ends, n=1) if dot >= 0 else []
    return DeclarationError(
        f"no format fits the file `{file}`",
        hints=(
            *(f"did you mean `{file[:dot]}{end}`?" for end in near),
            f"the ends of names that say a format are {', '.join(ends)}, and / for a folder",
            f'or name one, as in `format="text"`: {", ".join(names())}',
        ),
    )


def _unasked(file: str, name: str) -> DeclarationError:
    return DeclarationError(
        f"`{file}` looks like a {name} file, which is only used where it is asked for",
        hints=(
            f'say `format="{name}"` if you mean it: loading such a file runs code that the file holds',
            "for a scikit-learn model use a name that ends in `.skops`, which runs none",
        ),
    )
