"""What was withdrawn, in two lines."""

from __future__ import annotations

from collections.abc import Iterator

from daicho.cli import human
from daicho.cli.line import Line, line
from daicho.verbs.forget import Forgotten


def lines(done: Forgotten) -> Iterator[Line]:
    """Which result, and what for."""
    by = f" by {done.by}" if done.by else ""
    yield line(
        ("Withdrawn", "good"),
        ": ",
        (done.task, "strong"),
        f", run {done.run_id[:8]} of {human.when(done.made)}{by}",
    )
    yield line("  it is reused no more: ", done.withdrawal.reason)
