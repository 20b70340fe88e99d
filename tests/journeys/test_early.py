"""The recorder that starts before it is known what is to be done, and the way out: nothing is left, nothing left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.launching import left_of, stored, until
from tests.support.project import Project

TASKS = """
    import atexit, os, threading, time
    from pathlib import Path
    from daicho import Task, output

    def late():
        time.sleep(0.2)
        Path("late").write_text(str(os.getpid()))

    if not os.environ.get("QUIET"):
        atexit.register(lambda: Path("bye").write_text(str(os.getpid())))
        threading.Thread(target=late).start()
        HELD = open("held", "w")
        HELD.write(str(os.getpid()))

    class One(Task):
        out = output("out.json")
        fails: bool = False

        def run(self):
            if self.fails:
                raise ValueError("no")
            self.out.save(1)
"""


@pytest.mark.parametrize("words", [["Nope"], ["One", "One.fail=1"]], ids=["task", "parameter"])
def test_a_mistake_leaves_nothing(project: Callable[..., Project], words: list[str]) -> None:
    """In a new project a recorder starts before the mistake is known: it is not left, and there is no store."""
    made = project(TASKS)
    done = made.run("run", *words, env={"DAICHO_TEST_LAUNCH": made.root.name, "QUIET": "1"})
    assert 2 == done.returncode, done
    until(lambda: left_of(made.root.name) == [], "the end of all processes")
    assert not (made.root / "mlflow.db").exists()


@pytest.mark.parametrize(("words", "status"), [([], 0), (["One.fails=true"], 1)], ids=["done", "failed"])
def test_the_way_out(project: Callable[..., Project], words: list[str], status: int) -> None:
    """At the end threads are waited for, exit handlers called, files written; the exit status is the launch's."""
    made = project(TASKS)
    done = made.run("run", "One", *words)
    assert status == done.returncode, done
    assert (made.root / "bye").read_text() == (made.root / "late").read_text()
    assert (made.root / "held").read_text()
    assert ("1 ran" if status == 0 else "1 failed") in done.stdout + done.stderr


def test_forced(project: Callable[..., Project]) -> None:
    """With -f the recorder starts early in a store that is there, and all is as ever: the new result takes the place."""
    made = project(TASKS)
    assert 0 == made.run("run", "One", env={"QUIET": "1"}).returncode
    again = made.run("run", "One", "-f", env={"QUIET": "1"})
    assert (0, True) == (again.returncode, "asked for with -f" in again.stdout + again.stderr)
    assert {"FINISHED"} == {run.status for run in stored(made)}
    assert 4 == len(stored(made))
    third = made.run("run", "One", env={"QUIET": "1"})
    assert (0, 4) == (third.returncode, len(stored(made)))
