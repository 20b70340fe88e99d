"""A graph, as it is printed."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho import Task, output
from daicho.cli.views.graph import lines
from daicho.plan.plan import Decision, Plan
from daicho.task.graph import build
from daicho.verbs.graph import Graphed, graphed
from tests.cli.values import decision, plan


class Link(Task):
    """One of a chain."""

    before: list[Link]
    place: int = 0
    out = output("out.json")

    def run(self) -> None:
        """Not run here."""


def _text(graph: Graphed, width: int | None = 80) -> str:
    return "\n".join(each.plain for each in lines(graph, width=width))


@pytest.mark.parametrize("width", [60, 80, 140, None])
def test_the_tree_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """Below each task what it needs, with what would be done and why."""
    parts = [
        decision("reuse", run_id="a" * 32),
        decision("run", "seed: 0 -> 1", "code: `build` changed in a file with a rather long name"),
    ]
    shown = _text(graphed(plan(parts, decision("undecided"))), width)
    assert snapshot == shown
    assert width is None or max(map(len, shown.splitlines())) <= width


def test_what_was_shown_is_only_named() -> None:
    """A task that two others need stands below both; what it needs itself is shown once."""
    first = Link(before=[])
    second = Link(before=[first], place=1)
    graph = build(Link(before=[second, Link(before=[second], place=2)], place=3))
    shown = _text(graphed(Plan(graph, {task_id: Decision("run") for task_id in graph.nodes})), None)
    assert 1 == shown.count("as above")
    assert 6 == len(shown.splitlines())


def test_a_long_chain_is_drawn() -> None:
    """A chain longer than Python's stack is printed, and does not wander off to the right."""
    task = Link(before=[])
    for place in range(1, 1500):
        task = Link(before=[task], place=place)
    graph = build(task)
    shown = _text(graphed(Plan(graph, {task_id: Decision("run") for task_id in graph.nodes})), 80)
    assert 1501 == len(shown.splitlines())
    assert max(map(len, shown.splitlines())) <= 80
