"""Tasks whose outputs are not the same twice are found; those that are pass; nothing of it is recorded but the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import daicho
from daicho.errors import NotFoundError, UsageError
from daicho.verbs.show import show
from daicho.verbs.status import status
from daicho.verifying import verify
from tests.cli.schemas import check
from tests.support.project import Project

TASKS = """
    import os
    import random
    from daicho import Source, Task, output, source

    class Prepare(Task):
        raw: Source = source("input/raw.txt")
        numbers = output("numbers.json")

        def run(self):
            self.numbers.save([int(line) for line in self.raw.path.read_text().split()])

    class Chance(Task):
        data: Prepare
        drawn = output("drawn.json")
        total = output("total.json")

        def run(self):
            self.total.save(sum(self.data.numbers.load()))
            self.drawn.save({"first": 1, "drawn": random.random()})

    class Seeded(Task):
        data: Prepare
        seed: int = 3
        drawn = output("drawn.json")

        def run(self):
            self.drawn.save(random.Random(self.seed).random())

    class Words(Task):
        "The order of a set depends on the process."
        text = output("words.txt")

        def run(self):
            self.text.save(" ".join({f"word{number}" for number in range(100)}))

    class Fails(Task):
        "Works once."
        out = output("out.json")

        def run(self):
            with open(os.environ["ONCE"], "x"):
                self.out.save(1)

    class All(Task):
        chance: Chance
        seeded: Seeded
        words: Words
        fails: Fails
"""
CONFIG = '[RunConfig]\ntask = "All"\nexperiment_name = "verified"\n'


def test_verify(project: Callable[..., Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance and the order of a set are found, a seed passes, a failure is one; status and why mention it."""
    made = project(TASKS, CONFIG, {"input/raw.txt": "1\n2\n"})
    monkeypatch.setenv("ONCE", str(tmp_path / "once"))
    ran = made.run("run", "--json", env={"ONCE": str(tmp_path / "once")})
    assert 0 == ran.returncode, ran.stderr
    before = sorted(made.root.glob("mlruns/**/*"))
    done = daicho.verify(times=3, folder=made.root)
    check("verify", json.loads(json.dumps(done.to_json())))
    assert {
        "Prepare": "identical", "Chance": "different", "Seeded": "identical", "Words": "different", "Fails": "failed"
    } == {task.task: task.verdict for task in done.tasks}  # fmt: skip
    assert (3, False, 1) == (done.times, done.same, done.exit_status)
    found = {task.task: task for task in done.tasks}
    assert ("drawn",) == found["Chance"].differing
    assert "drawn: 0." in found["Chance"].outputs[0].difference.first
    assert "FileExistsError" in str(found["Fails"].problem)
    assert before == sorted(made.root.glob("mlruns/**/*"))

    plan = status(folder=made.root)
    doubts = {
        plan.label(task_id): reason.text
        for task_id, decision in plan
        for reason in decision.reasons
        if reason.kind == "unsteady"
    }
    assert {"Chance", "Words"} == set(doubts)
    assert doubts["Chance"].startswith("not deterministic: verify found drawn to differ (")
    check("plan", json.loads(json.dumps(plan.to_json())))
    shown = made.run("status")
    assert "not deterministic: verify found text to differ" in shown.stdout
    told = made.run("why", "Chance")
    assert "! not deterministic: verify found drawn to differ" in told.stdout
    (marked,) = show("Seeded", folder=made.root).marks.checks
    assert marked.startswith("verified: identical, 3 results, ")

    alone = made.run("verify", "Seeded", "--json")
    assert 0 == alone.returncode, alone.stderr
    assert ["Seeded"] == [task["task"] for task in json.loads(alone.stdout)["tasks"]]
    none = made.run("verify", "Seeded", "Seeded.seed=4")
    assert 2 == none.returncode
    assert "nothing to verify: no result of `Seeded` would be reused now" in none.stderr
    with pytest.raises(NotFoundError, match="nothing to verify"):
        verify("Seeded", params={"Seeded.seed": 5}, folder=made.root)


def test_once_is_not_enough(project: Callable[..., Project]) -> None:
    """One result cannot be compared with itself."""
    made = project("", "")
    with pytest.raises(UsageError, match="1 result of a task cannot be compared") as caught:
        verify(times=1, folder=made.root)
    assert "`--times 2` runs each task once more" in caught.value.hints[0]


LOGGING = """
    import mlflow
    from daicho import Task, output

    class First(Task):
        out = output("out.json")

        def run(self):
            mlflow.log_metric("x", 1.0)
            self.out.save(1)

    class Second(Task):
        first: First
        out = output("out.json")

        def run(self):
            mlflow.log_param("y", self.first.out.load())
            self.out.save({"run": mlflow.active_run().info.run_id})
"""


@pytest.mark.slow
@pytest.mark.server
def test_over_http(project: Callable[..., Project], request: pytest.FixtureRequest) -> None:
    """On a server as well, with tasks that log: what they log the second time goes nowhere."""
    uri = request.getfixturevalue("mlflow_server").uri
    made = project(LOGGING, f'[RunConfig]\ntask = "Second"\nexperiment_name = "{request.node.name}"\n')
    env = {"MLFLOW_TRACKING_URI": uri}
    assert 0 == made.run("run", env=env).returncode
    done = made.run("verify", "--json", env=env)
    assert 1 == done.returncode, done.stderr
    found = json.loads(done.stdout)
    assert ["identical", "different"] == [task["verdict"] for task in found["tasks"]]
    shown = made.run("show", "First", "--json", env=env)
    assert [{"x": 1.0}] == list(json.loads(shown.stdout)["metrics"].values())
    assert "verified: identical" in json.loads(shown.stdout)["marks"]["checks"][0]
