"""Answers that stand for a moment: one question for many tasks, and none where nothing was heard of since."""

from __future__ import annotations

import time

import luigi
import pytest

from daicho import Task, output
from daicho.plan.answers import Answers
from tests.plan.memory import Shelf, carry_out, planner, written


class Step(Task):
    """A task with any number of needs."""

    number: int
    needs: list[luigi.Task] = []
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def test_asked_once_for_many() -> None:
    """What was asked a moment ago is not asked again, nor is what has no record."""
    memory = Shelf()
    known = Answers(memory)
    known.ask(["a", "b"], mark=1)
    assert known.find(["a"]) == {"a": []}
    assert known.find(["b", "a"]) == {"a": [], "b": []}
    assert [frozenset("ab")] == memory.asked
    assert known.find(["a", "c"]) == {"a": [], "c": []}
    assert [frozenset("ab"), frozenset("c")] == memory.asked


def test_another_mark_is_another_question() -> None:
    """An answer stands as long as nothing else was heard of; it is fresh even then."""
    known = Answers(Shelf())
    known.ask(["a"], mark=1)
    assert (True, False) == (known.stands("a", 1), known.stands("a", 2))
    assert known.fresh("a")
    known.ask(["b"], mark=2)
    assert (True, False, True) == (known.stands("a", 1), known.stands("a", 2), known.stands("b", 2))


def test_nothing_stands_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other machines record as well: after a moment it is asked again."""
    memory = Shelf()
    known = Answers(memory)
    now = time.monotonic()
    known.ask(["a"])
    assert known.stands("a", None)
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert not known.fresh("a")
    known.find(["a"])
    assert 2 == len(memory.asked)


def test_turns_of_many_tasks_are_one_question(shelf: Shelf) -> None:
    """Tasks that wait for the same are asked about when the first has its turn; after another mark, one by one."""
    first = Step(number=-1)
    many = [Step(number=number, needs=[first]) for number in range(5)]
    made = planner(shelf, *many)
    made.plan()
    made.turn(first.task_id)
    made.finished(first.task_id, written(made.graph.nodes[first.task_id], 0))
    shelf.asked.clear()
    for each in many[:3]:
        decision = made.turn(each.task_id, mark=1)
        assert ("run", decision) == (decision.verdict, made.turn(each.task_id, again=True, mark=1))
    assert [5] == [len(keys) for keys in shelf.asked]
    made.turn(many[3].task_id, again=True, mark=2)
    made.turn(many[4].task_id, mark=2)
    assert [5, 1, 1] == [len(keys) for keys in shelf.asked]


def test_what_was_heard_of_is_found(shelf: Shelf) -> None:
    """A result that another launch records meanwhile is reused once its mark is heard."""
    task = Step(number=0)
    made, other = planner(shelf, task), planner(shelf, task)
    made.plan()
    assert "run" == made.turn(task.task_id, mark=1).verdict
    carry_out(other, shelf)
    assert "reuse" == made.turn(task.task_id, again=True, mark=2).verdict
