"""The end of a run: what was done, where its results lie, how good they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from daicho.cli import human
from daicho.cli.line import Line, line, table, wrap
from daicho.engine.report import Run, RunTask
from daicho.engine.results import Outcome

_MOST = 5  # tasks whose metrics are shown
_BAD: tuple[Outcome, ...] = ("failed", "timed out")


def lines(run: Run, *, width: int | None, here: Path) -> Iterator[Line]:
    """The summary of a run.

    Args:
        run: The run.
        width: The terminal's width; None for a pipe.
        here: The current folder: what lies below it is shown from there.
    """
    if run.status in ("done", "up to date") and not any(run.of("ran", *_BAD, "not started")):
        yield _up_to_date(run)
        return
    headline = _headline(run) + _recorded(run, here)
    yield from (headline,) if width is None else wrap(headline, width)
    if run.status == "done":
        yield from _results(run, width, here)


def warnings(run: Run) -> tuple[str, ...]:
    """What belongs beside the summary: results that wait, and what is to be known about the project."""
    if run.problem is None:
        return run.notes
    waiting = sum(task.result.waits is not None for task in run.tasks)
    what = human.count(waiting, "result") if waiting else "something"
    verb = "waits" if waiting <= 1 else "wait"
    return (f"{what} {verb} to be recorded: {run.problem}; the next run records what is kept", *run.notes)


def failed(run: Run) -> str | None:
    """What `daicho show` is asked for to see the first failed task whole."""
    task = next(run.of(*_BAD), None)
    if task is None or not run.name or run.run_id is None:
        return None
    alone = sum(other.task == task.task for other in run.tasks) == 1
    name = task.task if alone or task.run_id is None else task.run_id
    return f"{human.second_half(run.name)}/{name}"


def _up_to_date(run: Run) -> Line:
    reused = sum(1 for _ in run.of("reused"))
    fresh = run.status == "done" and run.run_id is not None
    source = f", recorded as {human.second_half(run.name)}" if fresh else ""
    if not fresh and run.name:
        source = f" from {human.second_half(run.name)}"
    return line(
        (run.target, "strong"),
        " is ",
        ("up to date", "good"),
        f": {reused:,} of {reused:,} reused{source} ({human.duration(run.seconds)})",
    )


def _headline(run: Run) -> Line:
    total = {outcome: sum(1 for _ in run.of(outcome)) for outcome in ("ran", "reused")}
    other = human.counts(
        (sum(1 for _ in run.of(outcome)), outcome) for outcome in (*_BAD, "interrupted", "not started")
    )
    took = human.duration(run.seconds)
    counted = f"{f'{other}, ' if other else ''}{total['ran']:,} ran, {total['reused']:,} reused."
    if run.status == "failed":
        return line(("Failed", "bad"), f" after {took}: {counted}")
    if run.status == "interrupted":
        return line(("Interrupted", "warn"), f" after {took}: {counted}")
    return line(("Done", "good"), f" in {took}: {counted}")


def _recorded(run: Run, here: Path) -> Line:
    if run.run_id is None:
        return Line()
    origin = f" ({human.commit(run.commit, dirty=run.dirty)})" if run.commit is not None else ""
    return line(" Recorded as ", (run.name, "name"), f" in {human.store(run.store, here)}{origin}")


def _targets(run: Run) -> list[RunTask]:
    wanted = [name.strip() for name in run.target.split(",")]
    named = [task for task in run.tasks if task.label in wanted or task.task in wanted]
    return [task for task in named if task.outcome in ("ran", "reused") and task.result.outputs][-3:]


def _results(run: Run, width: int | None, here: Path) -> Iterator[Line]:
    """What the tasks measured, then what the target gave and where that lies: a path is never broken."""
    logged = [task for task in run.of("ran") if task.result.metrics][-_MOST:]
    rows = [[line((task.label, "strong")), line(human.metrics(task.result.metrics))] for task in logged]
    for task in _targets(run):
        names = {output.role: output.name for output in task.result.outputs}
        rows.append([line(("Outputs", "strong")), line(", ".join(names.values()))])
        yield from table(rows, width=width)
        start = 4 + max(row[0].width for row in rows)
        yield line("  in".ljust(start)) + _where(task, names, here)
        rows = []
    yield from table(rows, width=width)


def _where(task: RunTask, names: Mapping[str, str], here: Path) -> Line:
    folder = human.folder(task.outputs, names, here)
    if folder is not None:
        return line((f"{folder}/", "name"))
    role, name = next(iter(names.items()))
    return line("the store; to copy one out: ", (f"daicho get {task.task}.{role} -o {name}", "name"))
