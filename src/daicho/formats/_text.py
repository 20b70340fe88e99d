"""text: a string as UTF-8, character for character (no newline is added or translated)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind


class Text:
    """Saves a str."""

    name = "text"
    suffixes: tuple[str, ...] = (".txt", ".md", ".log")
    folder = False
    runs_code = False
    repeats = True
    hint = "turn it into one, or use json for plain values"

    def save(self, value: Any, path: Path) -> None:
        """Write a str; half a surrogate pair, which UTF-8 does not have, is refused."""
        if not isinstance(value, str):
            raise wrong_kind(self.name, "a str", value, path, self.hint)
        try:
            data = value.encode("utf-8")
        except UnicodeEncodeError as error:
            why = f"character {error.start} is half of a surrogate pair, which UTF-8 does not have"
            raise not_exact(self.name, why, path) from error
        write(path, data)

    def load(self, path: Path) -> str:
        """Give the str back."""
        try:
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_readable(
                self.name, path, error, "only UTF-8 is read: convert the file first"
            ) from error
