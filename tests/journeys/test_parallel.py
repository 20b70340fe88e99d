"""Several tasks at once: each in its own run, all shared things shared, failures where they belong, equal results."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.cli.schemas import check, check_line
from tests.journeys.launching import launch, left_of, staged, stored, tops, until
from tests.support.project import Project

TASKS = """
    import os, signal, threading, time
    from pathlib import Path
    from daicho import Task, output

    class Logs(Task):
        number: int
        priority = 10
        out = output("out.json")

        def run(self):
            import mlflow
            Path(f"here-{self.number}").touch()
            while not (Path("here-1").exists() and Path("here-2").exists()):  # both at the same time
                time.sleep(0.01)
            thread = threading.Thread(target=lambda: mlflow.log_metric("by_thread", self.number))
            thread.start()
            thread.join()
            mlflow.log_metric("number", self.number)
            self.out.save(self.number)

    class Shares(Task):
        number: int
        resources = {"gpu": 1}
        out = output("out.json")

        def run(self):
            with Path("gpu").open("a") as file:
                print("in", file=file, flush=True)
                time.sleep(0.05)
                print("out", file=file, flush=True)
            self.out.save(self.number)

    class Flaky(Task):
        retries = 2
        retry_wait = 0.05
        out = output("out.json")

        def run(self):
            (self.out.path.parent / "left behind").touch()
            tried = Path("tried")
            tries = len(tried.read_text()) if tried.exists() else 0
            tried.write_text("x" * (tries + 1))
            print("try", tries, flush=True)
            if tries == 0:
                raise ConnectionError("no route")
            if tries == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            (self.out.path.parent / "left behind").unlink()
            self.out.save(tries)

    class Slow(Task):
        timeout = 0.3
        out = output("out.json")

        def run(self):
            print("slow")
            try:
                time.sleep(600)
            finally:
                print("cleaned up")

    class Hopeless(Task):
        retries = 5
        retry_on = (ConnectionError,)
        out = output("out.json")

        def run(self):
            raise ValueError("as always")

    class All(Task):
        flaky: Flaky
        slow: Slow
        hopeless: Hopeless

        def requires(self):
            return [kind(number=number) for kind in (Logs, Shares) for number in (1, 2)]
"""
MANY = """
    from daicho import Task, output

    class Part(Task):
        number: int
        out = output("out.json")

        def run(self):
            import mlflow
            mlflow.log_metric("number", self.number)
            self.out.save([self.number] * 1000)

    class Sum(Task):
        parts: list[Part]
        out = output("out.json")

        def run(self):
            self.out.save(sum(part.out.load()[0] for part in self.parts))

    class All(Task):
        def requires(self):
            return [Sum(parts=[Part(number=n) for n in (number, number + 1, 0)]) for number in range(1, 9)]
"""
FITS = """
    from daicho import Task, output

    class Fit(Task):
        number: int
        auto: bool
        out = output("out.json")

        def run(self):
            import mlflow
            from sklearn.linear_model import Ridge
            if self.auto:
                mlflow.sklearn.autolog(log_models=False, log_datasets=False)
            Ridge(alpha=self.number).fit([[0], [1]], [0, 1])
            self.out.save(self.number)

    class All(Task):
        def requires(self):
            return [Fit(number=number, auto=number % 2 == 0) for number in range(1, 7)]
