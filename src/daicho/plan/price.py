"""What follows from a decision: the tasks that depend on it, and what it takes to have the result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from daicho.ledger import Ledger
from daicho.plan.plan import Plan


@dataclass(frozen=True)
class Price:
    """What it takes to have the result.

    Attributes:
        run: How many tasks must run for it, itself included.
        undecided: How many more may have to.
        seconds: How long all these took the last time.
        unknown: How many of them never ran.
        fetch: How many bytes of results that are reused have to be brought from elsewhere for it.
    """

    run: int = 0
    undecided: int = 0
    seconds: float = 0.0
    unknown: int = 0
    fetch: int = 0


def following(plan: Plan, task_id: str) -> Iterator[str]:
    """The tasks that depend on one, near ones first; wrappers are none."""
    waiting, seen = [task_id], {task_id}
    for current in waiting:
        for each in plan.graph.dependants[current]:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
                if plan.graph.nodes[each].kind != "wrapper":
                    yield each


def price_of(ledger: Ledger, plan: Plan, task_id: str) -> Price:
    """What it takes to have the result of a task."""
    waiting, seen = [task_id], {task_id}
    for current in waiting:
        below = dict.fromkeys(
            edge.task_id for edge in plan.graph.nodes[current].needs if edge.task_id not in seen
        )
        seen.update(below)
        waiting.extend(each for each in below if plan.decisions[each].verdict != "reuse")
    work = [each for each in waiting if plan.decisions[each].verdict != "reuse"]
    work = [each for each in work if plan.graph.nodes[each].kind != "wrapper"]
    took = {family: _last_time(ledger, family) for family in {plan.graph.nodes[each].family for each in work}}
    seconds = [took[plan.graph.nodes[each].family] for each in work]
    run = sum(plan.decisions[each].verdict == "run" for each in work)
    fetch = _to_fetch(ledger, plan, [*work, task_id])
    return Price(run, len(work) - run, sum(filter(None, seconds)), seconds.count(None), fetch)


def _to_fetch(ledger: Ledger, plan: Plan, task_ids: Iterable[str]) -> int:
    """The bytes that lie elsewhere: of what these tasks read, and of those among them that are reused."""
    away: dict[tuple[str, str], int] = {}

    def note(task_id: str, reads: Collection[str] | None) -> None:
        record = plan.decisions[task_id].record
        if plan.decisions[task_id].verdict != "reuse" or record is None:
            return
        for output in record.outputs:
            if (reads is None or output.role in reads) and not ledger.is_here(record, output):
                away[task_id, output.role] = output.size

    for task_id in task_ids:
        note(task_id, None)
        if plan.decisions[task_id].verdict != "reuse":
            for edge in plan.graph.reads(task_id):
                note(edge.task_id, edge.reads)
    return sum(away.values())


def _last_time(ledger: Ledger, family: str) -> float | None:
    newest = ledger.newest(family, limit=1)
    if not newest:
        return None
    return max((ledger.details(newest[0]) or newest[0]).seconds, 0.0)
