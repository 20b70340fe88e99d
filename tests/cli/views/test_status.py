"""A plan, as it is printed."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views.status import lines, to_run
from daicho.plan.plan import Plan
from tests.cli.values import decision, plan

MIXED = plan(
    [
        decision("reuse", run_id="0bcfd6ae" + "0" * 24, user="ana"),
        decision(
            "run",
            "seed: 0 -> 1",
            "code: `build` changed (a/rather/long/way/to/the/file/of/the/classifier.py:117)",
        ),
        decision("reuse"),
    ],
    decision("undecided", "decided once `Numbers(seed=1)` has run"),
)


def text(value: Plan, width: int | None = 80, *, whole: bool = False) -> str:
    """A plan as text."""
    return "\n".join(each.plain for each in lines(value, width=width, whole=whole))


@pytest.mark.parametrize("width", [60, 80, 140, None])
def test_the_table_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """Each task with what would be done and why."""
    shown = text(MIXED, width)
    assert snapshot == shown
    assert width is None or max(map(len, shown.splitlines())) <= width


def test_nothing_to_do(snapshot: SnapshotAssertion) -> None:
    """Where all results are there, the last line says so."""
    assert snapshot == text(plan([decision("reuse")], decision("reuse")))


def test_long_graphs_are_grouped(snapshot: SnapshotAssertion) -> None:
    """Of a thousand equal tasks, how many run is told, with the reason that most have."""
    parts = [decision("reuse")] * 998 + [decision("run", "seed: 0 -> 1"), decision("run", "seed: 0 -> 1")]
    long = plan(parts, decision("undecided", "decided once `Numbers(seed=998)` has run"))
    assert snapshot == text(long)
    assert 1002 == len(text(long, whole=True).splitlines())


def test_several_reasons_of_a_group_are_counted() -> None:
    """Beside the commonest reason the number of others is told."""
    parts = [decision("run", "first run")] * 40 + [decision("run", "seed: 0 -> 1")]
    grouped = text(plan(parts, decision("undecided")))
    assert "41 run: first run, and 1 other reason" in grouped.splitlines()[0]


def test_whether_something_would_run() -> None:
    """What is undecided may run, and counts."""
    assert to_run(MIXED)
    assert to_run(plan([decision("reuse")], decision("undecided")))
    assert not to_run(plan([decision("reuse")], decision("reuse")))
