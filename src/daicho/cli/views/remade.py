"""Tasks that were run again, as lines: each with how it compares, and what of it differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daicho.cli.line import Line, Style, line, quoted, wrap
from daicho.compare.remade import SAME, Remade

_SAID = {
    "identical": "identical",
    "equal": "equal in value, not in bytes",
    "close": "equal within the tolerance",
    "unknown": "differs",
    "different": "differs",
    "failed": "failed",
    "skipped": "skipped",
}


def mark(verdict: str) -> tuple[str, Style]:
    """The sign of a verdict."""
    if verdict == "skipped":
        return "–", "dim"
    return ("✓", "good") if verdict in SAME else ("✗", "bad")


def heading(label: str, verdict: str, widest: int) -> Line:
    """A task and its verdict, the verdicts below each other."""
    sign, style = mark(verdict)
    said: Style = "dim" if verdict in ("identical", "skipped") else style
    return line((sign, style), " ", (label.ljust(widest), "strong"), "  ", (_SAID[verdict], said))


def details(outputs: Sequence[Remade], width: int | None, *, whole: bool) -> Iterator[Line]:
    """The outputs that are not identical; with `whole` all of them, with every difference."""
    for output in outputs:
        if output.verdict == "identical" and not whole:
            continue
        yield from indented(line((output.name, "name"), ": ") + line(output.difference.text), 4, width)
        more = output.difference.lines if whole else ()
        for each in more:
            yield from indented(line((each, "dim")), 6, width)


def indented(text: Line, by: int, width: int | None) -> Iterator[Line]:
    """A line, set in and wrapped."""
    for part in [text] if width is None else wrap(text, max(width - by, 24)):
        yield line(" " * by) + part


def sentences(texts: Sequence[str], width: int | None, by: int = 4) -> Iterator[Line]:
    """Sentences with names of code, set in and wrapped."""
    for text in texts:
        yield from indented(quoted(text), by, width)
