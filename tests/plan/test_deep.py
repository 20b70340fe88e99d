"""Deep keys: another for everything that is known to matter before a result is, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import luigi
from hypothesis import given
from hypothesis import strategies as st

from daicho import Source, Task, output, source
from daicho.fingerprint.parts import Parts
from daicho.plan.deep import deep_keys, deep_marks
from daicho.record import OutputRecord
from daicho.task.graph import Edge, Graph, Node, build
from tests.plan.memory import NONE, Code, all_parts, alone
from tests.plan.test_stepwise import Shape, shapes, world


class Base(Task):
    """A task with a source."""

    seed: int = 0
    raw: Source = source("raw.txt")
    out = output("out.json")
    more = output("more.json")

    def run(self) -> None:
        self.out.save(None)


class Gather(Task):
    """A wrapper."""

    base: Base


class Top(Task):
    """A task that reads one of two outputs."""

    base: Base
    gather: Gather
    out = output("out.json")

    def run(self) -> None:
        self.out.save(self.base.out.load())


def deep(root: Path, seed: int = 0, code: Code = NONE) -> dict[str, str]:
    """The deep keys by family."""
    base = Base(seed=seed)
    graph = build(Top(base=base, gather=Gather(base=base)))
    found = deep_keys(graph, all_parts(graph, root, code), {})
    return {graph.nodes[task_id].family: key for task_id, key in found.items()}


def test_what_changes_below_changes_all_above(tmp_path: Path) -> None:
    """A source, a parameter or code of a task gives it and all that stands on it, also by a wrapper, another deep key."""
    (tmp_path / "raw.txt").write_text("one")
    before = deep(tmp_path)
    assert {"Base", "Gather", "Top"} == set(before)
    assert before == deep(tmp_path)
    others = [deep(tmp_path, seed=1), deep(tmp_path, code={"Base": {"tasks:Base": "2"}})]
    (tmp_path / "raw.txt").write_text("two")
    others.append(deep(tmp_path))
    for found in others:
        assert not set(found.values()) & set(before.values())
    top = deep(tmp_path, code={"Top": {"tasks:Top": "2"}})
    assert (True, True, False) == tuple(top[name] == others[-1][name] for name in ("Base", "Gather", "Top"))


def test_which_outputs_are_read_counts(tmp_path: Path) -> None:
    """An edge that reads other outputs makes another key, and another deep key."""
    (tmp_path / "raw.txt").write_text("one")
    base = Base()
    graph = build(Top(base=base, gather=Gather(base=base)))
    parts = all_parts(graph, tmp_path)
    found = set()
    for reads in (None, frozenset({"out"}), frozenset({"out", "more"})):
        [target] = graph.targets
        edges = tuple(replace(edge, reads=reads) for edge in graph.nodes[target].edges)
        nodes = {**graph.nodes, target: replace(graph.nodes[target], edges=edges)}
        found.add(deep_keys(Graph(graph.targets, nodes), parts, {})[target])
    assert 3 == len(found)


class Plain(luigi.Task):
    """A task of plain Luigi."""

    name = luigi.Parameter()


def test_pinned_and_plain(tmp_path: Path) -> None:
    """A pinned task is what lies in its folder; a plain one its name, for only itself can say what it has."""

    def made(digest: str) -> str:
        node = Node(Base(), "pinned", (), tmp_path)
        outputs = (OutputRecord("out", "out.json", "json", digest, 1),)
        return deep_keys(Graph((), {"a": node}), {}, {"a": outputs})["a"]

    assert made("1" * 64) == made("1" * 64)
    assert made("1" * 64) != made("2" * 64)
    plain = [Node(Plain(name=name), "plain", ()) for name in ("x", "y")]  # type: ignore[no-untyped-call]
    keys = deep_keys(Graph((), {node.task_id: node for node in plain}), {}, {})
    assert 2 == len(set(keys.values()))


def test_a_launch_is_found_by_two_digests(tmp_path: Path) -> None:
    """One is the same only for the same graph, the other for targets of the same families; neither by their order."""
    (tmp_path / "raw.txt").write_text("one")

    def marks(*targets: luigi.Task) -> tuple[str, str]:
        graph = build(*targets)
        return deep_marks(graph, deep_keys(graph, all_parts(graph, tmp_path), {}))

    one, two = Base(seed=1), Base(seed=2)
    assert marks(one, two) == marks(two, one)
    same, like = marks(one)
    other = marks(two)
    assert (False, True) == (same == other[0], like == other[1])
    assert like != marks(Gather(base=one))[1]


def _shuffled(parts: Parts, random: Random) -> Parts:
    """The same parts, put in in another order."""

    def other(known: Any) -> Any:
        if not isinstance(known, dict):
            return known
        items = list(known.items())
        random.shuffle(items)
        return dict(items)

    return replace(parts, **{name: other(value) for name, value in vars(parts).items()})


def _turned(node: Node, random: Random) -> Node:
    edges: list[Edge] = list(node.edges)
    random.shuffle(edges)
    return replace(node, edges=tuple(edges))


@given(shapes(), st.randoms(use_true_random=False))
def test_no_order_counts(shape: list[Shape], random: Random) -> None:
    """Deep keys are the same in whatever order parameters, code and edges stand, and each task has one."""
    with alone():
        made = world(shape).planner()
        before = deep_keys(made.graph, made.parts, {})
        assert set(made.graph.nodes) == set(before)
        parts = {task_id: _shuffled(each, random) for task_id, each in made.parts.items()}
        nodes = {task_id: _turned(node, random) for task_id, node in made.graph.nodes.items()}
        assert before == deep_keys(Graph(made.graph.targets, nodes), parts, {})
