"""What was looked at, a row each, and what to do about what is not well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daicho.cli.line import Line, Style, line, quoted, table
from daicho.verbs.doctor import Check, Diagnosis

_SIGNS: Mapping[str, tuple[str, Style]] = {"ok": ("✓", "good"), "note": ("·", "warn"), "wrong": ("✗", "bad")}


def lines(found: Diagnosis, *, width: int | None) -> Iterator[Line]:
    """All checks, then the sum of them."""
    yield from table((row for check in found.checks for row in _rows(check)), width=width, indent=0)
    wrong = sum(check.state == "wrong" for check in found.checks)
    if wrong:
        yield line((f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong", "bad"))
    else:
        yield line(("All is well", "good"))


def _rows(check: Check) -> Iterator[tuple[Line, ...]]:
    yield line(_SIGNS[check.state]), line(check.name), quoted(check.text)
    for hint in check.hints:
        yield line(""), line(""), line(("hint: ", "dim")) + quoted(hint)
