"""`daicho.run` in a person's own script, with the tasks in the script itself: it works, or says why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.launching import stored, tops
from tests.support.project import Project

SCRIPT = """
    import os
    from pathlib import Path

    with Path("loaded").open("a") as file:
        file.write("x")
    if Path("loaded").stat().st_size > 4:
        os._exit(9)  # so that a script that starts itself again and again ends

    import daicho
    from daicho import Task, output

    class Below(Task):
        out = output("out.json")

        def run(self):
            self.out.save(1)

    class Total(Task):
        below: Below
        out = output("out.json")

        def run(self):
            self.out.save([self.below.out.load(), __name__])
"""
TELL = 'print(run.exit_status, *(f"{task.label}={task.outcome}" for task in run.tasks))'
FAILURES = "[print(task.result.failure.message) for task in run.tasks if task.result.failure]"


def test_tasks_in_the_script_itself(project: Callable[..., Project]) -> None:
    """With the guard that Python's own processes need as well, tasks in a script run in workers."""
    made = project()
    made.write(
        "script.py",
        SCRIPT
        + f"""
    if __name__ == "__main__":
        run = daicho.run(Total.configured())
        {TELL}
        print(daicho.load(Total).out.load()[0])
    """,
    )
    done = made.python("script.py")
    assert ["0 Below=ran Total=ran", "1"] == done.stdout.splitlines(), done.stderr


@pytest.mark.slow
def test_a_script_without_a_guard(project: Callable[..., Project]) -> None:
    """Without it nothing starts again and again: the task fails with a sentence that says what to write."""
    made = project()
    made.write(
        "script.py",
        SCRIPT
        + f"""
    run = daicho.run(Total.configured())
    {TELL}
    {FAILURES}
    """,
    )
    done = made.python("script.py")
    first, message = done.stdout.splitlines()
    assert "1 Below=failed Total=not started" == first, done.stderr
    assert "`daicho.run` was called where a launch is going on already" == message
    assert 2 == (made.root / "loaded").stat().st_size
    assert 1 == len(tops(made))
    assert {"FAILED"} == {run.status for run in stored(made)}


@pytest.mark.slow
def test_a_task_does_not_launch(project: Callable[..., Project]) -> None:
    """`daicho.run` inside of a task is refused, in a worker and inline."""
    made = project()
    made.write(
        "script.py",
        """
    import sys
    import daicho
    from daicho import Options, Task, output

    class Inner(Task):
        def run(self):
            pass

    class Outer(Task):
        def run(self):
            daicho.run(Inner())

    if __name__ == "__main__":
        for inline in (False, True):
            run = daicho.run(Outer(), options=Options(inline=inline))
            print(run.exit_status, run.tasks[0].result.failure.message)
    """,
    )
    done = made.python("script.py")
    expected = "1 `daicho.run` was called where a launch is going on already"
    assert [expected, expected] == done.stdout.splitlines(), done.stderr
