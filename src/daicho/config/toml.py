"""TOML files, read with the standard library, and the lines on which their keys stand, for messages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from daicho.errors import ConfigurationError, Where, spelt


@dataclass(frozen=True)
class TomlFile:
    """A file's data and its text; `name` is what messages call it."""

    path: Path
    text: str
    data: dict[str, Any]
    name: str

    def where(self, *keys: str) -> Where:
        """The place of a key: its own line, or else that of what it stands in, as far as they can be found."""
        found = (self._lines.get(keys[:depth]) for depth in range(len(keys), 0, -1))
        line = next((each for each in found if each is not None), None)
        return Where(self.name, line, spelt(".".join(keys)) or None)

    @cached_property
    def _lines(self) -> Mapping[tuple[str, ...], int]:
        return _lines_of(self.text)


def read(path: Path, name: str | None = None) -> TomlFile:
    """Read a TOML file.

    Args:
        path: Where it lies.
        name: What messages call it; the name of the file by default.

    Raises:
        ConfigurationError: If it cannot be read, or is not TOML.
    """
    name = path.name if name is None else name
    try:
        text = path.read_bytes().decode("utf-8-sig")  # some editors put a mark in front
        return TomlFile(path, text, tomllib.loads(text), name)
    except OSError as error:
        raise ConfigurationError(f"`{name}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"`{name}` is not UTF-8 text: {error.reason}",
            where=Where(name, line),
            hints=("save it as UTF-8",),
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(name, text, str(error)) from error
    except RecursionError as error:
        raise ConfigurationError(
            f"`{name}` is not valid TOML: lists or tables lie too deep in each other", where=Where(name)
        ) from error
    except ValueError as error:  # what TOML allows and Python does not: a number of thousands of digits
        raise ConfigurationError(
            f"`{name}` holds a number that is too long", where=Where(name, _longest(text))
        ) from error


_PLAIN = (
    (r"cannot declare \((?P<keys>.*)\) twice", "the table `[{keys}]` is there twice"),
    (r"cannot overwrite a value", "a key or a table is there twice"),
    (r"cannot mutate immutable namespace \((?P<keys>.*)\)", "the table `{keys}` was closed before"),
    (r"illegal character '\\n'", "a text does not end on its line"),
    (r"illegal character (?P<keys>'\\x.*')", "the control character {keys} cannot stand here"),
    (r"unescaped '\\' in a string", "a single backslash in a text"),
    (r"escaped character is not a unicode scalar value", "half of a character cannot stand in a text"),
    (r"expected '=' after a key in a key/value pair", "a name has no `=` behind it"),
    (r"expected newline or end of document after a statement", "there is more on the line than one value"),
    (r"invalid statement", "the line is neither `[table]` nor `name = value`"),
    (
        r"invalid value|unclosed array|unclosed inline table",
        "there is no value, or one that TOML does not know",
    ),
)
"""Sentences of the parser that only a programmer would understand, and what is said in their place."""

_HINTS = (
    (r"<{7}|={7}|>{7}", "git has left a conflict there: choose one of the two sides"),
    (r"\s*;", "a comment begins with `#`"),
    (r".*=\s*(True|False)\b", "write `true` or `false`, in lower case"),
    (r".*=\s*(None|null)\b", "TOML has no such value: leave the line out"),
    (r"\s*[\w.\"'-]+\s*:", "write `name = value` below `[table]`"),
    (r".*\\", "write paths with `/`, or the text in single quotes"),
    (r".*=\s*[A-Za-z./]", 'a text stands in quotes: name = "value"'),
    (r".*=\s*[\[{][^\]}]*$", "is a list or an inline table left open?"),
    (r".*=\s*\d+,\d+", "a fraction has a point: 0.1"),
)
"""What to do about a line that looks so."""


def _not_toml(name: str, text: str, reason: str) -> ConfigurationError:
    found = re.search(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)", reason)
    place = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
    said = reason[: found.start()] if found else reason
    said = said[:1].lower() + said[1:]
    for pattern, plain in _PLAIN:
        match = re.fullmatch(pattern, said, re.IGNORECASE)
        if match is not None:
            keys = match.groupdict().get("keys") or ""
            said = plain.format(keys=".".join(re.findall(r"'([^']*)'", keys)) or keys)
            break
    line = text.split("\n")[place - 1][:500]
    hint = next((hint for pattern, hint in _HINTS if re.match(pattern, line)), None)
    hints = (hint,) if hint is not None else ()
    return ConfigurationError(f"`{name}` is not valid TOML: {said}", where=Where(name, place), hints=hints)


def _longest(text: str) -> int:
    """The line with the longest number."""
    lengths = [max((len(run) for run in re.findall(r"\d+", line)), default=0) for line in text.split("\n")]
    return lengths.index(max(lengths)) + 1


_LONG_TEXTS = re.compile(r"(\"\"\"|\'\'\').*?\1", re.DOTALL)
_PART = r"""(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEYS = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*(?P<keys>{_KEYS})\s*\]")
_ENTRY = re.compile(rf"\s*(?P<keys>{_KEYS})\s*=")


def _lines_of(text: str) -> dict[tuple[str, ...], int]:
    """The line (counted from 1) of every table and key; a parser that keeps positions is not at hand."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    # What stands in texts of several lines only looks like a table.
    plain = _LONG_TEXTS.sub(lambda match: "\n" * match[0].count("\n"), text)
    for number, line in enumerate(plain.split("\n"), 1):
        header = _HEADER.match(line)
        if header is not None:
            table = _parts(header["keys"])
            found.setdefault(table, number)
            continue
        entry = _ENTRY.match(line)
        if entry is not None:
            keys = _parts(entry["keys"])
            for depth in range(1, len(keys) + 1):
                found.setdefault((*table, *keys[:depth]), number)
    return found


def _parts(keys: str) -> tuple[str, ...]:
    return tuple(_unquoted(part) for part in re.findall(_PART, keys))


def _unquoted(part: str) -> str:
    if not part.startswith('"'):
        return part.strip("'")
    try:
        return str(tomllib.loads(f"key = {part}")["key"])
    except tomllib.TOMLDecodeError:
        return part
