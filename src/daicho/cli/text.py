"""Text that comes from elsewhere, made safe for a terminal: what tasks print and name must not move its cursor."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Colours and cursor movements (CSI), titles and links (OSC) with their end, and two-character escapes.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")
# Control characters, those that turn the direction of writing, line separators, halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "↻": "*", "·": "=", "–": "-", "…": "...", "→": "->", "│": "|", "❱": ">"}
    | {"├": "|", "└": "`", "─": "-", "×": "x"}
)


def clean(text: str) -> str:
    """One line of text without anything that a terminal would obey: escapes are dropped, the rest is spelt out."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub(_spelt, _ESCAPES.sub("", text).expandtabs(4))


def clean_lines(text: str) -> Iterator[str]:
    """The lines of a text, each clean; of a line that was overwritten (a progress bar's), what was seen last."""
    for line in text.replace("\r\n", "\n").split("\n"):
        yield clean(line.rstrip("\r").rpartition("\r")[2])


def to_ascii(text: str) -> str:
    """The same in signs that every terminal has."""
    return text.translate(_ASCII)


def cells(text: str) -> int:
    """How many columns a text takes in a terminal."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {10: "\\n", 13: "\\r"}.get(code) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
