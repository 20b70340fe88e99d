"""Tasks that ran again, as lines: whose outputs are not the same twice, and where."""

from __future__ import annotations

from collections.abc import Iterator

from daicho.cli import human
from daicho.cli.line import Line, line
from daicho.cli.views.remade import details, heading, sentences
from daicho.compare.remade import SAME
from daicho.verifying import Verification


def lines(done: Verification, *, width: int | None, whole: bool = False) -> Iterator[Line]:
    """The tasks and the sum.

    Args:
        done: What was found.
        width: The terminal's width; None for a pipe.
        whole: Show identical outputs too, and every difference.
    """
    widest = max(len(task.label) for task in done.tasks)
    for task in done.tasks:
        yield heading(task.label, task.verdict, widest)
        yield from details(task.outputs, width, whole=whole)
        if task.problem is not None:
            yield from sentences([task.problem], width)
    yield _sum(done)


def _sum(done: Verification) -> Line:
    ran = [task for task in done.tasks if task.verdict != "skipped"]
    bad = [task for task in ran if task.verdict not in SAME]
    skipped = len(done.tasks) - len(ran)
    rest = f"; {human.count(skipped, 'task')} skipped" if skipped else ""
    times = "twice" if done.times == 2 else f"{done.times} times"
    if not bad:
        return line(
            (done.target, "strong"),
            ": ",
            (f"the same {times}", "good"),
            f": {human.count(len(ran), 'task')}{rest}",
        )
    names = ", ".join(task.label for task in bad)
    return line((done.target, "strong"), ": ", (f"not the same {times}", "bad"), f": {names}{rest}")
