"""A plan as a table: for each task what would be done with it, and why; equal families together where it is long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from daicho.cli import human
from daicho.cli.line import Line, Style, line, quoted, table
from daicho.plan.plan import Decision, Plan, Verdict

_LONG = 40  # rows from which on families are grouped

_MARKS: dict[Verdict, tuple[str, Style]] = {
    "reuse": ("·", "dim"), "run": ("↻", "warn"), "undecided": ("?", "name")
}  # fmt: skip

_ORDER: tuple[Verdict, ...] = ("run", "undecided", "reuse")  # what a family of several is marked with

Row = tuple[str, str, Decision]  # family, label, decision


def lines(plan: Plan, *, width: int | None, whole: bool = False) -> Iterator[Line]:
    """The table and its sum.

    Args:
        plan: The plan.
        width: The terminal's width; None for a pipe.
        whole: Never group.
    """
    nodes = plan.graph.nodes
    rows = [
        (nodes[task_id].family, plan.label(task_id), decision)
        for task_id, decision in plan
        if nodes[task_id].kind != "wrapper"
    ]
    grouped = len(rows) > _LONG and not whole
    yield from table(_groups(rows) if grouped else map(_row, rows), width=width)
    yield _sum(plan, len(rows))


def to_run(plan: Plan) -> bool:
    """Whether something would run, or could."""
    return any(decision.verdict != "reuse" for _, decision in plan)


def _row(row: Row) -> list[Line]:
    _, label, decision = row
    verdict = decision.verdict
    return [
        *_left(label, verdict),
        line((_origin(decision), "dim")) if verdict == "reuse" else quoted(_why(decision)),
    ]


def _left(label: str, verdict: Verdict) -> list[Line]:
    mark, style = _MARKS[verdict]
    name: Style = "dim" if verdict == "reuse" else "strong"
    return [line((mark, style), " ", (label, name)), line((verdict, style))]


def _why(decision: Decision) -> str:
    return "; ".join(reason.text for reason in decision.reasons)


def _origin(decision: Decision) -> str:
    """Which result is reused, and whose: that it is equal goes without saying."""
    record = decision.record
    if record is None or record.run_id is None:
        return _why(decision)
    others = [reason.text for reason in decision.reasons if reason.kind != "reused"]
    user = record.provenance.get("user")
    moment = f" of {human.when(record.ended)[:16]}" if record.ended else ""
    return "; ".join([f"run {record.run_id[:8]}{moment}{f' by {user}' if user else ''}", *others])


def _groups(rows: Sequence[Row]) -> Iterator[list[Line]]:
    families: dict[str, list[Row]] = {}
    for row in rows:
        families.setdefault(row[0], []).append(row)
    for family, members in families.items():
        yield _row(members[0]) if len(members) == 1 else _group(family, [row[2] for row in members])


def _group(family: str, decisions: Sequence[Decision]) -> list[Line]:
    """`Mid  998 of 1,000 reuse, 2 run: alpha: 0.1 -> 0.3`."""
    found = Counter(decision.verdict for decision in decisions)
    verdict = next(each for each in _ORDER if found[each])
    parts = [f"{found[each]:,} {each}" for each in ("run", "undecided") if found[each]]
    if found["reuse"]:
        parts.insert(0, f"{found['reuse']:,} of {len(decisions):,} reuse")
    return [*_left(family, verdict), line(", ".join(parts)) + _commonest(decisions)]


def _commonest(decisions: Sequence[Decision]) -> Line:
    """The reason that most of those have that would run."""
    texts = Counter(_why(each) for each in decisions if each.verdict == "run" and each.reasons)
    if not texts:
        return Line()
    [(text, times)] = texts.most_common(1)
    others = sum(texts.values()) - times
    return line(": ") + quoted(text) + line(f", and {human.count(others, 'other reason')}" if others else "")


def _sum(plan: Plan, rows: int) -> Line:
    targets = ", ".join(plan.label(task_id) for task_id in plan.graph.targets)
    if not to_run(plan):
        return line((targets, "strong"), " is ", ("up to date", "good"), f": {rows:,} of {rows:,} reused")
    verdicts = plan.counts
    parts = human.counts((verdicts[verdict], verdict) for verdict in ("reuse", "run", "undecided"))
    found = line((targets, "strong"), f": {human.count(rows, 'task')}, {parts}")
    return found + quoted(_open(plan)) if plan.open else found


def _open(plan: Plan) -> str:
    """What cannot be said yet."""
    families = list(dict.fromkeys(plan.graph.nodes[task_id].family for task_id in plan.open))
    names = ", ".join(f"`{family}`" for family in families[:3]) + (", …" if len(families) > 3 else "")
    rest = "yields is known once it runs" if len(families) == 1 else "yield is known once they run"
    return f"; what {names} {rest}"
