"""A task that fails: what still runs, what is told, and what the store keeps of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.launching import launch, staged, stored, tops
from tests.support.project import Project

TASKS = """
    import os
    import luigi
    from daicho import Task, output
    from tools import divide

    class Fine(Task):
        out = output("out.json")

        def run(self):
            self.out.save(1)

    class Broken(Task):
        fine: Fine
        how: str = "raise"
        out = output("out.json")

        def run(self):
            print("before it broke")
            if self.how == "raise":
                divide(self.fine.out.load())
            if self.how == "die":
                os._exit(0)
            if self.how == "stop":
                raise KeyboardInterrupt
            self.out.save(2)

    class Above(Task):
        broken: Broken
        out = output("out.json")

        def run(self):
            self.out.save(3)

    class Highest(Task):
        above: Above
        out = output("out.json")

        def run(self):
            self.out.save(4)

    class Aside(Task):
        fine: Fine
        out = output("out.json")

        def run(self):
            self.out.save(5)

    class Data(luigi.ExternalTask):
        def output(self):
            return luigi.LocalTarget("data.txt")

    class Needy(Task):
        data: Data
        out = output("out.json")

        def run(self):
            self.out.save(6)

    class All(Task):
        highest: Highest
        aside: Aside
        needy: Needy
"""
TOOLS = {"tools.py": "def divide(x):\n    return x / 0\n"}


def test_a_failure_stops_only_what_needs_it(project: Callable[..., Project]) -> None:
    """What needs a failed task does not start, the rest does; the cause is told first, and stored with its log."""
    made = project(TASKS, "", TOOLS)
    first = launch(made, "All")
    assert 1 == first.exit_status
    expected = {
        "Fine": "ran",
        "Aside": "ran",
        "Broken": "failed",
        "Data": "failed",
        "Above": "not started",
        "Highest": "not started",
        "Needy": "not started",
    }
    assert expected == {label: outcome for label, outcome in first.outcomes.items() if label != "All"}
    failure = first.task("Broken")["failure"]
    assert "ZeroDivisionError: division by zero" == failure["message"]
    assert ["tasks.py:21 in run", "tools.py:2 in divide"] == failure["frames"][:2]
    assert "> " in failure["frames"][-1]
    assert "stands for data that is made elsewhere" in first.task("Data")["failure"]["message"]
    runs = {run.name: run for run in stored(made)}
    assert {"FAILED"} == {tops(made)[0].status, runs["Broken"].status}
    assert {"FINISHED"} == {runs["Fine"].status, runs["Aside"].status}
    assert 4 == len(runs)  # what did not start has no run
    broken = runs["Broken"].artifacts / "daicho"
    assert "before it broke" in (broken / "log.txt").read_text()
    assert "line 2, in divide" in (broken / "traceback.txt").read_text()
    assert [] == staged(made)
    assert first.task("Broken")["run_id"] == runs["Broken"].run_id


@pytest.mark.slow
def test_mended(project: Callable[..., Project]) -> None:
    """When the cause is mended, what failed and what stands on it runs, and the rest is reused."""
    made = project(TASKS, "", TOOLS)
    assert 1 == launch(made, "All").exit_status
    made.write("data.txt", "made elsewhere")
    mended = launch(made, "All", params={"Broken.how": "work"})
    assert 0 == mended.exit_status, mended
    assert ["reused", "reused", "ran", "ran", "ran", "ran"] == [
        mended.outcomes[name] for name in ("Fine", "Aside", "Broken", "Above", "Highest", "Needy")
    ]


@pytest.mark.slow
def test_the_ways_to_fail(project: Callable[..., Project]) -> None:
    """A process that ends with status 0, and KeyboardInterrupt that nobody asked for, are failures, too."""
    made = project(TASKS, "", TOOLS)
    died = launch(made, "Above", params={"Broken.how": "die"})
    assert (1, "failed", "not started") == (died.exit_status, died.outcomes["Broken"], died.outcomes["Above"])
    message = "its process ended with exit status 0 before the task was done"
    assert message == died.task("Broken")["failure"]["message"]
    assert ["FAILED"] == [run.status for run in stored(made) if run.name == "Broken"]
    stopped = launch(made, "Broken", params={"Broken.how": "stop"})
    assert (1, "failed") == (stopped.exit_status, stopped.outcomes["Broken"])
    inline = launch(made, "Above", params={"Broken.how": "raise"}, options={"inline": True})
    assert (1, "failed", "not started") == (
        inline.exit_status,
        inline.outcomes["Broken"],
        inline.outcomes["Above"],
    )
    assert "ZeroDivisionError: division by zero" == inline.task("Broken")["failure"]["message"]


@pytest.mark.slow
def test_the_first_failure_may_stop_all(project: Callable[..., Project]) -> None:
    """With `stop_at_first` nothing more starts, and what did not start says so."""
    tasks = TASKS.replace("class Aside(Task):", "class Aside(Task):\n        priority = -1")
    made = project(tasks, "", TOOLS)
    first = launch(made, "All", options={"stop_at_first": True})
    assert (1, "not started") == (first.exit_status, first.outcomes["Aside"])
