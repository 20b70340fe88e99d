"""A plan that grows by what tasks yield: by earlier records when it is made, by themselves when they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from daicho import Task, output
from daicho.errors import GraphError
from daicho.fingerprint.identity import Identity
from daicho.fingerprint.observed import Yielded, text_of
from daicho.fingerprint.recalled import told
from daicho.plan.growing import Soil
from daicho.plan.planner import Planner
from daicho.remembered import Digests
from daicho.task import graph
from tests.plan.memory import Shelf, all_parts, alone, written

ROOT = Path("nowhere")


class Part(Task):
    number: int
    out = output("out.json")

    def run(self) -> None: ...


class Total(Task):
    out = output("out.json")

    def run(self) -> Iterator[Any]:
        yield Part(number=0)


class Above(Task):
    total: Total
    out = output("out.json")

    def run(self) -> None: ...


class Round(Task):
    total: Total

    def run(self) -> None: ...


class _Classes:
    """What `Identity` tells of classes, as a test has it."""

    def __init__(self, code: Mapping[str, str]) -> None:
        self.code = code

    def digests_of(self, kind: type) -> dict[str, str]:
        return {f"tasks:{kind.__name__}": self.code.get(kind.__name__, "1")}

    def settings_of(self, kind: type) -> dict[str, str]:
        return {}

    def symbols(self) -> tuple[()]:
        return ()


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """An empty ledger."""
    with alone():
        yield Shelf()


def _planner(shelf: Shelf, target: Task, **code: str) -> Planner:
    classes = _Classes(code)
    soil = Soil(ROOT, cast("Identity", classes), Digests(), nullcontext)
    built = graph.build(target)
    parts = all_parts(
        built, ROOT, {node.family: classes.digests_of(type(node.task)) for node in built.nodes.values()}
    )
    return Planner(built, parts, shelf, soil=soil)


def _have(
    made: Planner,
    shelf: Shelf,
    task_id: str,
    content: Callable[[Task], object],
    groups: list[list[Task]],
    ran: list[str],
) -> None:
    """Do what an engine does for one task; `Total` yields these groups, one after the other."""
    for edge in made.graph.nodes[task_id].edges:
        _have(made, shelf, edge.task_id, content, groups, ran)
    while (decision := made.turn(task_id)).verdict == "undecided":
        for edge in made.graph.nodes[task_id].yields:
            _have(made, shelf, edge.task_id, content, groups, ran)
    if decision.verdict == "reuse" or made.done(task_id):
        return
    made.begin(task_id)
    task, extra = made.graph.nodes[task_id].task, dict[str, str]()
    for place, group in enumerate(groups if isinstance(task, Total) else []):
        wanted = {f"yield[{place}][{number}]": each for number, each in enumerate(group)}
        if not made.need(task_id, wanted):
            for each in group:
                _have(made, shelf, each.task_id, content, groups, ran)
        assert made.need(task_id, wanted)
        contents = {role: (each.task_id, made.contents[each.task_id]) for role, each in wanted.items()}
        extra[f"yield[{place}]"] = text_of(Yielded(told(group), contents))
    outputs = written(made.graph.nodes[task_id], content(task))
    made.finished(task_id, outputs)
    shelf.put(
        replace(
            made.draft(task_id),
            outputs=outputs,
            extra=extra,
            key=decision.key,
            supersedes=decision.supersedes,
        )
    )
    ran.append(task.get_task_family() + (str(task.number) if isinstance(task, Part) else ""))


def _carry_out(
    shelf: Shelf,
    groups: list[list[Task]],
    content: Callable[[Task], object] = lambda task: task.task_id,
    **code: str,
) -> list[str]:
    """What runs, in order, where `Total` yields these groups."""
    made, ran = _planner(shelf, Above.configured(), **code), list[str]()
    made.plan()
    _have(made, shelf, Above.configured().task_id, content, groups, ran)
    return ran


def _verdicts(shelf: Shelf, **code: str) -> dict[str, str]:
    plan = _planner(shelf, Above.configured(), **code).plan()
    return {plan.label(task_id): decision.verdict for task_id, decision in plan}


def test_what_is_recorded_to_be_yielded_is_planned(shelf: Shelf) -> None:
    """Nothing is known of it at first; with a record it is in the plan, before the task that yields it, and reused."""
    assert {"Total": "run", "Above": "undecided"} == _verdicts(shelf)
    groups: list[list[Task]] = [[Part(number=0), Part(number=1)], [Part(number=2)]]
    assert ["Part0", "Part1", "Part2", "Total", "Above"] == _carry_out(shelf, groups)
    reused = dict.fromkeys(("Part(number=0)", "Part(number=1)", "Part(number=2)", "Total", "Above"), "reuse")
    assert reused == _verdicts(shelf)
    assert list(reused) == list(_verdicts(shelf))
    assert [] == _carry_out(shelf, groups)
    assert ["yield[0][0].out", "yield[0][1].out", "yield[1][0].out"] == [
        each.role for each in shelf.records[3].inputs
    ]


def test_equal_bytes_of_what_is_yielded_stop_the_wave(shelf: Shelf) -> None:
    """What has changed below is run before the task that yields it is decided: it need not run, or must."""
    groups: list[list[Task]] = [[Part(number=0)], [Part(number=1)]]
    _carry_out(shelf, groups)
    waits = {"Part": "run", "Total": "undecided", "Above": "undecided"}
    assert waits == _verdicts(shelf, Part="2")  # what comes second may depend on what came first
    assert ["Part0", "Part1"] == _carry_out(shelf, groups, Part="2")
    assert [] == _carry_out(shelf, groups, Part="2")
    ran = _carry_out(shelf, groups, lambda task: (task.task_id, "new"), Part="3")
    assert ["Part0", "Part1", "Total", "Above"] == ran


def test_the_record_that_matches_is_found_among_several(shelf: Shelf) -> None:
    """One key, two records, for what was yielded gave other bytes then: changing back runs nothing."""
    groups: list[list[Task]] = [[Part(number=0)]]
    _carry_out(shelf, groups)
    assert ["Part0", "Total", "Above"] == _carry_out(
        shelf, groups, lambda task: (task.task_id, "new"), Part="2"
    )
    assert [[], []] == [_carry_out(shelf, groups), _carry_out(shelf, groups, Part="2")]


def test_yielding_what_needs_oneself_is_refused(shelf: Shelf) -> None:
    """The graph stays as it was, and the ring is named."""
    made = _planner(shelf, Above.configured())
    made.plan()
    before, total = made.graph, Total.configured().task_id
    with pytest.raises(GraphError, match="in a ring"):
        made.need(total, {"yield[0]": Round.configured()})
    assert before is made.graph
