"""The formats that a project registers: kept by name, for as long as the process lives.

They are registered by importing the project's modules, in every process that loads its tasks, and never change
what a shipped format means: neither its name nor an end of a file's name can be taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from daicho.errors import DeclarationError
from daicho.formats._base import Format

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*")
_SUFFIX: Final = re.compile(r"(\.[a-z0-9_-]+)+")
_SAYS: Final = {"name": str, "suffixes": tuple, "folder": bool, "runs_code": bool, "repeats": bool}
_HINT: Final = "`daicho.Format` says what a format has to have, and `daicho.check_format` tests one"

_registered: Final[dict[str, Format]] = {}


def add(format: Format, names: Mapping[str, str], ends: Mapping[str, str]) -> None:  # noqa: A002
    """Keep a format; `names` and `ends` are those of the shipped ones.

    Raises:
        DeclarationError: If it does not say what it has to, or what it claims is taken.
    """
    fault = fault_of(format) or _taken(format, names, {**ends, **by_suffix()})
    if fault is not None:
        raise DeclarationError(f"the format `{_called(format)}` {fault}", hints=(_HINT,))
    _registered[format.name] = format


def named(name: str) -> Format | None:
    """The registered format of that name."""
    return _registered.get(name)


def names() -> tuple[str, ...]:
    """The names of the registered formats, in order."""
    return tuple(_registered)


def by_suffix() -> dict[str, str]:
    """Which registered format an end of a file's name means."""
    return {end: each.name for each in _registered.values() for end in each.suffixes}


def fault_of(format: object) -> str | None:  # noqa: A002
    """What a format does not say as it has to, in words that follow its name; None if it says all."""
    if isinstance(format, type):
        return "is a class: register an instance of it"
    for attribute, kind in _SAYS.items():
        value = getattr(format, attribute, None)
        if not isinstance(value, kind):
            return f"has {'no' if value is None else 'a wrong'} `{attribute}`: it must be a {kind.__name__}"
    for method in ("save", "load"):
        if not callable(getattr(format, method, None)):
            return f"has no method `{method}`"
    name, suffixes = getattr(format, "name", ""), getattr(format, "suffixes", ())
    if not _NAME.fullmatch(name):
        return "has a name that is not of lower-case letters, digits, `-` and `_`"
    for end in suffixes:
        if not isinstance(end, str) or not _SUFFIX.fullmatch(end):
            return (
                f"has the suffix {end!r}, which is not a dot with lower-case letters and digits, as `.wav` is"
            )
    if suffixes and getattr(format, "folder", False):
        return "writes a folder, which has no suffix: it is asked for by name"
    return None


def _taken(format: Format, names: Mapping[str, str], ends: Mapping[str, str]) -> str | None:  # noqa: A002
    if format.name in names:
        return "has the name of a format that daicho ships"
    before = _registered.get(format.name)
    if before is not None and _home(before) != _home(format):
        return f"is registered already, as `{_home(before)}`"
    for end in format.suffixes:
        if ends.get(end, format.name) != format.name:
            return f"claims `{end}`, which means the format `{ends[end]}`"
    return None


def _home(format: Format) -> str:  # noqa: A002
    return f"{type(format).__module__}.{type(format).__qualname__}"


def _called(format: object) -> str:  # noqa: A002
    name = getattr(format, "name", None)
    return name if isinstance(name, str) and name else type(format).__qualname__
