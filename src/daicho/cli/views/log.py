"""The pipeline runs as a table: what happened in each, and the parameters and metrics in which they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daicho.cli import human
from daicho.cli.line import Line, Style, line, table
from daicho.ledger import Entry
from daicho.verbs.log import Log

_MOST = 4  # parameters, and metrics, that have a column
_MARKS: dict[str, tuple[str, Style]] = {
    "FINISHED": ("✓", "good"), "FAILED": ("✗", "bad"), "KILLED": ("✗", "warn"), "RUNNING": ("↻", "name")
}  # fmt: skip
_ORDER = ("ran", "failed", "timed out", "interrupted", "not started", "reused")


def lines(log: Log, *, width: int | None, whole: bool = False) -> Iterator[Line]:
    """The table, and what it leaves out.

    Args:
        log: The runs.
        width: The terminal's width; None for a pipe.
        whole: A column for everything that differs.
    """
    if not log.entries:
        yield line(("no run fits", "dim"))
        return
    most = None if whole else _MOST
    rows = _rows(log, most)
    while most and width is not None and _wide(rows) > width:
        most -= 1  # a run's name is what people type: columns go before it is cut
        rows = _rows(log, most)
    yield from table(rows, width=width, indent=0)
    for entry in log.entries:
        yield from (
            line("  ", (human.second_half(entry.launch.name), "dim"), ": ", note)
            for note in entry.marks.notes[:1]
        )
    yield from _left_out(log, most)


def _rows(log: Log, most: int | None) -> list[list[Line]]:
    params, metrics = log.parameters[:most], log.metrics[:most]
    heads = ["  run", "when", "who", "target", "what", *_heads([*params, *metrics]), "commit"]
    rows = [[line((head, "dim")) for head in heads]]
    rows += [_row(entry, params, metrics) for entry in log.entries]
    return _without_equal(rows)


def _wide(rows: list[list[Line]]) -> int:
    return sum(max(row[place].width for row in rows) + 2 for place in range(len(rows[0])))


def _left_out(log: Log, most: int | None) -> Iterator[Line]:
    hidden = [
        name for names in (log.parameters, log.metrics) for name in (names[most:] if most is not None else ())
    ]
    if hidden:
        yield line((f"they differ in {len(hidden)} more: -v shows all", "dim"))
    if log.fits > len(log.entries):
        yield line(("there are more: --limit N shows them", "dim"))


def _row(entry: Entry, params: Sequence[str], metrics: Sequence[str]) -> list[Line]:
    mark, style = _MARKS.get(entry.launch.status, ("?", "warn"))
    pinned = line((" pinned", "name")) if entry.marks.pinned else line("")
    return [
        line((mark, style), " ", (human.second_half(entry.launch.name), "strong")) + pinned,
        line(human.when(entry.launch.started)[:16]),
        line(entry.launch.user),
        line(entry.target),
        line(_happened(entry)),
        *(line(entry.params.get(name, "")) for name in params),
        *(line(human.number(entry.metrics[name]) if name in entry.metrics else "") for name in metrics),
        line((f"{entry.commit[:7]}{'*' if entry.dirty else ''}" if entry.commit else "none", "dim")),
    ]


def _happened(entry: Entry) -> str:
    """`2 ran, 1 reused`; of a run that has not ended by itself, its status."""
    known = {outcome: sum(families.values()) for outcome, families in entry.outcomes.items()}
    ordered = [*(each for each in _ORDER if each in known), *(each for each in known if each not in _ORDER)]
    return human.counts((known[outcome], outcome) for outcome in ordered) or entry.launch.status.lower()


def _heads(names: Sequence[str]) -> Iterator[str]:
    """The last part of each name where that tells it from the others, else the whole."""
    lasts = [name.rpartition(".")[2] for name in names]
    return (last if lasts.count(last) == 1 else name for name, last in zip(names, lasts, strict=True))


def _without_equal(rows: list[list[Line]]) -> list[list[Line]]:
    """Without the columns for who and for the target where all rows say the same: they tell nothing apart."""
    same = [place for place in (2, 3) if len(rows) > 2 and len({row[place].plain for row in rows[1:]}) == 1]
    return [[cell for place, cell in enumerate(row) if place not in same] for row in rows]
