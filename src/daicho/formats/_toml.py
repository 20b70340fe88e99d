"""toml: a dict of plain values, dates and times among them; exactly or not at all.

Two equal dicts are one value, so keys are written sorted. What was written is read back at once, by the
standard library's reader that `load` uses.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.errors import FormatError
from daicho.formats._files import write
from daicho.formats._plain import difference
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_TYPES = "TOML has dicts with str keys, lists, str, int, float, bool, and dates and times"


class Toml:
    """Saves a dict with str keys; TOML has no None."""

    name = "toml"
    suffixes: tuple[str, ...] = (".toml",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a dict, after a look at what would come back."""
        writer = need("tomli_w", extra="toml", why="the toml format")
        if not isinstance(value, dict):
            raise wrong_kind(
                "toml", "a dict", value, path, "put it into one, or use json for other plain values"
            )
        try:
            data = writer.dumps(_ordered(value, path)).encode("utf-8")
            why = difference(value, tomllib.loads(data.decode("utf-8")))
        except RecursionError as error:
            raise not_exact("toml", "it is nested too deeply, or holds itself", path) from error
        except FormatError:
            raise
        except (TypeError, ValueError) as error:  # what TOML lacks, and half a surrogate pair
            raise not_exact("toml", str(error).rstrip("."), path, _TYPES) from error
        if why is not None:
            raise not_exact("toml", why, path, _TYPES)
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the dict back."""
        with path.open("rb") as file:
            try:
                return tomllib.load(file)
            except (ValueError, RecursionError) as error:
                raise not_readable("toml", path, error) from error


def _ordered(value: Any, path: Path) -> Any:
    """The same value, with the keys of each dict sorted."""
    if isinstance(value, list):
        return [_ordered(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    for key in value:
        if type(key) is not str:
            why = f"{key!r} is a key of type `{type(key).__name__}`, and TOML has keys of type str alone"
            raise not_exact("toml", why, path, "turn the keys into str")
    return {key: _ordered(value[key], path) for key in sorted(value)}