"""


@pytest.mark.slow
def test_each_has_its_own(project: Callable[..., Project]) -> None:
    """Metrics, attempts, time limits, resources: with four workers each task has what is its own, in its own run."""
    made = project(TASKS)
    mark = made.root.parent.name
    done = made.run(
        "run", "All", "-j", "4", "--events", "events.jsonl", "--json", env={"DAICHO_TEST_LAUNCH": mark}
    )
    assert 1 == done.returncode, done.stderr
    document = json.loads(done.stdout)
    check("run", document)
    tasks = {task["label"]: task for task in document["tasks"]}
    runs = {run.run_id: run for run in stored(made)}
    for number in (1, 2):
        own = runs[tasks[f"Logs(number={number})"]["run_id"]]
        assert {"number": number, "by_thread": number} == dict(own.metrics)
    assert {"in", "out"} == set((made.root / "gpu").read_text().split())
    assert all(one != other for one, other in pairwise((made.root / "gpu").read_text().split()))

    flaky = tasks["Flaky"]
    assert ["failed", "failed", "ran"] == [attempt["outcome"] for attempt in flaky["attempts"]]
    assert "ConnectionError: no route" == flaky["attempts"][0]["message"]
    assert "SIGKILL" in flaky["attempts"][1]["message"]
    tried = [runs[attempt["run_id"]] for attempt in flaky["attempts"]]
    assert ["FAILED", "FAILED", "FINISHED"] == [run.status for run in tried]
    assert [None, "2", "3"] == [run.tags.get("daicho.attempt") for run in tried]
    assert tried[2].run_id == flaky["run_id"]
    assert {tops(made)[0].run_id} == {run.parent for run in tried}
    assert ["try 0\n", "try 1\n", "try 2\n"] == [
        (run.artifacts / "daicho/log.txt").read_text() for run in tried
    ]
    assert "no route" in (tried[0].artifacts / "daicho/traceback.txt").read_text()

    slow, hopeless = tasks["Slow"], tasks["Hopeless"]
    assert ("timed out", "FAILED") == (slow["outcome"], runs[slow["run_id"]].status)
    assert "it took longer than its `timeout`, 0.3 s" == slow["failure"]["message"]
    assert "slow\ncleaned up\n" == (runs[slow["run_id"]].artifacts / "daicho/log.txt").read_text()
    assert ("failed", 1) == (hopeless["outcome"], len(hopeless["attempts"]))

    assert {"RUNNING"}.isdisjoint(run.status for run in runs.values())
    assert [] == staged(made)
    until(lambda: left_of(mark) == [], "the end of all processes")
    events = [json.loads(line) for line in (made.root / "events.jsonl").read_text().splitlines()]
    for event in events:
        check_line("events", event)
    assert [2, 3] == [
        event["attempt"] for event in events if event["event"] == "task_started" and event["attempt"] > 1
    ]
    assert ("planned", "run_ended") == (events[0]["event"], events[-1]["event"])


@pytest.mark.slow
def test_as_many_as_one_likes(project: Callable[..., Project]) -> None:
    """One worker or several: the same records, the same bytes, every metric in its own run; then nothing is to do."""
    found = []
    for jobs in (1, 3):
        made = project(MANY, name=f"with-{jobs}")
        done = launch(made, "All", options={"jobs": jobs})
        assert 0 == done.exit_status, done
        assert "up to date" == launch(made, "All", options={"jobs": jobs}).document["status"]
        runs = {run.run_id: run for run in stored(made)}
        for task in done.document["tasks"]:
            if task["task"] == "Part":
                assert {"number": task["parameters"]["number"]} == dict(runs[task["run_id"]].metrics)
        found.append(
            {task["key"]: task["outputs"][0]["digest"] for task in done.document["tasks"] if task["key"]}
        )
    assert 18 == len(found[0])
    assert found[0] == found[1]


@pytest.mark.slow
def test_autologging_ends_with_the_task(project: Callable[..., Project]) -> None:
    """What one task switches on is off in the next of the same process, and logs to no run but its own meanwhile."""
    made = project(FITS)
    done = launch(made, "All", options={"jobs": 2})
    assert 0 == done.exit_status, done
    runs = {run.run_id: run for run in stored(made)}
    for task in done.document["tasks"]:
        if task["task"] == "Fit":
            number, auto = task["parameters"]["number"], task["parameters"]["auto"]
            logged = runs[task["run_id"]].params.get("alpha")
            assert (str(number) if auto else None) == logged


@pytest.mark.slow
def test_inline_there_is_no_limit(project: Callable[..., Project]) -> None:
    """Inline attempts are as elsewhere; a limit is not enforced, and that is said."""
    tasks = TASKS.replace("time.sleep(600)", "time.sleep(0.5)").replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "1 / 0"
    )
    made = project(tasks.replace('print("cleaned up")', "self.out.save(1)"))
    slow = launch(made, "Slow", options={"inline": True})
    assert (0, "ran") == (slow.exit_status, slow.outcomes["Slow"])
    assert ["time limits are not enforced inline: `Slow`"] == [
        note for note in slow.document["notes"] if "inline" in note
    ]
    flaky = launch(made, "Flaky", options={"inline": True})
    assert 3 == len(flaky.task("Flaky")["attempts"])


def test_what_cannot_be_is_refused(project: Callable[..., Project]) -> None:
    """A task that needs more than there is, and numbers that mean nothing, are errors before anything runs."""
    made = project(TASKS.replace('{"gpu": 1}', '{"gpu": 3}'), "[resources]\ngpu = 2\n")
    needs = made.run("run", "All", "-j", "2")
    assert 2 == needs.returncode
    assert "`Shares(number=1)` needs 3 of `gpu`, and there is 2" in needs.stderr
    assert "hint: say how much there is: [resources] gpu = 3" in needs.stderr
    for words, sentence in (
        (("-j", "0"), "0 jobs would run nothing"),
        (("-j", "2", "--inline"), "one after the other where they run inline"),
        (("--events", "-", "--json"), "both write to stdout"),
    ):
        refused = made.run("run", "All", *words)
        assert 2 == refused.returncode
        assert sentence in refused.stderr
    assert [] == stored(made)
