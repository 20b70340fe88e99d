"""How often a tracking server is asked: in a fresh clone twice where nothing changed, whatever the number of tasks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.faults.proxy import Proxy
from tests.journeys.launching import launch
from tests.support.project import Project
from tests.support.server import MlflowServer

LENGTH = 12
TASKS = """
    from daicho import Task, output

    class Step(Task):
        seeds: list[int]
        out = output("out.json")

        def requires(self):
            return [Step(seeds=self.seeds[:-1])] if self.seeds[1:] else []

        def run(self):
            below = [each.out.load() for each in self.requires()]
            self.out.save(sum(below) + self.seeds[-1])
"""
CONFIG = (
    '[RunConfig]\ntask = "Step"\nexperiment_name = "{0}"\n[daicho]\nproject = "{0}"\n[Step]\nseeds = {1}\n'
)
SEARCHES = {"POST /api/2.0/mlflow/experiments/search": 1, "POST /api/2.0/mlflow/runs/search": 2}


@pytest.mark.slow
def test_two_questions_in_a_fresh_clone(project: Callable[..., Project], mlflow_server: MlflowServer) -> None:
    """`run` and `status` ask twice where nothing changed; a change costs one more question for what it changed."""
    name = f"asked {uuid4().hex[:8]}"
    before = CONFIG.format(name, [0] * LENGTH)
    made = project(TASKS, before, name="one")
    first = launch(made, env={"MLFLOW_TRACKING_URI": mlflow_server.uri})
    assert ("done", LENGTH) == (first.document["status"], len(first.document["tasks"])), first

    with Proxy(mlflow_server.uri) as way:

        def asked(clone: Project, *words: str) -> tuple[str, Counter[str]]:
            way.asked.clear()
            done = clone.run(*words, "--json", env={"MLFLOW_TRACKING_URI": way.uri})
            assert 0 == done.returncode, done.stderr
            return done.stdout, Counter(way.asked)

        said, questions = asked(project(TASKS, before, name="two"), "run")
        document = json.loads(said)
        assert ("up to date", first.document["run_id"]) == (document["status"], document["run_id"])
        assert SEARCHES == questions
        assert SEARCHES == asked(project(TASKS, before, name="three"), "status")[1]

        after = CONFIG.format(name, [*[0] * 8, 1, *[0] * (LENGTH - 9)])
        said, questions = asked(project(TASKS, after, name="four"), "status")
        decisions = Counter(task["decision"] for task in json.loads(said)["tasks"])
        assert {"reuse": 8, "run": 1, "undecided": LENGTH - 9} == decisions
        # Beside the two: the task that changed, and what its family had before, to say why it must run.
        assert 4 == questions["POST /api/2.0/mlflow/runs/search"]
        assert 1 == questions["POST /api/2.0/mlflow/experiments/search"]
