"""The graph of a target: order, rings, clashes, labels; long chains and wide diamonds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import luigi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho import Task, output, param
from daicho.errors import DeclarationError, GraphError
from daicho.task.graph import Edge, Graph, build
from daicho.task.task import TaskMeta
from tests.task.making import task_with


class Leaf(Task):
    x: Any = 0
    threads: int = param(default=1, significant=False)
    table = output("table.csv")

    def run(self) -> None:
        self.table.save(self.x)


class Group(Task):
    """A wrapper: no `run()`, only stands for what it needs."""

    name: str = ""
    members: list[Task] = []


class Step(Task):
    number: int
    needs: list[Task] = []

    def run(self) -> None:
        pass


class Ringed(Task):
    """Needs what its table says, by Luigi's `requires()`: the only way to a ring of instances."""

    name: str
    table: dict[str, list[str]]

    def requires(self) -> list[Task]:
        return [Ringed(name=name, table=self.table) for name in self.table.get(self.name, [])]


def _ids(graph: Graph) -> list[str]:
    return list(graph.nodes)


def test_every_task_comes_after_what_it_needs() -> None:
    """The nodes stand in an order in which they can run, each once."""
    left, right = Leaf(x="l"), Leaf(x="r")
    middle = Step(number=1, needs=[left, right])
    top = Step(number=2, needs=[middle, right])
    graph = build(top)
    assert [left.task_id, right.task_id, middle.task_id, top.task_id] == _ids(graph)
    assert (top.task_id,) == graph.targets
    assert [("needs[0]", middle.task_id), ("needs[1]", right.task_id)] == [
        (edge.role, edge.task_id) for edge in graph.nodes[top.task_id].edges
    ]
    assert (middle.task_id, top.task_id) == graph.dependants[right.task_id]
    assert () == graph.dependants[top.task_id]


def test_several_targets_make_one_graph() -> None:
    """What two targets share is there once; a target that is named twice is one."""
    leaf = Leaf()
    one, other = Step(number=1, needs=[leaf]), Step(number=2, needs=[leaf])
    graph = build(one, other, one)
    assert (one.task_id, other.task_id) == graph.targets
    assert [leaf.task_id, one.task_id, other.task_id] == _ids(graph)


def test_a_target_may_be_another_s_dependency() -> None:
    """A task that is asked for and needed is one node."""
    leaf = Leaf()
    top = Step(number=1, needs=[leaf])
    assert _ids(build(top)) == _ids(build(leaf, top)) == _ids(build(top, leaf))


@given(
    st.integers(1, 12).flatmap(
        lambda size: st.lists(st.sets(st.integers(0, size - 1)), min_size=size, max_size=size)
    )
)
def test_any_graph_is_ordered(needs: list[set[int]]) -> None:
    """For any table of needs without a ring, each task stands after what it needs, and nothing is missing."""
    made: list[Task] = []
    for number, below in enumerate(needs):
        made.append(Step(number=number, needs=[made[each] for each in sorted(below) if each < number]))
    graph = build(*made)
    assert {task.task_id for task in made} == set(graph.nodes)
    place = {task_id: place for place, task_id in enumerate(graph.nodes)}
    for task_id, node in graph.nodes.items():
        assert all(place[edge.task_id] < place[task_id] for edge in node.edges)
        assert all(task_id in graph.dependants[edge.task_id] for edge in node.edges)


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("abcde"), max_size=2, unique=True)))
def test_a_ring_is_found_exactly_where_there_is_one(table: dict[str, list[str]]) -> None:
    """Building fails exactly if some task is reached from itself."""

    def reach(start: str, name: str, seen: set[str]) -> bool:
        return any(
            each == start or (each not in seen and reach(start, each, seen | {each}))
            for each in table.get(name, [])
        )

    below = {"a"}
    while more := {each for name in below for each in table.get(name, [])} - below:
        below |= more
    ringed = any(reach(name, name, set()) for name in below)
    try:
        build(Ringed(name="a", table=table))
    except GraphError:
        assert ringed
    else:
        assert not ringed


