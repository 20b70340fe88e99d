"""The verbs that read, on one project that has run: status, load, get, show, ui, each as a value and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.launching import launch, stored, tops
from tests.support.project import Project

TASKS = """
    from daicho import Task, output

    class Numbers(Task):
        task_namespace = "my.ns"
        count: int = 3
        numbers = output("numbers.json")
        folder = output("plots/")

        def run(self):
            print("counting")
            (self.folder.path / "a.txt").write_text("a")
            self.numbers.save(list(range(self.count)))

    class Total(Task):
        data: Numbers
        total = output("total.json")

        def run(self):
            self.total.save(sum(self.data.numbers.load()))

    class Broken(Task):
        out = output("out.json")

        def run(self):
            raise ValueError("as told")

    class Everything(Task):
        total: Total
        broken: Broken
"""
CONFIG = '[RunConfig]\ntask = "Total"\n'
ASK = """
import json, os, sys
import daicho
from daicho.errors import DaichoError
from daicho.verbs.get import get
from daicho.verbs.load import load
from daicho.verbs.show import show
from daicho.verbs.status import status
from daicho.verbs.ui import ui

def asked(verb, *args, **options):
    try:
        return globals()[verb](*args, **options)
    except DaichoError as error:
        return {"error": error.code, "message": error.message, "hints": error.hints}

def told(answer):
    return answer.to_json() if hasattr(answer, "to_json") else answer

answers = [told(asked(verb, *args, **options)) for verb, args, options in json.loads(sys.argv[1])]
total = load("Total")
answers.append([total.total.load(), total.data.numbers.load(), total.data.count, sorted(os.listdir(total.data.folder.path))])
answers.append(sorted(name for name in ("mlflow", "pandas", "rich") if name in sys.modules))
print(json.dumps(answers))
"""


def _ask(made: Project, *questions: tuple[str, list[Any], dict[str, Any]]) -> list[Any]:
    done = made.python("-c", ASK, json.dumps(questions))
    assert 0 == done.returncode, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def test_the_verbs_that_read(project: Callable[..., Project]) -> None:
    """Status, get, show, ui and load on what has run: right, by the same names, and without importing MLflow."""
    made = project(TASKS, CONFIG)
    ran = launch(made, "Everything")
    assert 1 == ran.exit_status
    runs = {run.name: run for run in stored(made)}
    (pipeline,) = tops(made)
    number = "my.ns.Numbers"
    (
        plan,
        other,
        forced,
        got,
        folder,
        unsaved,
        no_output,
        no_task,
        one,
        in_run,
        newest,
        nothing,
        page,
        *rest,
    ) = _ask(
        made,
        ("status", [], {}),
        ("status", [], {"params": {"my.ns.Numbers.count": 4}}),
        ("status", [], {"force": True}),
        ("get", [f"{number}.numbers", "copied/here.json"], {}),
        ("get", [f"{number}.plots", "folder/"], {}),
        ("get", ["Broken.out"], {}),
        ("get", ["Total.totall"], {}),
        ("get", ["Totall.total"], {}),
        ("show", [pipeline.name.split()[-1]], {}),
        ("show", [f"{pipeline.run_id}/Broken"], {}),
        ("show", [number], {}),
        ("show", ["Totall"], {}),
        ("ui", [], {}),
    )
    assert ["reuse", "reuse"] == [task["decision"] for task in plan["tasks"]]
    assert ["count: 3 -> 4"] == [reason["text"] for reason in other["tasks"][0]["reasons"]]
    assert ["run", "run"] == [task["decision"] for task in forced["tasks"]]

    here = made.root / "copied/here.json"
    assert ("daicho.get/1", number, "numbers", "copied/here.json") == tuple(
        got[name] for name in ("schema", "task", "output", "path")
    )
    assert [0, 1, 2] == json.loads(here.read_text())
    assert here.stat().st_mode & 0o200  # a copy is its owner's to change
    assert "a" == (made.root / "folder/plots/a.txt").read_text()
    assert "folder/plots" == folder["path"]
    assert ("not-found", True) == (unsaved["error"], "there is no result of `Broken`" in unsaved["message"])
    assert "`Total` has no output `totall`" == no_output["message"]
    assert "there is no task `Totall`" == no_task["message"]
    assert ["total", "Total"] == [
        next(name for name in ("total", "Total") if f"`{name}`" in " ".join(each["hints"]))
        for each in (no_output, no_task)
    ]

    assert (pipeline.run_id, {number, "Total", "Broken"}) == (
        one["pipeline"]["run_id"],
        {record["task"] for record in one["tasks"]},
    )
    assert "ValueError: as told" in in_run["failure"]
    assert (runs[number].run_id, "counting\n") == (newest["record"]["run_id"], newest["log"])
    assert {"count": 3} == newest["record"]["parameters"]
    assert str(runs[number].artifacts / "numbers.json") == newest["paths"]["numbers"]
    assert "not-found" == nothing["error"]
    assert page["url"].startswith("http://127.0.0.1:")

    loaded, imported = rest
    assert [3, [0, 1, 2], 3, ["a.txt"]] == loaded
    assert [] == imported


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ("Totall", "unknown-task", "there is no task `Totall`"),
        (None, "configuration", "no task was named, and the configuration names none"),
    ],
)
def test_nothing_runs_where_something_is_wrong(
    project: Callable[..., Project], target: str | None, error: str, message: str
) -> None:
    """A mistake in what was asked for ends with status 2, one sentence, and no store."""
    made = project(TASKS)
    refused = launch(made, target)
    assert (2, error, message) == (
        refused.exit_status,
        refused.document["error"],
        refused.document["message"],
    )
    assert not (made.root / "mlflow.db").exists()


def test_a_wrong_value(project: Callable[..., Project]) -> None:
    """A value of the wrong type is named with its place, wherever it was given."""
    made = project(TASKS, '[my.ns.Numbers]\ncount = "three"\n')
    refused = launch(made, "Total")
    assert (2, "parameter") == (refused.exit_status, refused.document["error"])
    assert "`my.ns.Numbers.count`" in refused.document["message"]
    made.write("luigi.toml", "")
    refused = launch(made, "Total", params={"Total.nothing": 1})
    assert (2, True) == (refused.exit_status, "`nothing`" in refused.document["message"])
