"""The plan as a value: counted, and printed as one JSON document."""

from __future__ import annotations

import json

import luigi

from daicho import Task, output
from tests.plan.memory import Shelf, carry_out, planner


class Step(Task):
    """A task."""

    columns: list[str] = ["Age"]
    needs: list[luigi.Task] = []
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


class All(Task):
    """A wrapper."""

    step: Step


def test_the_plan_as_json(shelf: Shelf) -> None:
    """One document whose first key is `schema`, every task with its key, decision, reasons, run and outputs."""
    carry_out(planner(shelf, Step()), shelf)
    target = Step(columns=["Age", "Sex"], needs=[All(step=Step())])
    document = json.loads(json.dumps(planner(shelf, target).plan().to_json()))
    assert ["schema", "remembered", "targets", "tasks"] == list(document)
    assert ("daicho.plan/1", ["Step"]) == (document["schema"], document["targets"])
    reused, wrapper, runs = document["tasks"]
    assert [shelf.records[0].key, None] == [reused["key"], wrapper["key"]]
    assert ["reuse", "reuse", "run"] == [task["decision"] for task in document["tasks"]]
    assert ["task", "wrapper", "task"] == [task["kind"] for task in document["tasks"]]
    assert ["run0", None, None] == [task["run_id"] for task in document["tasks"]]
    assert ["Age", "Sex"] == runs["parameters"]["columns"]
    assert [wrapper["task_id"]] == runs["needs"]
    expected = [
        {"kind": "parameter", "text": "columns: ['Age'] -> ['Age', 'Sex']", "name": "columns"},
        {"kind": "upstream", "text": "needs[0].step.out: new input", "name": "needs[0].step.out"},
    ]
    assert expected == [runs["reasons"][0], runs["reasons"][-1]]
    digest = shelf.records[0].outputs[0].digest
    assert [{"output": "out", "name": "out.json", "digest": digest, "size": 1}] == reused["outputs"]


def test_counts_leave_wrappers_out(shelf: Shelf) -> None:
    """Wrappers are in the plan, but are no work."""
    assert {"run": 1} == dict(planner(shelf, All.configured()).plan().counts)
    carry_out(planner(shelf, All.configured()), shelf)
    plan = planner(shelf, All.configured()).plan()
    assert {"reuse": 1} == dict(plan.counts)
    assert plan.nothing_to_do


def test_equal_plans_are_equal(shelf: Shelf) -> None:
    """Planning twice gives the same plan."""
    one, two = (planner(shelf, Step()).plan() for _ in range(2))
    assert one.decisions == two.decisions