def test_a_ring_of_instances_is_shown() -> None:
    """A ring is shown from a task around to the same task, without what merely led to it."""
    table = {"a": ["b"], "b": ["c"], "c": ["b"]}
    with pytest.raises(GraphError) as caught:
        build(Ringed(name="a", table=table))
    assert "tasks depend on each other in a ring: `Ringed` -> `Ringed` -> `Ringed`" == caught.value.message
    assert caught.value.hints


def test_a_long_ring_is_shown_in_part() -> None:
    """Of a ring of many tasks the beginning and the end are shown."""
    table = {str(number): [str((number + 1) % 50)] for number in range(50)}
    with pytest.raises(GraphError, match=r"\.\.\.") as caught:
        build(Ringed(name="0", table=table))
    assert len(caught.value.message) < 200


def test_kinds_of_tasks_are_told_apart() -> None:
    """A task of ours that runs, a wrapper that does not, and any other task of Luigi."""

    class Plain(luigi.Task):
        def requires(self) -> Any:
            return [Leaf()]

    class Top(Task):
        plain: Plain
        group: Group

    graph = build(Top.configured())
    kinds = {node.family: node.kind for node in graph.nodes.values()}
    assert {"Leaf": "task", "Plain": "plain", "Group": "wrapper", "Top": "wrapper"} == kinds
    outputs = {node.family: list(node.outputs) for node in graph.nodes.values()}
    assert {"Leaf": ["table"], "Plain": [], "Group": [], "Top": []} == outputs


def test_two_that_differ_only_where_it_does_not_count_are_refused() -> None:
    """Two instances with one id would get each other's result: refused with the parameter and both values."""
    with pytest.raises(GraphError) as caught:
        build(Step(number=1, needs=[Leaf(threads=1), Step(number=2, needs=[Leaf(threads=2)])]))
    assert "two tasks `Leaf` differ only in `threads`, which does not count (1 and 2)" == caught.value.message
    assert ("give them one value, or make `threads` significant",) == caught.value.hints
    for targets in (
        (Leaf(threads=1), Leaf(threads=2)),
        (Step(number=1, needs=[Leaf(threads=1), Leaf(threads=2)]),),
    ):
        with pytest.raises(GraphError, match="differ only in `threads`"):
            build(*targets)


def test_what_does_not_count_reaches_its_task() -> None:
    """A task gets the very dependency that it was given, also where another was given before that counts the same."""
    one, other = (Step(number=1, needs=[Leaf(threads=threads)]) for threads in (1, 2))
    assert one.task_id == other.task_id
    assert [1, 2] == [each.needs[0].threads for each in (one, other)]  # type: ignore[attr-defined]


def test_twins_are_found_wherever_they_hide() -> None:
    """Two tasks that are equal but for what a dependency of theirs is given are refused, at any depth."""

    def tower(threads: int) -> Task:
        task: Task = Leaf(threads=threads)
        for number in range(30):
            task = Group(name=str(number), members=[Leaf(x=1), task])
        return task

    with pytest.raises(GraphError, match="two tasks `Leaf` differ only in `threads`"):
        build(Step(number=1, needs=[tower(1), tower(2)]))
    assert 33 == len(build(Step(number=1, needs=[tower(1), tower(1)])).nodes)


def test_one_value_that_does_not_count_is_fine() -> None:
    """The same insignificant value everywhere is no clash."""
    assert 2 == len(build(Step(number=1, needs=[Leaf(threads=2), Leaf(threads=2)])).nodes)


