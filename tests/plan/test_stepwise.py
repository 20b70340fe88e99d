"""Deciding step by step, as results come in, ends as if all had been known from the start: for any graph and ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import luigi
from hypothesis import given
from hypothesis import strategies as st

from daicho import Task, output
from daicho.fingerprint import observed
from daicho.fingerprint.key import content_of, content_of_wrapper, key_of
from daicho.fingerprint.parts import Parts
from daicho.plan.planner import Planner
from daicho.record import Record
from daicho.task.graph import Graph, Node
from tests.plan.memory import Shelf, alone, carry_out, planner, written


class Step(Task):
    """A task."""

    name: int
    needs: list[luigi.Task] = []
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


class Gather(Task):
    """A wrapper."""

    name: int
    needs: list[luigi.Task] = []


@dataclass(frozen=True)
class Found:
    """A record that is there for a task's true key: what it holds, and in which state it is."""

    content: int
    state: str


@dataclass(frozen=True)
class Shape:
    """One task of a random graph: whether it is a wrapper, what it needs, what is recorded, what it would write."""

    wrapper: bool
    needs: Sequence[int]
    records: Sequence[Found]
    writes: int


STATES = ("ok", "missing", "changed", "other extra", "superseded")


@st.composite
def shapes(draw: st.DrawFn, states: tuple[str, ...] = STATES) -> list[Shape]:
    """A random graph, each task after what it needs, the last one needing something of the rest."""
    found = st.builds(Found, st.integers(0, 2), st.sampled_from(states))
    count = draw(st.integers(1, 8))
    return [
        Shape(
            wrapper=place > 0 and draw(st.integers(0, 4)) == 0,
            needs=draw(st.lists(st.integers(0, place - 1), unique=True, max_size=3)) if place else [],
            records=draw(st.lists(found, max_size=3)),
            writes=draw(st.integers(0, 2)),
        )
        for place in range(count)
    ]


@dataclass
class World:
    """The tasks of a shape, and the truth about them, found without a planner.

    Attributes:
        contents: What each task gives in the end.
        runs: The tasks that must run.
        winners: The run whose result each other task has.
    """

    shelf: Shelf = field(default_factory=Shelf)
    tasks: list[luigi.Task] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    winners: dict[str, str] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)

    def planner(self) -> Planner:
        """A planner of all tasks."""
        return planner(self.shelf, *self.tasks)

    def write(self, node: Node) -> int:
        """What a task writes when it runs."""
        return self.writes[node.task_id]


def world(shape: list[Shape]) -> World:
    """Build the tasks, and fill the ledger along the truth: each task's records are for its true key."""
    made = World()
    for name, each in enumerate(shape):
        needs = [made.tasks[need] for need in each.needs]
        made.tasks.append(Gather(name=name, needs=needs) if each.wrapper else Step(name=name, needs=needs))
        made.writes[made.tasks[-1].task_id] = each.writes
    blank = made.planner()
    for name, each in enumerate(shape):
        node = blank.graph.nodes[made.tasks[name].task_id]
        inputs = {edge.role: made.contents[edge.task_id] for edge in node.edges}
        if node.kind == "wrapper":
            made.contents[node.task_id] = content_of_wrapper(inputs)
        else:
            key = key_of(blank.parts[node.task_id], inputs)
            _settle(made, node, blank.parts[node.task_id], key, each)
    return made


def _settle(made: World, node: Node, parts: Parts, key: str, shape: Shape) -> None:
    kept = [(found, _put(made.shelf, node, parts, key, found)) for found in shape.records]
    for found, run_id in kept:
        if found.state == "superseded":
            made.shelf.put(Record(parts.task, "", None, supersedes=(run_id,)))
    whole = [(found, run_id) for found, run_id in kept if found.state == "ok"]
    if whole:
        made.winners[node.task_id] = whole[0][1]
    else:
        made.runs.add(node.task_id)
    content = whole[0][0].content if whole else shape.writes
    made.contents[node.task_id] = content_of(written(node, content))


