"""What a run is marked with, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator

from daicho.cli.line import Line, line
from daicho.verbs.note import Noted
from daicho.verbs.tag import Tagged


def lines(done: Tagged) -> Iterator[Line]:
    """The run, its tags, its pin."""
    yield line(("✓ ", "good"), (done.what, "strong"), (f"  run {done.run_id[:8]}", "dim"))
    for name, value in done.tags.items():
        yield line("  ", (name, "name"), f" = {value}")
    if done.pinned:
        yield line("  pinned by ", done.pinned, ": housekeeping keeps it")


def notes(done: Noted) -> Iterator[Line]:
    """The run and its notes."""
    yield line(("✓ ", "good"), (done.what, "strong"), (f"  run {done.run_id[:8]}", "dim"))
    yield from (line("  ", note) for note in done.notes)