def test_two_classes_of_one_name_are_refused() -> None:
    """Two classes of one family in one graph: refused with both modules."""
    one = task_with(int, "Twin", x=0)
    other = task_with(int, "Twin", x=1, __module__=__name__)
    with pytest.raises(GraphError) as caught:
        build(Group(members=[one(), other()]))
    assert (
        f"two task classes are called `Twin`: one in `tests.task.making`, one in `{__name__}`"
        == caught.value.message
    )
    assert "task_namespace" in caught.value.hints[0]
    spaced = task_with(int, "Twin", x=1, __module__=__name__, task_namespace="other")
    assert 3 == len(build(Group(members=[one(), spaced()])).nodes)


def test_outputs_without_run_are_refused() -> None:
    """A task that declares outputs must save them."""

    class Idle(Task):
        table = output("a.csv")

    with pytest.raises(DeclarationError, match=r"`Idle` declares outputs but has no `run\(\)`") as caught:
        build(Idle())
    assert ("write `def run(self)` that saves `table`",) == caught.value.hints


class Yields(Task):
    """What it yields is no edge: it is not known before it runs."""

    def run(self) -> Any:
        yield Leaf()


class Above(Task):
    """It needs one that yields."""

    below: Yields

    def run(self) -> None: ...


def test_what_a_run_yields_joins_the_graph_later() -> None:
    """It comes before the task that yields it, which may read it, though it is no part of its key."""
    task, leaf = Yields(), Leaf()
    graph = build(task)
    assert [task.task_id] == list(graph.nodes)
    more = {key: node for key, node in build(leaf, known=graph.nodes).nodes.items() if key != task.task_id}
    grown = graph.grown(more, {task.task_id: (Edge("yield[0]", leaf.task_id),)})
    assert ([leaf.task_id, task.task_id], graph.targets) == (list(grown.nodes), grown.targets)
    assert ((), ("yield[0]",)) == (
        grown.nodes[task.task_id].edges,
        tuple(edge.role for edge in grown.nodes[task.task_id].needs),
    )
    assert (task.task_id,) == grown.dependants[leaf.task_id]
    assert ["yield[0]"] == [role for role, _ in grown.readable(task.task_id)]
    assert [task.task_id] == list(grown.grown({}, {task.task_id: ()}).pruned().nodes)


def test_yielding_what_needs_oneself_is_a_ring() -> None:
    """No order would do: it is said with the ring's tasks, as for declared dependencies."""
    above = Above.configured()
    graph = build(above)
    below = above.below.task_id
    with pytest.raises(
        GraphError, match="in a ring: `Above` -> `Yields` -> `Above`|`Yields` -> `Above` -> `Yields`"
    ):
        graph.grown({}, {below: (Edge("yield[0]", above.task_id),)})


def test_a_wrapper_lends_what_it_stands_for() -> None:
    """A task may read what it needs and, through wrappers, what these need: each once, by the shortest way."""
    one, two, three, hidden = (Leaf(x=number) for number in range(4))
    inner = Group(name="inner", members=[two, Step(number=0, needs=[hidden])])
    outer = Group(name="outer", members=[one, inner, three])
    top = Step(number=9, needs=[outer, three])
    graph = build(top)
    found = {role: node.task for role, node in graph.readable(top.task_id)}
    assert {
        "needs[0]": outer,
        "needs[1]": three,
        "needs[0].members[0]": one,
        "needs[0].members[1]": inner,
        "needs[0].members[1].members[0]": two,
        "needs[0].members[1].members[1]": Step(number=0, needs=[hidden]),
    } == found
    assert [] == list(graph.readable(one.task_id))


LABELS: list[tuple[list[Any], list[str]]] = [
    ([0], ["Leaf"]),
    ([0, 1], ["Leaf(x=0)", "Leaf(x=1)"]),
    (["a", "b"], ["Leaf(x=a)", "Leaf(x=b)"]),
    ([date(2024, 1, 1), date(2024, 1, 2)], ["Leaf(x=2024-01-01)", "Leaf(x=2024-01-02)"]),
    ([[1, 2], []], ["Leaf(x=[1, 2])", "Leaf(x=[])"]),
    ([Path("a/b"), None], ["Leaf(x=a/b)", "Leaf(x=None)"]),
    (["a" * 30, "b"], ["Leaf(x=aaaaaaaaaaaaaaaaaaaaa...)", "Leaf(x=b)"]),
]


