"""`daicho forget`: a wrong result is withdrawn, everybody's plan knows it, and what cannot be withdrawn is named."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daicho.errors import NotFoundError, UsageError
from daicho.verbs.forget import forget
from daicho.verbs.show import show
from tests.support.project import Project

TASKS = """
    from pathlib import Path
    from daicho import Task, output

    class Numbers(Task):
        count: int = 3
        environment = ("DAICHO_TEST_DOOR",)
        out = output("numbers.json")

        def run(self):
            self.out.save(list(range(self.count)))
            Path("extra.txt").resolve().read_text()

    class Total(Task):
        data: Numbers
        out = output("total.json")

        def run(self):
            self.out.save(sum(self.data.out.load()))
"""
DOOR = {"DAICHO_TEST_DOOR": "sesame"}
CONFIG = '[RunConfig]\ntask = "Total"\n[daicho]\nproject = "ships"\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, session_folder: Path) -> Iterator[tuple[Project, Any]]:
    """A project that has run once, as a command does."""
    root = tmp_path_factory.mktemp("forget")
    project = Project(root / "project", root / "home", session_folder)
    for name, content in {"tasks.py": TASKS, "luigi.toml": CONFIG, "extra.txt": "x"}.items():
        project.write(name, content)
    done = project.run("run", "--json", env=DOOR)
    assert 0 == done.returncode, done.stderr
    assert done.stderr.count("`Numbers` read `extra.txt`, which it does not declare") == 1
    yield project, json.loads(done.stdout)


def plan(project: Project, door: str = "sesame") -> dict[str, Any]:
    """What a run would do."""
    done = project.run("status", "--json", env={"DAICHO_TEST_DOOR": door})
    assert 0 == done.returncode, done.stderr
    return {task["task"]: task for task in json.loads(done.stdout)["tasks"]}


def run_of(run: Any, task: str) -> str:
    """The run of a task."""
    return str(next(each["run_id"] for each in run["tasks"] if each["task"] == task))


def test_what_cannot_be_withdrawn_is_named(made: tuple[Project, Any]) -> None:
    """A missing reason, an unknown run, a whole pipeline run, another project's result: each says what it is."""
    project, run = made
    before = plan(project)
    folder, name = project.root, run["name"].rpartition(" ")[2]
    numbers = run_of(run, "Numbers")
    for what, kind, message in (
        ("Numbers", UsageError, "without a reason"),
        (name, UsageError, "is a pipeline run: what is withdrawn is the result of one task"),
        (run["run_id"], UsageError, "is a pipeline run"),
        (f"{name}/Nothing", NotFoundError, "no task `Nothing` ran in"),
        ("no-such-1/Numbers", NotFoundError, "there is no run `no-such-1` in this store"),
        ("0" * 12, NotFoundError, f"there is no run `{'0' * 12}` in this store"),
    ):
        with pytest.raises(kind, match=message):
            forget(what, reason=" " if "reason" in message else "wrong", folder=folder)
    other = project.write(
        "other.toml", '[RunConfig]\nexperiment_name = "boats"\n[daicho]\nproject = "boats"\n'
    )
    with pytest.raises(UsageError, match="belongs to the project `ships`, not to `boats`"):
        forget(numbers, reason="wrong", folder=folder, config=other)
    assert before == plan(project)


def test_what_the_task_needs_is_recorded_without_its_value(made: tuple[Project, Any]) -> None:
    """A declared variable is in the key by its digest; another value runs, and says which variable; none is stored."""
    project, run = made
    changed = plan(project, door="open")["Numbers"]
    assert ("run", ["environment variable DAICHO_TEST_DOOR changed"]) == (
        changed["decision"],
        [reason["text"] for reason in changed["reasons"]],
    )
    stored = [path for path in (project.root / "mlruns").rglob("*") if path.is_file()]
    assert [] == [path for path in (*stored, project.root / "mlflow.db") if b"sesame" in path.read_bytes()]
    shown = show(run_of(run, "Numbers"), folder=project.root)
    assert shown.record is not None
    assert ["environment:DAICHO_TEST_DOOR"] == list(shown.record.settings)
    assert run["notes"][-1:] == list(shown.record.notes)
    assert shown.record.notes[0].endswith('add `extra: Source = source("extra.txt")`')


def test_the_environment_counts_by_policy(made: tuple[Project, Any]) -> None:
    """With another policy in the configuration the key is another, and the reason says what counts now."""
    project, _ = made
    project.write("strict.toml", f'{CONFIG}environment = "python"\n')
    done = project.run("status", "Numbers", "--json", "-c", "strict.toml", env=DOOR)
    [task] = json.loads(done.stdout)["tasks"]
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert [("environment", f"Python {minor} counts now")] == [
        (reason["kind"], reason["text"]) for reason in task["reasons"]
    ]


def test_a_withdrawn_result_runs_again(made: tuple[Project, Any]) -> None:
    """From the command line: plans say why it runs, show says so, again is an error; and by a task's name."""
    project, run = made
    numbers = run_of(run, "Numbers")
    done = project.run("forget", numbers[:8], "--reason", "trained on\n test data", "--json")
    assert 0 == done.returncode, done.stderr
    told = json.loads(done.stdout)
    assert ("daicho.forget/1", "Numbers", numbers, "trained on test data") == (
        *(told["schema"], told["task"], told["run_id"], told["reason"]),
    )
    found = plan(project)
    assert ["run", "undecided"] == [found[name]["decision"] for name in ("Numbers", "Total")]
    reason = f"withdrawn by {told['who']}: trained on test data"
    assert [{"kind": "withdrawn", "text": reason}] == found["Numbers"]["reasons"]
    assert reason in project.run("show", "Numbers").stdout
    assert reason in project.run("show", run["name"].rpartition(" ")[2]).stdout
    with pytest.raises(UsageError, match=f"is already {reason}"):
        forget(numbers, reason="again", folder=project.root)
    refused = project.run("forget", "Numbers", "--reason", "again", env=DOOR)
    assert (2, True) == (refused.returncode, "reuses no result of `Numbers`" in refused.stderr)
    assert reason in refused.stderr
    again = project.run("run", "--json", env=DOOR)
    assert 0 == again.returncode, again.stderr
    outcomes = {task["task"]: task["outcome"] for task in json.loads(again.stdout)["tasks"]}
    assert {"Numbers": "ran", "Total": "reused"} == outcomes  # the same bytes: what follows stays
    withdrawn = project.run("forget", "Total", "--reason", "wrong sum", "--json", env=DOOR)
    assert run_of(run, "Total") == json.loads(withdrawn.stdout)["run_id"]
    assert {"Numbers": "reuse", "Total": "run"} == {
        name: found["decision"] for name, found in plan(project).items()
    }
