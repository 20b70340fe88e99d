"""Plain Luigi in one process: `luigi.build` with the same keys and the same records, also inside a run of somebody's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.launching import launch, stored, tops
from tests.support.project import Project

TASKS = """
    import mlflow
    from daicho import Task, output

    class Numbers(Task):
        count: int = 3
        fails: bool = False
        numbers = output("numbers.json")

        def run(self):
            if self.fails:
                raise ValueError("as told")
            self.numbers.save([1] * (self.count // 2))

    class Total(Task):
        data: Numbers
        total = output("total.json")

        def run(self):
            mlflow.log_metric("total", sum(self.data.numbers.load()))
            self.total.save(sum(self.data.numbers.load()))
"""
BUILD = """
import json, sys
import luigi
import tasks

task = tasks.Total(data=tasks.Numbers(**json.loads(sys.argv[1])))
print(json.dumps(luigi.build([task], local_scheduler=True, log_level="ERROR", **json.loads(sys.argv[2]))))
if len(sys.argv) > 3:
    print(task.total.load())
"""
STATUS = "import daicho, json; print(json.dumps(daicho.status('Total').to_json()))"
MINE = """
import luigi, mlflow
import tasks

mlflow.set_experiment("mine")
with mlflow.start_run(run_name="mine") as run:
    mlflow.log_metric("before", 1)
    luigi.build([tasks.Total(data=tasks.Numbers(count=9))], local_scheduler=True, log_level="ERROR")
    assert mlflow.active_run().info.run_id == run.info.run_id
    mlflow.log_metric("after", 2)
"""
STORE = {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}


def _build(made: Project, values: dict[str, Any], **options: Any) -> Any:
    return made.python("-c", BUILD, json.dumps(values), json.dumps(options), "load")


def test_luigi_build_records_as_well(project: Callable[..., Project]) -> None:
    """What `luigi.build` made is found by the same keys, with what it logged."""
    made = project(TASKS)
    built = _build(made, {"count": 3})
    assert (0, ["true", "1"]) == (built.returncode, built.stdout.splitlines()), built.stderr
    runs = {run.name: run for run in stored(made)}
    assert {"FINISHED"} == {run.status for run in runs.values()}
    assert {"Numbers", "Total"} < set(runs)
    assert {"total": 1.0} == dict(runs["Total"].metrics)
    plan = json.loads(made.python("-c", STATUS).stdout)
    assert {runs["Numbers"].run_id, runs["Total"].run_id} == {task["run_id"] for task in plan["tasks"]}


@pytest.mark.slow
def test_luigi_build_and_daicho_take_turns(project: Callable[..., Project]) -> None:
    """What one made, the other reuses; equal bytes stop the wave under Luigi, too."""
    made = project(TASKS)
    _build(made, {"count": 3})
    runs = {run.name: run for run in stored(made)}
    ours = launch(made, "Total")
    assert {"Numbers": "reused", "Total": "reused"} == ours.outcomes
    assert runs["Total"].run_id == ours.task("Total")["run_id"]
    before = len(stored(made))
    again = _build(made, {"count": 3})
    assert (["true", "1"], before) == (again.stdout.splitlines(), len(stored(made)))
    same = _build(made, {"count": 2})
    assert ["true", "1"] == same.stdout.splitlines(), same.stderr
    assert [2, 1] == [[run.name for run in stored(made)].count(name) for name in ("Numbers", "Total")]


@pytest.mark.slow
def test_inside_a_run_of_ones_own(project: Callable[..., Project]) -> None:
    """An active run is the pipeline run: added to, never ended, and active again afterwards."""
    made = project(TASKS, '[RunConfig]\nexperiment_name = "mine"\n')
    done = made.python("-c", MINE, env=STORE)
    assert 0 == done.returncode, done.stderr
    (mine,) = tops(made)
    assert ("mine", "FINISHED") == (mine.name, mine.status)
    assert {"before": 1.0, "after": 2.0}.items() <= mine.metrics.items()
    assert "9" == mine.params["Numbers.count"]
    assert {"Numbers", "Total"} == {run.name for run in stored(made) if run.parent == mine.run_id}


@pytest.mark.slow
def test_luigis_own_workers_are_refused(project: Callable[..., Project]) -> None:
    """With forked workers nothing could be recorded: a clear sentence, and nothing half."""
    made = project(TASKS)
    refused = _build(made, {"count": 3}, workers=2)
    assert "false" == refused.stdout.splitlines()[0]
    assert "luigi's own worker processes cannot record" in refused.stderr
    assert [] == [run for run in stored(made) if run.status == "FINISHED" and run.parent is not None]


@pytest.mark.slow
def test_a_failure_in_luigi_build(project: Callable[..., Project]) -> None:
    """A task that fails under Luigi ends as FAILED with its traceback, and so does the pipeline run."""
    made = project(TASKS)
    failed = _build(made, {"fails": True})
    assert "false" == failed.stdout.splitlines()[0]
    statuses = {run.name.split()[0]: run.status for run in stored(made)}
    assert {"Numbers": "FAILED", "Total": "FAILED"} == statuses
    numbers = next(run for run in stored(made) if run.name == "Numbers")
    assert "ValueError: as told" in (numbers.artifacts / "daicho/traceback.txt").read_text()


EDITED = """
import luigi, pathlib
import tasks

def build(count):
    return luigi.build([tasks.Total(data=tasks.Numbers(count=count))], local_scheduler=True, log_level="ERROR")

print(build(4))
file = pathlib.Path("tasks.py")
file.write_text(file.read_text().replace("[1] *", "[2] *"))
print(build(4))
"""


@pytest.mark.slow
def test_code_that_was_edited_since_is_not_recorded(project: Callable[..., Project]) -> None:
    """A process that goes on with old code after an edit makes no result under the new code's key."""
    made = project(TASKS, "")
    made.write("twice.py", EDITED)

    told = made.python("twice.py")

    assert ["True", "False"] == told.stdout.split()
    assert "was edited after this process had imported it" in told.stderr