@pytest.mark.parametrize(("values", "labels"), LABELS)
def test_a_label_tells_a_task_from_its_siblings(values: list[Any], labels: list[str]) -> None:
    """A label is the family where it is alone, and else what differs, cut where there is much."""
    tasks: list[Task] = [Leaf(x=value) for value in values]
    graph = build(Group(members=tasks))
    assert labels == [graph.label(task.task_id) for task in tasks]


@given(st.lists(st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False), max_size=5))
def test_no_two_tasks_have_one_label(values: list[Any]) -> None:
    """However alike the values look, two tasks of a graph have two labels."""
    graph = build(Group(members=[Leaf(x=value) for value in [*values, "a" * 40, "a" * 41, 1, 1.0, True]]))
    labels = [graph.label(task_id) for task_id in graph.nodes]
    assert len(labels) == len(set(labels))


def test_a_family_with_namespace_is_named_whole() -> None:
    """A label shows the family with its namespace."""
    made = task_with(int, "Spaced", x=0, task_namespace="my.ns")
    assert "my.ns.Spaced" == build(made()).label(made().task_id)


def _quickly(seconds: float, work: Callable[[], Graph]) -> Graph:
    """The result of some work that must be quick; the time is that of this process alone."""
    start = time.process_time()
    found = work()
    assert time.process_time() - start < seconds
    return found


def test_a_chain_of_ten_thousand_is_built() -> None:
    """A long chain neither recurses nor slows down: attributes, ids, order, labels, dependants."""

    def chain() -> Graph:
        task: Task = Leaf()
        for number in range(10_000):
            task = Step(number=number, needs=[task])
        return build(task)

    graph = _quickly(10, chain)
    assert 10_001 == len(graph.nodes)
    assert "Leaf" == graph.nodes[next(iter(graph.nodes))].family
    assert "Step(number=9999" in graph.label(graph.targets[0])
    assert 10_001 == len(graph.dependants)


def test_a_chain_of_ten_thousand_by_requires_is_built() -> None:
    """The same by Luigi's `requires()`."""

    class Below(Task):
        number: int

        def requires(self) -> list[Task]:
            return [Below(number=self.number - 1)] if self.number else []

    assert 10_001 == len(_quickly(10, lambda: build(Below(number=10_000))).nodes)


@pytest.mark.parametrize("depth", [25, 400])
def test_a_diamond_of_wrappers_is_built(depth: int) -> None:
    """Layers of two wrappers that each need both below are linear in their number."""

    def diamond() -> Graph:
        layer: list[Task] = [Leaf(x=0), Leaf(x=1)]
        for number in range(depth):
            layer = [Group(name=f"{number}{side}", members=layer) for side in "lr"]
        return build(Step(number=0, needs=layer))

    graph = _quickly(5, diamond)
    assert 2 * depth + 3 == len(graph.nodes)
    assert 2 * depth + 2 == len(list(graph.readable(graph.targets[0])))


def test_a_chain_of_classes_is_built() -> None:
    """A hundred classes that each need the next are built from configuration."""
    kind = task_with(int, "C0", x=0)
    for number in range(1, 100):
        kind = TaskMeta(f"C{number}", (Task,), {"__annotations__": {"x": kind}, "__module__": __name__})
    assert 100 == len(build(kind()).nodes)


class Keyed(Task):
    """Has a parameter that looks like a secret."""

    api_token: str
    number: int = 0


def test_no_label_tells_a_secret() -> None:
    """Tasks that only a secret tells apart are told apart by their ids."""
    graph = build(Group(members=[Keyed(api_token="hunter1"), Keyed(api_token="hunter2")]))
    labels = {graph.label(task_id) for task_id in graph.nodes}
    assert 3 == len(labels)
    assert "hunter" not in " ".join(labels)
