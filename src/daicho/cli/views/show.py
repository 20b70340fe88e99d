"""What is recorded: a pipeline run as a table of its tasks, one task's result as all that made it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from daicho.cli import human
from daicho.cli.line import Line, Style, line, table
from daicho.cli.steps import tail
from daicho.cli.text import clean_lines
from daicho.ledger import Marks, withdrawal_of
from daicho.record import OutputRecord, Record
from daicho.verbs.show import Shown

_DEEPEST = 20  # results below one another that are drawn
_MOST = 8  # rows of one kind, unless all are asked for
_STATES: dict[str, tuple[str, str, Style]] = {
    "FINISHED": ("✓", "finished", "good"),
    "FAILED": ("✗", "failed", "bad"),
    "KILLED": ("✗", "interrupted", "warn"),
    "RUNNING": ("↻", "running", "name"),
}

_PLACE = "  in"  # the heading of a path, which is never broken

Section = tuple[str, list[list[Line]]]  # a heading, and rows of cells


def lines(shown: Shown, *, width: int | None, here: Path, whole: bool = False) -> Iterator[Line]:
    """A pipeline run, or a record.

    Args:
        shown: What was found.
        width: The terminal's width; None for a pipe.
        here: The current folder.
        whole: Leave nothing out, and show the log.
    """
    if shown.record is not None:
        yield from _record(shown, shown.record, width, here, whole=whole)
    elif shown.pipeline is not None:
        yield from _pipeline(shown, width)


def _pipeline(shown: Shown, width: int | None) -> Iterator[Line]:
    launch = shown.pipeline
    assert launch is not None
    _, state, style = _state(launch.status)
    yield line((launch.name, "strong"), "  ", (state, style))
    yield line(("  ", ""), (f"{human.when(launch.started)} by {launch.user}, run {launch.run_id}", "dim"))
    if shown.entry is not None and shown.entry.commit:
        yield line("  ", (human.commit(shown.entry.commit, dirty=shown.entry.dirty), "dim"))
    yield from table([_task(shown, record) for record in shown.tasks], width=width)
    if not shown.tasks:
        yield line(("  nothing ran in it: all results were there", "dim"))
    yield from table([_reused(shown, record) for record in shown.reused], width=width)
    yield from _sections(_marks(shown.marks), width, most=None)


def _reused(shown: Shown, record: Record) -> list[Line]:
    values = shown.metrics.get(record.run_id or "", {})
    user = record.provenance.get("user")
    made = f"reused, of {human.when(record.ended)[:16]}{f' by {user}' if user else ''}"
    return [
        line(("·", "dim"), f" {record.task}"),
        line((made, "dim")),
        line((record.run_id or "")[:8]),
        line(human.metrics(values)),
    ]


def _marks(marks: Marks) -> Iterator[Section]:
    """What people have put on a run."""
    yield "tags", [[line((name, "name"), f" = {value}")] for name, value in marks.tags.items()]
    yield "notes", [[line(note)] for note in marks.notes]
    if marks.pinned:
        yield "pinned", [[line(f"by {marks.pinned}")]]
    yield "made again", [[line(check)] for check in marks.checks]


def _task(shown: Shown, record: Record) -> list[Line]:
    mark, state, style = _state(str(record.provenance.get("status", "")))
    took = human.duration(record.seconds) if record.ended and record.seconds >= 0 else ""
    values = shown.metrics.get(record.run_id or "", {})
    withdrawal = withdrawal_of(record)
    if withdrawal is not None:
        return [
            line(("✗", "warn"), f" {record.task}"),
            line((took.rjust(8), "dim")),
            line((record.run_id or "")[:8]),
            line((str(withdrawal), "warn")),
        ]
    return [
        line((mark, style), f" {record.task}"),
        line((took.rjust(8), "dim")),
        line((record.run_id or "")[:8]),
        line(human.metrics(values) if values else "" if state == "finished" else state),
    ]


def _record(shown: Shown, record: Record, width: int | None, here: Path, *, whole: bool) -> Iterator[Line]:
    status = str(record.provenance.get("status", "")) or ("FAILED" if shown.failure else "FINISHED")
    _, state, style = _state(status)
    yield line((record.task, "strong"), "  ", (state, style))
    if shown.forgotten is not None:
        moment = f" ({shown.forgotten.when})" if shown.forgotten.when else ""
        yield line("  ", (f"{shown.forgotten}{moment}", "warn"))
    sections = [*_facts(shown, record), *_contents(shown, record, here), *_surroundings(shown, record)]
    yield from _sections([*sections, *_marks(shown.marks)], width, most=None if whole else _MOST)
    yield from _tree(shown, record, width, most=None if whole else _MOST)
    if shown.failure:
        yield from _text("failure", shown.failure if whole else _without_ours(shown.failure), "bad", None)
    if whole and shown.log.strip():
        yield from _text("log", shown.log, "", None)
    elif shown.log.strip() and shown.failure:
        yield from _text("log", shown.log, "dim", 20)


def _facts(shown: Shown, record: Record) -> Iterator[Section]:
    origin = record.provenance
    of = f", in {shown.pipeline.name}" if shown.pipeline is not None else ""
    yield "run", [[line((record.run_id or "not recorded", "name"), of)]]
    yield "why", [[line(reason)] for reason in record.reasons]
    yield "note", [[line(note)] for note in record.notes]
    if record.ended:
        took = f", took {human.duration(record.seconds)}" if record.seconds >= 0 else ""
        yield "when", [[line(human.when(record.started), took)]]
    machine = _mapping(origin, "machine")
    who = machine.get("user") or origin.get("user")
    if who:
        yield "who", [[line(f"{who} on {machine['host']}" if machine.get("host") else str(who))]]
    yield "parameters", [[line(name), line(_value(value))] for name, value in record.parameters.items()]


def _tree(shown: Shown, record: Record, width: int | None, most: int | None) -> Iterator[Line]:
    """What it stands on: the results that it read, the results that those read, and so on; each once in full."""
    known = {each.run_id: each for each in shown.upstream}
    rows: list[list[Line]] = []
    seen: set[str] = set()
    _grow(record, known, 0, seen, rows)
    if rows:
        yield line(("  stands on", "dim"))
        yield from table(rows if most is None else rows[:most], width=width, indent=4)
        if most is not None and len(rows) > most:
            yield line((f"    and {len(rows) - most} more: -v shows all", "dim"))


def _grow(
    record: Record, known: Mapping[str | None, Record], depth: int, seen: set[str], rows: list[list[Line]]
) -> None:
    for run_id in dict.fromkeys(item.run_id for item in record.inputs if item.run_id):
        roles = ", ".join(item.role for item in record.inputs if item.run_id == run_id)
        below = known.get(run_id)
        task = below.task if below is not None else next(i.task for i in record.inputs if i.run_id == run_id)
        again = run_id in seen
        rows.append(
            [
                line("  " * depth + task),
                line((f"run {run_id[:8]}", "dim")),
                line((_made(below, roles, again=again), "dim")),
            ]
        )
        seen.add(run_id)
        if below is not None and not again and depth < _DEEPEST:
            _grow(below, known, depth + 1, seen, rows)


def _made(record: Record | None, roles: str, *, again: bool) -> str:
    if record is None:
        return f"{roles}; its run is gone"
    if again:
        return f"{roles}; as above"
    git = _mapping(record.provenance, "git")
    commit = (
        f", {human.commit(str(git['commit']), dirty=bool(git.get('dirty')))}" if git.get("commit") else ""
    )
    sources = "".join(f"; source {each.place} {each.digest[:12]}" for each in record.sources[:3])
    return f"{roles}; {human.when(record.ended)[:16]}{commit}{sources}"


def _surroundings(shown: Shown, record: Record) -> Iterator[Section]:
    git, environment = _mapping(record.provenance, "git"), _mapping(record.provenance, "environment")
    if record.code or git:
        name = git.get("commit")
        commit = human.commit(str(name), dirty=bool(git.get("dirty"))) if name else "no commit"
        branch = f", branch {git['branch']}" if git.get("branch") else ""
        digest = f" ({shown.code[:12]})" if shown.code else ""
        yield "code", [[line(f"{human.count(len(record.code), 'definition')}{digest}, {commit}{branch}")]]
    if environment:
        packages = human.count(len(environment.get("packages") or ()), "package")
        parts = (f"Python {environment.get('python')}", packages, str(environment.get("platform", "")))
        yield "environment", [[line(", ".join(part for part in parts if part))]]
    yield "key", [[line(record.key[:32] if record.key else "none: it is not to be found again")]]


def _contents(shown: Shown, record: Record, here: Path) -> Iterator[Section]:
    sources, inputs, outputs = record.sources, record.inputs, record.outputs
    yield (
        "sources",
        [[line(each.place), _size(each.size), line((each.digest[:12], "dim"))] for each in sources],
    )
    yield "inputs", [[line(each.role), line(f"from {each.task}"), _run(each.run_id)] for each in inputs]
    yield (
        "outputs",
        [[_asked(each, shown.output), _size(each.size), line((each.digest[:12], "dim"))] for each in outputs],
    )
    if outputs:
        folder = human.folder(shown.paths, {each.role: each.name for each in outputs}, here)
        yield _PLACE, [[line((f"{folder}/", "name") if folder is not None else "the store")]]
    values = shown.metrics.get(record.run_id or "", {})
    yield "metrics", [[line(name), line(human.number(value))] for name, value in values.items()]


def _asked(output: OutputRecord, role: str | None) -> Line:
    """An output's name; that of the file that was asked for stands out."""
    return line((output.name, "strong" if output.role == role else ""))


