"""Projects in the published layout, by both ways in: recorded, reused, pinned, and run again exactly where they must."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.launching import launch, stored, tops
from tests.journeys.published import ENVIRONMENT, TEN, below, configuration, outputs_of, ten
from tests.support.project import Project

EDITS = """
import json, sys
import daicho

def planned(**options):
    plan = daicho.status(**options).to_json()
    return {task["task"]: task["decision"] for task in plan["tasks"]}

print(json.dumps({name: planned(overrides=[f"{name}.value=1"]) for name in sys.argv[1:]}))
"""


def _executed(project: Project) -> list[str]:
    """The tasks that have run so far, by their runs in the store."""
    return [run.name for run in stored(project) if run.parent is not None]


def test_a_worker_reads_the_file_that_luigi_is_told_of(project: Callable[..., Project]) -> None:
    """`.env` names `luigi.toml` to Luigi, which looks for it the moment a worker imports it, with a reader of its own."""
    source = "import daicho\n\nclass Only(daicho.Task):\n    def run(self):\n        return 1\n"
    made = project(source, '[RunConfig]\ntask = "Only"\n', {".env": ENVIRONMENT})
    launched = launch(made)
    assert {"Only": "ran"} == launched.outcomes, launched.told


@pytest.mark.slow
def test_ten_tasks_by_both_ways(project: Callable[..., Project], tmp_path: Path) -> None:
    """Their runner makes what `daicho run` reuses, from any folder, and the other way round; edits run what they must."""
    made = ten(project)
    first = made.python("src/runner.py")
    assert 0 == first.returncode, first.stderr
    assert set(TEN) == set(_executed(made))
    (top,) = tops(made)
    assert ("by the runner", "FINISHED", "Report", "0") == (
        top.name, top.status, top.params["task"], top.params["Fit.value"],
    )  # fmt: skip
    assert {top.run_id} == {run.parent for run in stored(made) if run.parent is not None}

    again = made.run("run", "--json", "-C", "reference")
    assert (0, {"reused"}) == (
        again.returncode,
        {each["outcome"] for each in json.loads(again.stdout)["tasks"]},
    )

    edits = json.loads(made.python("-c", EDITS, *TEN).stdout)
    for name, decisions in edits.items():
        assert below(name) == {task for task, decision in decisions.items() if decision != "reuse"}, name

    (made.root / "input/a.csv").write_text("other")
    changed = launch(made)
    left = {"Load"} | below("CleanLeft")
    assert left == {task for task, outcome in changed.outcomes.items() if outcome == "ran"}

    before = len(_executed(made))
    last = made.python("src/runner.py")
    assert (0, before) == (last.returncode, len(_executed(made))), last.stderr
    mine = [run for run in tops(made) if run.name == "by the runner"]
    assert [("FINISHED", "0")] * 2 == [(run.status, run.params["Fit.value"]) for run in mine]


@pytest.mark.slow
def test_a_pin_to_an_old_folder(project: Callable[..., Project]) -> None:
    """What an old run holds takes the place of a task: equal bytes reuse all below it, others run it, none are written."""
    made = ten(project)
    assert 0 == launch(made).exit_status
    old = made.root / "mlruns/0/0123456789abcdef/artifacts/Fit"
    old.mkdir(parents=True)
    for file, text in outputs_of(made.root, "Fit").items():
        (old / file).write_text(text)
    made.write("luigi.toml", configuration('Fit = "./mlruns/0/0123456789abcdef/artifacts/Fit/"'))
    planned = made.run("status", "--json")
    assert 0 == planned.returncode, planned.stdout
    plan = json.loads(planned.stdout)
    fit = next(task for task in plan["tasks"] if task["task"] == "Fit")
    assert ("pinned", "reuse", None, None, [], ["pinned"]) == (
        fit["kind"], fit["decision"], fit["key"], fit["run_id"], fit["needs"],
        [reason["kind"] for reason in fit["reasons"]],
    )  # fmt: skip
    assert {"reuse"} == {task["decision"] for task in plan["tasks"]}
    (old / "model").write_text("another")
    again = made.python("src/runner.py")
    assert 0 == again.returncode, again.stderr
    assert {"Tune", "Score", "Report"} == set(_executed(made)[len(TEN) :])
    assert ["model"] == [each.name for each in old.iterdir()]
    (old / "model").unlink()
    refused = made.run("run")
    assert 2 == refused.returncode
    assert (
        "`Fit` is pinned to `./mlruns/0/0123456789abcdef/artifacts/Fit/`, where `model` is not"
        in refused.stderr
    )


@pytest.mark.slow
def test_luigis_workers_are_refused(project: Callable[..., Project]) -> None:
    """Under their runner one process does the work: more workers are refused with what to use in their place."""
    made = ten(project)
    refused = made.python("src/runner.py", "--workers", "2")
    assert "luigi's own worker processes cannot record" in refused.stderr
    assert "daicho run" in refused.stderr
    assert [] == [run for run in stored(made) if run.parent is not None and run.status == "FINISHED"]
