"""Looking ahead: two questions where nothing changed, and never another plan than level by level, whatever was left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import luigi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho import Task, output
from daicho.ledger import Launch, Trail, Withdrawal
from daicho.plan.deep import deep_keys, deep_marks
from daicho.plan.planner import Planner
from tests.plan.memory import Shelf, alone, carry_out, planner
from tests.plan.test_stepwise import STATES, Shape, World, shapes, world

LENGTH = 30


class Step(Task):
    """A task of a chain, with seeds of its own and of those below it."""

    seeds: list[int]
    out = output("out.json")

    def requires(self) -> list[luigi.Task]:
        return [Step(seeds=self.seeds[:-1])] if self.seeds[1:] else []

    def run(self) -> None:
        self.out.save(None)


def chain(changed: int | None = None, seed: int = 1) -> Step:
    """The last task of a chain, perhaps with another seed in one place."""
    return Step(seeds=[seed if place == changed else 0 for place in range(LENGTH)])


def questions(shelf: Shelf, target: luigi.Task) -> list[int]:
    """By how many digests each question for a plan of a target asks."""
    shelf.asked.clear()
    planner(shelf, target).plan()
    return [len(keys) for keys in shelf.asked]


def test_nothing_changed_is_two_questions(shelf: Shelf) -> None:
    """However long a chain is: what the last launch has left, and whether it still stands."""
    carry_out(planner(shelf, chain()), shelf)
    assert [2, LENGTH] == questions(shelf, chain())
    shelf.trails.clear()
    assert [2, *[1] * LENGTH] == questions(shelf, chain())


def test_each_level_that_changed_is_one_more(shelf: Shelf) -> None:
    """What stands above the change is asked about at once, what was changed or follows from it level by level."""
    carry_out(planner(shelf, chain()), shelf)
    assert [2, 20, 1] == questions(shelf, chain(20))  # it must run, so nothing below is known
    carry_out(planner(shelf, chain(20)), shelf)
    assert [2, LENGTH] == questions(shelf, chain(20))
    assert [2, LENGTH] == questions(shelf, chain())


def test_equal_bytes_below_a_change_are_found(shelf: Shelf) -> None:
    """A changed task that gives what it gave before: its dependants' keys are the same, though what they are is not."""

    def content(_: object) -> int:
        return 0

    carry_out(planner(shelf, chain()), shelf, content)
    ran = carry_out(planner(shelf, chain(20)), shelf, content)
    shelf.trails.pop()  # as if that launch had not come to its end
    assert LENGTH - 20 == len(ran)  # a seed is a parameter of all that follow
    assert [2, 20, *[1] * (LENGTH - 20)] == questions(shelf, chain(20))


def test_other_variants_in_between(shelf: Shelf) -> None:
    """An equal launch is found though many of other variants came after it, with one question more."""
    for seed in range(5):
        carry_out(planner(shelf, chain(20, seed)), shelf)
    assert [2, 1, LENGTH] == questions(shelf, chain())
    assert [2, LENGTH] == questions(shelf, chain(20, 4))


def test_one_level_asks_nothing_ahead(shelf: Shelf) -> None:
    """Tasks that depend on nothing are one question anyhow."""
    tasks = [Step(seeds=[seed]) for seed in range(3)]
    carry_out(planner(shelf, *tasks), shelf)
    shelf.asked.clear()
    assert planner(shelf, *tasks).plan().nothing_to_do
    assert [3] == [len(keys) for keys in shelf.asked]


def test_what_was_left_may_be_gone(shelf: Shelf) -> None:
    """A result that was withdrawn, or whose bytes are gone, is not reused because a launch has left its key."""
    carry_out(planner(shelf, chain()), shelf)
    key = shelf.records[10].key
    assert key is not None
    shelf.withdrawals[key] = Withdrawal("wrong", "ana", "2026-11-24T07:09:15Z")
    verdicts = [decision.verdict for _, decision in planner(shelf, chain()).plan()]
    assert [*["reuse"] * 10, "run", *["undecided"] * (LENGTH - 11)] == verdicts
    shelf.withdrawals.clear()
    shelf.states["run10"] = "missing"
    assert verdicts == [decision.verdict for _, decision in planner(shelf, chain()).plan()]


def test_the_equal_launch_is_known(shelf: Shelf) -> None:
    """The launch that a plan's results are from is known by its digest, without another question."""
    made = planner(shelf, chain())
    carry_out(made, shelf)
    assert None is made.ahead.launch("launch0")
    made = planner(shelf, chain())
    made.plan()
    found = made.ahead.launch("launch0")
    assert found is not None
    assert "launch0" == found.name
    assert None is made.ahead.launch("launch1")