def _put(shelf: Shelf, node: Node, parts: Parts, key: str, found: Found) -> str:
    extra = {observed.parameter("gone", "seed"): "0"} if found.state == "other extra" else {}
    outputs = written(node, found.content)
    record = shelf.put(Record(parts.task, node.task_id, key, outputs=outputs, extra=extra))
    assert record.run_id is not None
    if found.state in ("missing", "changed"):
        shelf.states[record.run_id] = found.state  # type: ignore[assignment]
    if found.state == "spoilt":
        shelf.spoilt.add(record.run_id)
    return record.run_id


@given(shapes(), st.randoms(use_true_random=False))
def test_step_by_step_is_as_if_all_were_known(shape: list[Shape], random: Random) -> None:
    """Whatever is recorded and in whatever order tasks end: exactly those run that must, and all have the true content.

    A plan made afterwards, when all is known, finds every result, and the very same ones.
    """
    with alone():
        made = world(shape)
        first = made.planner()
        ran = carry_out(first, made.shelf, made.write, order=random.choice)
        assert made.runs == set(ran)
        assert made.contents == first.contents
        again = made.planner()
        assert again.plan().nothing_to_do
        assert made.contents == again.contents
        assert made.winners | first.runs == _winners(again)


@given(shapes())
def test_what_can_be_told_before_is_true(shape: list[Shape]) -> None:
    """What the plan says before anything runs (`run`, `reuse`) is what happens; only `undecided` is open."""
    with alone():
        made = world(shape)
        plan = made.planner().plan()
        for task_id, decision in plan:
            if plan.graph.nodes[task_id].kind == "task" and decision.verdict != "undecided":
                assert (task_id in made.runs) == (decision.verdict == "run")
            if decision.verdict == "undecided":
                assert _below(plan.graph, task_id) & made.runs


@given(shapes((*STATES, "spoilt")), st.randoms(use_true_random=False))
def test_nobody_reads_wrong_bytes(shape: list[Shape], random: Random) -> None:
    """A task that runs reads only results of this launch, or recorded ones whose bytes were found to be right."""
    with alone():
        made = world(shape)
        first = made.planner()
        before = len(made.shelf.runs)
        carry_out(first, made.shelf, made.write, order=random.choice)
        for record in made.shelf.records[before:]:
            for read in record.inputs:
                assert read.run_id is not None
                assert read.run_id not in made.shelf.spoilt
                assert read.run_id in made.shelf.fetched or read.run_id in first.runs.values()
        assert made.planner().plan().nothing_to_do


@given(shapes(), st.integers(0, 7))
def test_forcing_never_changes_what_others_see(shape: list[Shape], place: int) -> None:
    """Forcing a task runs it, and the rest still ends with the content that follows from what it wrote."""
    with alone():
        made = world(shape)
        task = made.tasks[place % len(made.tasks)]
        first = planner(made.shelf, *made.tasks, forced=[task])
        ran = carry_out(first, made.shelf, made.write)
        assert (task.task_id in ran) == (first.graph.nodes[task.task_id].kind == "task")
        again = made.planner()
        assert again.plan().nothing_to_do
        assert first.contents == again.contents


def _winners(made: Planner) -> dict[str, str]:
    return {
        task_id: str(decision.record.run_id)
        for task_id, decision in made.decisions.items()
        if decision.record is not None
    }


def _below(graph: Graph, task_id: str) -> set[str]:
    below: set[str] = set()
    waiting = [task_id]
    while waiting:
        for edge in graph.nodes[waiting.pop()].edges:
            if edge.task_id not in below:
                below.add(edge.task_id)
                waiting.append(edge.task_id)
    return below


def test_the_truth_is_not_the_planners() -> None:
    """The properties above can fail: a record for another key is nobody's result."""
    with alone():
        made = world([Shape(False, [], [Found(0, "ok")], 1)])
        (record,) = made.shelf.records
        shelf = Shelf()
        shelf.put(replace(record, key="0" * 64))
        assert [made.tasks[0].task_id] == carry_out(planner(shelf, *made.tasks), shelf)
