"""What was exported, in two lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daicho.cli import human
from daicho.cli.line import Line, line
from daicho.verbs.export import Exported


def lines(done: Exported, *, here: Path) -> Iterator[Line]:
    """Where it is, and what is in it."""
    yield line(
        ("✓ ", "good"),
        (done.what, "strong"),
        " is in ",
        (f"{human.place(done.path, here)}/", "name"),
        (f" ({human.count(done.files, 'file')}, {human.size(done.size)})", "dim"),
    )
    below = f", records of {human.count(done.upstream, 'result')} that it stands on" if done.upstream else ""
    yield line(f"  outputs of {', '.join(done.tasks)}{below}; README.txt says what is where")
    if done.missing:
        yield line("  ", ("not kept, so not in it: ", "warn"), ", ".join(done.missing))