def test_turns_ask_anew(shelf: Shelf) -> None:
    """Answers that were asked for ahead are the plan's alone: what is recorded after it is found at a task's turn."""
    carry_out(planner(shelf, chain()), shelf)
    shelf.put(replace(shelf.records[0], key=None, supersedes=("run0",)))
    made = planner(shelf, chain())
    first = next(iter(made.graph.nodes))
    assert "run" == made.plan().decisions[first].verdict
    later = shelf.put(replace(shelf.records[0], supersedes=()))
    decision = made.turn(first, again=True)
    assert ("reuse", later.run_id) == (decision.verdict, decision.record and decision.record.run_id)


@dataclass(frozen=True)
class Left:
    """A trail: by which of the digests it is found, and of each task, which key it tells (see `key_told`)."""

    same: bool
    like: bool
    keys: tuple[int, ...]


LEFT = st.builds(Left, st.booleans(), st.booleans(), st.tuples(*[st.integers(0, 3)] * 8))


def key_told(true: str | None, which: int, random: Random) -> str | None:
    """The true key, that of a result that is none, one that nobody has, or nothing."""
    return (true, random.choice("0123456789abcdef") * 64, "f" * 64, None)[which]


def trails(made: World, left: list[Left], random: Random) -> Iterator[Trail]:
    """Trails with right and wrong keys of the tasks of a world."""
    blank = made.planner()
    true = {task_id: decision.key for task_id, decision in planner(made.shelf, *made.tasks).plan()}
    deep = deep_keys(blank.graph, blank.parts, {})
    same, like = deep_marks(blank.graph, deep)
    for each in left:
        keys = {
            deep[task.task_id][:12]: key_told(true[task.task_id], which, random)
            for task, which in zip(made.tasks, each.keys, strict=False)
        }
        marks = [mark[:32] for mark, there in ((same, each.same), (like, each.like)) if there]
        known = {hint: key for hint, key in keys.items() if key is not None}
        yield Trail(Launch("l", "l", "1", 0.0, ""), "", frozenset(marks), known)


@given(
    shapes((*STATES, "spoilt")), st.lists(LEFT, max_size=5), st.booleans(), st.randoms(use_true_random=False)
)
def test_the_plan_is_the_same(shape: list[Shape], left: list[Left], withdrawn: bool, random: Random) -> None:
    """Whatever is recorded, withdrawn, superseded or spoilt, and whatever launches have left: no decision is another."""
    with alone():
        made = world(shape)
        if withdrawn and made.shelf.records:
            key = random.choice(made.shelf.records).key or ""
            made.shelf.withdrawals[key] = Withdrawal("wrong", "ana", "2026-11-24T07:09:15Z")
        without = made.planner().plan()
        assert [] == made.shelf.trails
        made.shelf.trails.extend(trails(made, left, random))
        made.shelf.asked.clear()
        assert without == made.planner().plan()
        assert without.decisions == made.planner().plan().decisions


@given(shapes(), st.randoms(use_true_random=False))
def test_after_any_launch_two_questions_do(shape: list[Shape], random: Random) -> None:
    """What a launch has left answers for the whole graph, as long as no result is gone since."""
    with alone():
        made = world([Shape(each.wrapper, each.needs, (), each.writes) for each in shape])
        carry_out(made.planner(), made.shelf, made.write, order=random.choice)
        made.shelf.asked.clear()
        again = made.planner()
        assert again.plan().nothing_to_do
        keys = {decision.key for decision in again.decisions.values()} - {None}
        asked = [frozenset(keys)]
        assert asked == made.shelf.asked[-1:]
        assert len(made.shelf.asked) == (2 if _deep(again) else 1)


def _deep(made: Planner) -> bool:
    return any(node.kind == "task" and node.edges for node in made.graph.nodes.values())


@pytest.mark.parametrize("junk", [{}, {"0" * 12: "not a key"}])
def test_junk_costs_nothing_but_a_question(shelf: Shelf, junk: dict[str, str]) -> None:
    """A trail that holds nothing of use changes nothing."""
    carry_out(planner(shelf, chain()), shelf)
    shelf.trails[:] = [replace(trail, keys=junk) for trail in shelf.trails]
    assert planner(shelf, chain()).plan().nothing_to_do
