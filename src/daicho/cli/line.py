"""A line of styled text, and how lines are cut, wrapped, put into columns, and written with or without colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from daicho.cli.text import cells, clean

Style = Literal["", "good", "bad", "warn", "name", "dim", "strong"]

# The sixteen colours that a terminal's own theme defines: right on a light and on a dark ground.
CODES: dict[Style, str] = {"good": "32", "bad": "31", "warn": "33", "name": "36", "dim": "2", "strong": "1"}

_LEAST = 24  # columns that are left for the last column of a table
_NAME = 8  # columns that no other is cut below


@dataclass(frozen=True)
class Line:
    """Pieces of clean text, each with a style."""

    pieces: tuple[tuple[str, Style], ...] = ()

    @property
    def plain(self) -> str:
        """The text alone."""
        return "".join(text for text, _ in self.pieces)

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return cells(self.plain)

    @property
    def colored(self) -> str:
        """The text with the codes of its styles."""
        return "".join(f"\x1b[{CODES[style]}m{text}\x1b[0m" if style else text for text, style in self.pieces)

    def __add__(self, other: Line) -> Line:
        return Line(self.pieces + other.pieces)


def line(*parts: str | tuple[str, Style]) -> Line:
    """A line of some texts, with or without a style. What is in them that a terminal would obey is taken out."""
    pieces = [(part, "") if isinstance(part, str) else part for part in parts]
    return Line(tuple((clean(text), style) for text, style in pieces if text))  # type: ignore[misc]


def quoted(text: str) -> Line:
    """A sentence in which names of code, in `backticks`, stand out."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:  # one is left open: nothing is a name for certain
        return line(text)
    return line(*((f"`{part}`", "name") if odd % 2 else part for odd, part in enumerate(parts)))


def cut(whole: Line, width: int) -> Line:
    """The line, its end left out where it is too wide."""
    if whole.width <= width:
        return whole
    room, kept = max(width - 1, 0), list[tuple[str, Style]]()
    for text, style in whole.pieces:
        taken = _fitting(text, room)
        kept.append((taken, style))
        room -= cells(taken)
        if taken != text:
            break
    return Line((*kept, ("…", "dim")))


def wrap(whole: Line, width: int) -> Iterator[Line]:
    """The line in lines of at most that width, broken at spaces where there are any; an indentation is kept."""
    current: list[tuple[str, Style]] = []
    used, first = 0, True
    for word, style in _words(whole):
        if used and used + cells(word.rstrip()) > width:
            yield _trimmed(current)
            current, used, first = [], 0, False
        while cells(word.rstrip()) > width:
            part = _fitting(word, width)
            yield Line((*current, (part, style)))
            current, used, first, word = [], 0, False, word[len(part) :]  # noqa: PLW2901
        if used or first or word.strip():
            current.append((word, style))
            used += cells(word)
    if current:
        yield _trimmed(current)


def table(rows: Iterable[Sequence[Line]], *, width: int | None, indent: int = 2) -> Iterator[Line]:
    """Rows in columns, two spaces apart.

    Args:
        rows: Rows of as many cells each.
        width: The width of the terminal: the last column is wrapped, names that leave it no room are cut;
            None for a pipe, where every row is one line, whole.
        indent: Spaces at the left.
    """
    listed = [tuple(row) for row in rows]
    if not listed:
        return
    widths = [max(cell.width for cell in column) for column in list(zip(*listed, strict=True))[:-1]]
    least = min(_LEAST, max(row[-1].width for row in listed))
    while (
        width is not None
        and indent + sum(widths) + 2 * len(widths) + least > width
        and max(widths, default=0) > _NAME
    ):
        widths[widths.index(max(widths))] -= 1
    start = indent + sum(widths) + 2 * len(widths)
    for *head, last in listed:
        left = line(" " * indent)
        for cell, room in zip(head, widths, strict=True):
            shown = cut(cell, room)
            left = left + shown + line(" " * (room - shown.width + 2))
        first, *more = [last] if width is None else list(wrap(last, max(width - start, 8))) or [last]
        yield _stripped(left + first)
        yield from (line(" " * start) + part for part in more)


def _stripped(whole: Line) -> Line:
    """Without spaces at its end, which a pipe would carry along."""
    return _trimmed(list(whole.pieces))


def _trimmed(pieces: list[tuple[str, Style]]) -> Line:
    while pieces and not pieces[-1][0].rstrip():
        pieces = pieces[:-1]
    if not pieces:
        return Line()
    *before, (text, style) = pieces
    return Line((*before, (text.rstrip(), style)))


def _words(whole: Line) -> Iterator[tuple[str, Style]]:
    """Each word with the spaces after it."""
    for text, style in whole.pieces:
        start = 0
        for place in range(1, len(text)):
            if text[place - 1] == " " and text[place] != " ":
                yield text[start:place], style
                start = place
        yield text[start:], style


def _fitting(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    used = 0
    for place, character in enumerate(text):
        used += cells(character)
        if used > width:
            return text[:place]
    return text
