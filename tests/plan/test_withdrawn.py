"""Withdrawn results in plans: they are not reused, and the reason is what somebody said."""

from __future__ import annotations

from daicho import Task, output
from daicho.ledger import Withdrawal
from tests.plan.memory import Shelf, carry_out, planner

SAID = Withdrawal("trained on test data", "ana", "2026-11-24T07:09:15Z")


class First(Task):
    """A task."""

    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


class Second(Task):
    """A task that needs it."""

    first: First
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def test_a_withdrawn_result_runs_again(shelf: Shelf) -> None:
    """The task whose result was withdrawn runs, for the reason that was given; what it gives decides what follows."""
    target = Second.configured()
    carry_out(planner(shelf, target), shelf)
    key = shelf.records[0].key
    assert key is not None
    shelf.withdrawals[key] = SAID
    plan = planner(shelf, target).plan()
    found = [(each.verdict, [(why.kind, why.text) for why in each.reasons]) for _, each in plan]
    withdrawn = [("withdrawn", "withdrawn by ana: trained on test data")]
    assert ("run", withdrawn) == found[0]
    assert "undecided" == found[1][0]


def test_equal_bytes_stop_the_wave_after_a_withdrawal(shelf: Shelf) -> None:
    """If the new result is equal, what depends on it stays; if it is another, it runs."""
    target = Second.configured()
    carry_out(planner(shelf, target), shelf)
    shelf.withdrawals[str(shelf.records[0].key)] = SAID
    assert [target.first.task_id] == carry_out(planner(shelf, target), shelf)
    again = carry_out(planner(shelf, target), shelf, content=lambda node: f"other {node.task_id}")
    assert [target.first.task_id, target.task_id] == again
