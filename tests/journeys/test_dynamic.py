"""Dynamic dependencies: tasks that a `run()` yields are planned, run, reused and recorded like any others."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable

import pytest

from tests.journeys.launching import launch, left_of, staged, start, stored, until
from tests.support.project import Project

TASKS = """
    from pathlib import Path

    import luigi
    import mlflow
    from daicho import Task, output

    def note(task):
        with Path("starts").open("a") as file:
            print(task, file=file)

    class Base(Task):
        offset: int = 0
        out = output("out.json")

        def run(self):
            note("Base")
            self.out.save(self.offset % 10)

    class Part(Task):
        number: int
        scale: int = 1
        base: Base
        out = output("out.json")

        def run(self):
            note(f"Part {self.number}")
            self.out.save(self.number * self.scale + self.base.out.load())

    class Nested(Task):
        number: int
        resources = {"gpu": 1}
        out = output("out.json")

        def run(self):
            note("Nested")
            part = Part(number=self.number)
            target = yield part
            assert target["out"].exists()
            self.out.save(part.out.load() * 100)

    class Total(Task):
        count: int = 2
        resources = {"gpu": 1}
        out = output("out.json")

        def run(self):
            note("Total")
            print("from the top")
            mlflow.log_metric("starts", 1)
            self.out.save("not yet")
            first = Part(number=0)
            yield first
            parts = [Part(number=number) for number in range(1, self.count + first.out.load() + 1)]
            targets = yield parts
            assert [part.out.path for part in parts] == [Path(each["out"].path) for each in targets]
            nested = Nested(number=7)
            yield {"a": nested, "again": [parts[0]]}
            self.out.save([first.out.load(), *(part.out.load() for part in parts), nested.out.load()])

    class Beside(Task):
        total: Total
        part: Part = Part(number=1)
        out = output("out.json")

        def run(self):
            note("Beside")
            self.out.save([self.total.out.load(), self.part.out.load()])
"""
ONCE = {"Base": 1, "Part 0": 1, "Part 1": 1, "Part 2": 1, "Part 7": 1, "Nested": 2, "Total": 4, "Beside": 1}
"""How often Luigi's contract has each begin: once, and once more for each `yield` of what is not there yet."""

WRONG = """
    from pathlib import Path
    from daicho import Task, output

    class Bad(Task):
        out = output("out.json")

        def run(self):
            raise ValueError("as told")

    class Needs(Task):
        out = output("out.json")

        def run(self):
            yield Bad()

    class Ring(Task):
        out = output("out.json")

        def run(self):
            yield Round()

    class Round(Task):
        ring: Ring
        out = output("out.json")

        def run(self): ...

    class Odd(Task):
        out = output("out.json")

        def run(self):
            yield 3

    class Copes(Task):
        out = output("out.json")

        def run(self):
            try:
                yield Copes()
            except Exception as error:
                self.out.save(type(error).__name__)

    class Peeks(Task):
        out = output("out.json")

        def run(self):
            good = Good()
            yield [good]
            self.out.save(Hidden().out.load())

    class Good(Task):
        out = output("out.json")

        def run(self):
            self.out.save(1)

    class Hidden(Good): ...

    class Dies(Task):
        retries = 1
        retry_wait = 0.0
        out = output("out.json")

        def run(self):
            import os
            good = Good()
            yield good
            if not Path("died").exists():
                Path("died").touch()
                os.kill(os.getpid(), 9)
            self.out.save(good.out.load())

    class All(Task):
        def requires(self):
            return [Needs(), Ring(), Odd(), Copes(), Peeks(), Dies()]
"""
STOPPED = """
    import time
    from pathlib import Path
    from daicho import Task, output

    class Long(Task):
        out = output("out.json")

        def run(self):
            Path("runs").touch()
            while not Path("go").exists():
                time.sleep(0.02)
            self.out.save(1)

    class After(Task):
        long: Long
        out = output("out.json")

        def run(self):
            self.out.save(1)

    class Waits(Task):
        out = output("out.json")

        def run(self):
            yield After()
            self.out.save(1)
"""
BUILD = """
import json, sys
import luigi
import tasks

task = tasks.Beside()
print(json.dumps(luigi.build([task], local_scheduler=True, log_level="ERROR")))
print(json.dumps(task.out.load()))
"""
SCRIPT = "import daicho, json; print(json.dumps(daicho.load('Beside').out.load()))"


def _starts(made: Project) -> dict[str, int]:
    """How often each task has begun since this was last asked."""
    file = made.root / "starts"
    found = Counter(file.read_text().splitlines()) if file.exists() else Counter()
    file.unlink(missing_ok=True)
    return dict(found)


