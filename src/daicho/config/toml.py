"""TOML files, read with the standard library, and the lines on which their keys stand, for messages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.errors import ConfigurationError, Where


@dataclass(frozen=True)
class TomlFile:
    """A file's data and its text."""

    path: Path
    text: str
    data: dict[str, Any]

    def where(self, *keys: str) -> Where:
        """The place of a key: of its table's header and then of the key itself, as far as they can be found."""
        return Where(self.path.name, _line(self.text, keys), ".".join(keys) or None)


def read(path: Path) -> TomlFile:
    """Read a TOML file.

    Raises:
        ConfigurationError: If it cannot be read, or is not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        return TomlFile(path, text, tomllib.loads(text))
    except OSError as error:
        raise ConfigurationError(f"`{path}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"`{path.name}` is not UTF-8 text: {error.reason}",
            where=Where(path.name, line),
            hints=("save it as UTF-8",),
        ) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)", str(error))
        place = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
        reason = str(error)[: found.start()] if found else str(error)
        raise ConfigurationError(
            f"`{path.name}` is not valid TOML: {reason[:1].lower()}{reason[1:]}",
            where=Where(path.name, place),
        ) from error


def _line(text: str, keys: tuple[str, ...]) -> int | None:
    """The line of a key below a table; without a parser that keeps positions this is a search for both."""
    lines = text.splitlines()
    for depth in range(len(keys), -1, -1):
        header = _header(lines, keys[:depth])
        if header is None:
            continue
        start: int = header
        rest = keys[depth:]
        if not rest:
            return start or None
        wanted = re.compile(rf"""\s*["']?{re.escape(rest[0])}["']?\s*[=.]""")
        for number in range(start, len(lines)):
            if lines[number].lstrip().startswith("["):
                break
            if wanted.match(lines[number]):
                return number + 1
        if depth:
            return start
    return None


def _header(lines: list[str], keys: tuple[str, ...]) -> int | None:
    """The line (counted from 1) of a table's header; 0 for the top of the file."""
    if not keys:
        return 0
    part = r"""\s*\.\s*""".join(rf"""["']?{re.escape(key)}["']?""" for key in keys)
    wanted = re.compile(rf"\s*\[\s*{part}\s*\]")
    return next((number for number, line in enumerate(lines, 1) if wanted.match(line)), None)
