"""A run that was made again, as lines: each task, what differs and why, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daicho.cli import human
from daicho.cli.line import Line, line
from daicho.cli.views.remade import details, heading, indented, sentences
from daicho.compare.remade import SAME
from daicho.reproducing import Reproduction

_BEST = {
    "identical": "byte for byte the same",
    "equal": "the same in value",
    "close": "the same within the tolerance",
}


def lines(done: Reproduction, *, width: int | None, here: Path, whole: bool = False) -> Iterator[Line]:
    """The tasks and the sum.

    Args:
        done: What came of it.
        width: The terminal's width; None for a pipe.
        here: The current folder: what lies below it is shown from there.
        whole: Show identical outputs too, and every difference.
    """
    widest = max(map(len, [*(task.label for task in done.tasks), *done.given]))
    for task in done.tasks:
        yield heading(task.label, task.verdict, widest)
        yield from details(task.outputs, width, whole=whole)
        if task.cause is not None:
            yield from sentences([f"likely: {task.cause}"], width)
        if task.problem is not None:
            yield from sentences([task.problem], width)
    for family in done.given:
        yield line(("· ", "dim"), (family.ljust(widest), "dim"), ("  given as recorded", "dim"))
    for note in done.notes:
        yield from indented(line(("! ", "warn"), note), 2, width)
    yield _sum(done)
    env = "an environment made as recorded" if done.made else "the present environment"
    yield line(
        "  in ",
        (f"{human.place(done.folder, here)}/", "name"),
        f", {env}; written down on run {done.run_id[:8]}",
    )


def _sum(done: Reproduction) -> Line:
    outputs = [output for task in done.tasks for output in task.outputs]
    same = sum(output.verdict in SAME for output in outputs)
    if done.same:
        said = _BEST[done.verdict]
        return line(
            ("Reproduced", "good"), f" {done.what}: {same:,} of {human.count(len(outputs), 'output')} {said}"
        )
    failed = sum(task.verdict == "failed" for task in done.tasks)
    parts = (
        [f"{len(outputs) - same:,} of {human.count(len(outputs), 'output')} differ"]
        if len(outputs) > same
        else []
    )
    parts += [f"{human.count(failed, 'task')} not made"] if failed else []
    return line(("Not reproduced", "bad"), f" {done.what}: {', '.join(parts)}")