def _sections(sections: Iterable[Section], width: int | None, most: int | None) -> Iterator[Line]:
    for title, rows in sections:
        shown = rows[:most]
        heading = title
        room = None if width is None or title == _PLACE else width - 15
        for each in table(shown, width=room, indent=0):
            yield line("  ", (heading.ljust(13), "dim")) + each
            heading = ""
        if len(rows) > len(shown):
            yield line(" " * 15, (f"and {len(rows) - len(shown)} more: -v shows all", "dim"))


def _text(title: str, text: str, style: Style, most: int | None) -> Iterator[Line]:
    listed, total = tail(text, most) if most is not None else (list(clean_lines(text.rstrip())), 0)
    cut = f" (the last {most} of {total:,} lines: -v shows all)" if most is not None and total > most else ""
    yield line("  ", (f"{title}{cut}", "dim"))
    yield from (line("    ", (each, style)) for each in listed)


def _without_ours(trace: str) -> str:
    """A traceback without the frames in which daicho called the task."""
    kept, ours = [], False
    for each in trace.split("\n"):
        if each.startswith('  File "'):
            ours = any(f"/daicho/{folder}/" in each for folder in ("engine", "task"))
        elif not each.startswith("    "):
            ours = False
        if not ours:
            kept.append(each)
    return "\n".join(kept)


def _state(status: str) -> tuple[str, str, Style]:
    return _STATES.get(status, ("?", status.lower() or "unknown", "warn"))


def _size(count: int) -> Line:
    return line((human.size(count).rjust(8), "dim"))


def _run(run_id: str | None) -> Line:
    return line((f"run {run_id[:8]}" if run_id else "", "dim"))


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}