@pytest.mark.slow
def test_what_is_yielded_is_run_and_reused(project: Callable[..., Project]) -> None:
    """One, a list, a dict, nested, in a row: each task has one run, and begins no oftener than Luigi's contract has it."""
    made = project(TASKS)
    first = launch(made, "Beside", options={"jobs": 2})
    assert 0 == first.exit_status, first.told
    assert ONCE == _starts(made)
    assert {"ran"} == set(first.outcomes.values())
    assert 8 == len(first.outcomes)
    runs = stored(made)
    assert Counter(dict.fromkeys(("Base", "Total", "Nested", "Beside"), 1)) + Counter(Part=4) == Counter(
        run.name.partition("(")[0] for run in runs if run.parent is not None
    )
    assert {"FINISHED"} == {run.status for run in runs}
    total = next(run for run in runs if run.name == "Total")
    assert 4 == len((total.artifacts / "daicho" / "log.txt").read_text().splitlines())
    assert [] == staged(made)
    loaded = made.python("-c", SCRIPT)
    assert [[0, 1, 2, 700], 1] == json.loads(loaded.stdout), loaded.stderr

    plan = json.loads(made.run("status", "Beside", "--json").stdout)
    tasks = {task["task_id"]: task for task in plan["tasks"]}
    assert (8, {"reuse"}) == (len(tasks), {task["decision"] for task in tasks.values()})
    needs = next(task["needs"] for task in tasks.values() if task["task"] == "Total")
    assert ["Nested", "Part", "Part", "Part"] == sorted(tasks[needed]["task"] for needed in needs)
    again = launch(made, "Beside", options={"jobs": 2})
    assert ({"reused"}, {}, len(runs)) == (set(again.outcomes.values()), _starts(made), len(stored(made)))

    inline = launch(made, "Beside", params={"Total.count": 3}, options={"inline": True})
    assert 0 == inline.exit_status, inline.told
    assert {"Part 3": 1, "Total": 2, "Beside": 1} == _starts(made)  # what is there already goes on at once

    more = launch(made, "Beside", params={"Part.scale": 2}, options={"jobs": 2})
    assert {**ONCE, "Base": 0} == {"Base": 0, **_starts(made)}
    assert ["what it yielded is another task now: `Part.scale` changed"] == more.reasons("Total")

    # Equal bytes from below: what stands on what is yielded is decided once that is there, and is not run.
    same = launch(made, "Beside", params={"Base.offset": 10}, options={"jobs": 2})
    assert ({"Base": 1}, "reused") == (_starts(made), same.outcomes["Total"])
    code = made.root / "tasks.py"
    code.write_text(code.read_text().replace("self.number * self.scale +", "self.scale * self.number +"))
    status = json.loads(made.run("status", "Beside", "--json").stdout)["tasks"]
    assert {"Base": "reuse", "Total": "run"}.items() <= {
        each["task"]: each["decision"] for each in status
    }.items()


@pytest.mark.slow
def test_what_goes_wrong_with_what_is_yielded(project: Callable[..., Project]) -> None:
    """A failure below, a ring, what is no task, reading what was not yielded, a death after a `yield`: each is told."""
    made = project(WRONG)
    run = launch(made, "All", options={"jobs": 2})
    assert 1 == run.exit_status, run.document
    outcomes = {"Bad": "failed", "Needs": "failed", "Ring": "failed", "Odd": "failed", "Peeks": "failed"}
    assert {**outcomes, "Copes": "ran", "Good": "ran", "Dies": "ran"} == run.outcomes
    told = {label: run.task(label)["failure"]["message"] for label in outcomes}
    assert "`Bad`, which it yields, did not finish" == told["Needs"]
    assert "tasks depend on each other in a ring: `Ring` -> `Round` -> `Ring`" == told["Ring"]
    assert "`Odd.run()` yields 3, which is not a task" == told["Odd"]
    assert "`Peeks` reads `Hidden.out`, but does not depend on it" == told["Peeks"]
    assert 2 == len(run.task("Dies")["attempts"])
    statuses = Counter((each.name, each.status) for each in stored(made) if each.parent is not None)
    assert {
        ("Needs", "FAILED"): 1,
        ("Dies", "FAILED"): 1,
        ("Dies", "FINISHED"): 1,
    }.items() <= statuses.items()
    assert "RUNNING" not in {status for _, status in statuses}


@pytest.mark.slow
def test_stopping_while_a_task_waits_for_what_it_yields(project: Callable[..., Project]) -> None:
    """The run that it has begun ends KILLED, what has finished is kept, and the next launch goes on from there."""
    made = project(STOPPED)
    running = start(made, "Waits", env={"DAICHO_TEST_LAUNCH": "yields"})
    until((made.root / "runs").exists, "what is needed by what is yielded runs", running)
    running.signal(signal.SIGINT)
    assert running.process.stderr is not None
    assert any(line.startswith("Stopping") for line in running.process.stderr)
    (made.root / "go").touch()
    stopped = running.ended()
    assert 130 == stopped.exit_status
    assert {"Long": "ran", "After": "not started", "Waits": "interrupted"} == stopped.outcomes
    assert {"Long": "FINISHED", "Waits": "KILLED"} == {
        run.name: run.status for run in stored(made) if run.parent is not None
    }
    assert [] == left_of("yields")
    again = launch(made, "Waits")
    assert {"Long": "reused", "After": "ran", "Waits": "ran"} == again.outcomes


@pytest.mark.slow
def test_luigi_build_runs_what_is_yielded(project: Callable[..., Project]) -> None:
    """Under plain Luigi it runs in the same process, with the same records: daicho itself then has nothing to do."""
    made = project(TASKS)
    built = made.python("-c", BUILD)
    assert (0, ["true", "[[0, 1, 2, 700], 1]"]) == (built.returncode, built.stdout.splitlines()[-2:]), (
        built.stderr
    )
    assert ONCE == _starts(made)
    assert {"FINISHED"} == {run.status for run in stored(made)}
    ours = launch(made, "Beside")
    assert ({"reused"}, 8, {}) == (set(ours.outcomes.values()), len(ours.outcomes), _starts(made))
