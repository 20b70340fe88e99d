"""Ctrl-C, SIGTERM and SIGKILL: an orderly end, or one that leaves nothing half; and the next launch is right."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.journeys.launching import Running, launch, left_of, staged, start, stored, tops, until
from tests.support.project import Project

TASKS = """
    import subprocess, sys, time
    from pathlib import Path
    from daicho import Task, output

    class Quick(Task):
        out = output("out.json")

        def run(self):
            self.out.save(1)

    class Slow(Task):
        quick: Quick
        out = output("out.json")

        def run(self):
            self.out.save(self.quick.out.load())
            if not Path("go").exists():
                subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
                Path("started").touch()
                try:
                    while not Path("finish").exists():
                        time.sleep(0.02)
                finally:
                    Path("cleaned").touch()

    class Above(Task):
        slow: Slow
        out = output("out.json")

        def run(self):
            self.out.save(2)
"""


def _begun(made: Project, mark: str) -> Running:
    """A launch in the middle of its slow task, with the quick one recorded."""
    running = start(made, "Above", env={"DAICHO_TEST_LAUNCH": mark})
    until((made.root / "started").exists, "the slow task", running)
    until(lambda: "FINISHED" in {run.status for run in stored(made)}, "the first record", running)
    return running


def _then_right(made: Project) -> None:
    """The next launch reuses what was recorded, runs the rest, and all is there."""
    (made.root / "go").touch()
    after = launch(made, "Above")
    assert (0, {"Quick": "reused", "Slow": "ran", "Above": "ran"}) == (after.exit_status, after.outcomes)
    assert [] == staged(made)
    assert "up to date" == launch(made, "Above").document["status"]


def _asked(running: Running) -> None:
    """Ctrl-C, and wait until that was heard."""
    running.signal(signal.SIGINT)
    assert running.process.stderr is not None
    for line in running.process.stderr:
        if line.startswith("Stopping"):
            return
    raise AssertionError("it ended without a word")


def test_asked_to_stop_once(project: Callable[..., Project]) -> None:
    """What runs may finish and is recorded, nothing more is started, and the next launch goes on from there."""
    made = project(TASKS)
    running = _begun(made, made.root.parent.name)
    _asked(running)
    (made.root / "finish").touch()
    ended = running.ended()
    assert (130, "interrupted") == (ended.exit_status, ended.document["status"])
    assert {"Quick": "ran", "Slow": "ran", "Above": "not started"} == ended.outcomes
    statuses = {run.name: run.status for run in stored(made)}
    assert ("FINISHED", "KILLED") == (statuses["Slow"], tops(made)[0].status)
    assert [] == staged(made)
    until(lambda: left_of(made.root.parent.name) == [], "the end of all processes")
    after = launch(made, "Above")
    assert {"Quick": "reused", "Slow": "reused", "Above": "ran"} == after.outcomes


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)], ids=["INT", "TERM"]
)
def test_asked_to_end(project: Callable[..., Project], number: signal.Signals) -> None:
    """Ctrl-C twice, or SIGTERM: the task may clean up, runs end KILLED, the status is 130, and nothing is left."""
    made = project(TASKS)
    running = _begun(made, made.root.parent.name)
    if number == signal.SIGINT:
        _asked(running)
    running.signal(number)
    ended = running.ended()
    assert 130 == ended.exit_status, ended
    assert {"Quick": "ran", "Slow": "interrupted", "Above": "not started"} == ended.outcomes
    assert "interrupted" == ended.document["status"]
    assert (made.root / "cleaned").exists()
    statuses = {run.name: run.status for run in stored(made)}
    assert ("KILLED", "KILLED") == (statuses["Slow"], tops(made)[0].status)
    assert "FINISHED" == statuses["Quick"]
    until(lambda: left_of(made.root.parent.name) == [], "the end of all processes")
    assert [] == staged(made)
    if number == signal.SIGTERM:  # once is enough: it takes its time
        _then_right(made)


@pytest.mark.slow
def test_killed(project: Callable[..., Project]) -> None:
    """After SIGKILL no process is left, runs are ended, nothing counts that is not whole, the next launch is right."""
    made = project(TASKS)
    running = _begun(made, made.root.parent.name)
    running.signal(signal.SIGKILL)
    running.process.communicate()
    until(lambda: left_of(made.root.parent.name) == [], "the end of all processes")
    statuses = {run.name: run.status for run in stored(made)}
    assert ("FINISHED", "KILLED") == (statuses["Quick"], statuses["Slow"])
    assert "KILLED" == tops(made)[0].status
    _then_right(made)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.5, 2.5])
def test_killed_at_any_moment(project: Callable[..., Project], seconds: float) -> None:
    """Wherever the kill falls, the next launch finds what is whole, runs the rest, and both agree."""
    made = project(TASKS, files={"go": ""})
    running = start(made, "Above", env={"DAICHO_TEST_LAUNCH": made.root.parent.name})
    time.sleep(seconds)
    running.signal(signal.SIGKILL)
    running.process.communicate()
    until(lambda: left_of(made.root.parent.name) == [], "the end of all processes")
    after = launch(made, "Above")
    assert 0 == after.exit_status, after
    assert set(after.outcomes.values()) <= {"ran", "reused"}
    again = launch(made, "Above")
    assert {"reused"} == set(again.outcomes.values())
    assert [] == staged(made)
    outputs = {
        task["label"]: [each["digest"] for each in task["outputs"]] for task in after.document["tasks"]
    }
    assert outputs == {
        task["label"]: [each["digest"] for each in task["outputs"]] for task in again.document["tasks"]
    }
