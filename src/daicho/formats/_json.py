"""json: plain Python values, to the bit.

Two equal dicts are one value, in whatever order their keys were put in; so keys are written sorted. What
JSON cannot tell apart (a tuple from a list, 1 as a key from "1") or does not have (NaN) is refused.
Subclasses of list and dict may be saved, and come back as plain lists and dicts, which are equal to them.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from daicho.formats._files import write
from daicho.formats._plain import at
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_PLAIN = "plain values (dict, list, str, int, float, bool, None)"


class Json:
    """Saves dicts with str keys, lists, str, int, float, bool and None."""

    name = "json"
    suffixes: tuple[str, ...] = (".json",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a plain value, indented, with sorted keys."""
        try:
            check("json", value, path)
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
            data = f"{text}\n".encode()
        except UnicodeEncodeError as error:
            raise not_exact("json", "a str in it holds half of a surrogate pair", path) from error
        except RecursionError as error:
            raise not_exact("json", "it is nested too deeply, or holds itself", path) from error
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the value back."""
        try:
            return json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise not_readable("json", path, error) from error


def check(name: str, value: Any, path: Path, place: str = "") -> None:
    """Raise for the first part of `value` that JSON would not give back as it is; `place` leads there.

    Raises:
        FormatError: In the name of the format that asks.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                why = f"{at(place)} has the key {key!r}, and JSON has keys of type str alone"
                raise not_exact(name, why, path, "turn the keys into str, or save a list of pairs")
            check(name, item, path, f"{place}[{key!r}]")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check(name, item, path, f"{place}[{number}]")
    elif type(value) is float and not math.isfinite(value):
        raise not_exact(name, f"{at(place)} is {value}, which JSON does not have", path, "use None instead")
    elif value is not None and type(value) not in (str, int, float, bool):
        raise _foreign(name, value, place, path)


def _foreign(name: str, value: Any, place: str, path: Path) -> Exception:
    hint = _hint(value)
    if not place:
        return wrong_kind(name, _PLAIN, value, path, hint)
    return not_exact(name, f"{at(place)} is of type `{type(value).__name__}`, not a plain value", path, hint)


def _hint(value: Any) -> str:
    if isinstance(value, tuple):
        return "turn it into a list: a tuple would come back as one"
    if isinstance(value, set | frozenset):
        return "turn it into a list with `sorted(...)`"
    if type(value).__module__ == "numpy":
        return (
            "use `.tolist()`"
            if getattr(value, "shape", ())
            else "use `.item()`, which gives the Python number"
        )
    return "turn it into plain values first"
