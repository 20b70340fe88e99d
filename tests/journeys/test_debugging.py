"""Looking into a task while it runs, and seeing how far it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.slow

TASKS = """
    import json
    import time

    import daicho
    from daicho import Task, output
    from tqdm import tqdm

    class Stopping(Task):
        out = output("out.json")
        def run(self):
            inside = "seen at the breakpoint"
            breakpoint()
            self.out.save(1)

    class Failing(Task):
        before: Stopping
        out = output("out.json")
        def run(self):
            text = "no json at all"
            json.loads(text)

    class Long(Task):
        out = output("out.json")
        def run(self):
            for _ in daicho.progress(range(3)):
                time.sleep(0.25)
            for _ in tqdm(range(5), mininterval=0):
                time.sleep(0.25)
            self.out.save(1)
"""


def test_the_debugger_opens_where_it_is_asked_for(project: Callable[..., Project]) -> None:
    """`breakpoint()` stops inline; with --pdb a failure opens the debugger in the user's frame, not in the library's."""
    made = project(TASKS)
    done = subprocess.run(
        [sys.executable, "-m", "daicho", "run", "Failing", "--pdb"],
        cwd=made.root,
        env=made.environment(),
        input="p inside\nc\np text\nq\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 1 == done.returncode
    assert "'seen at the breakpoint'" in done.stderr
    assert "JSONDecodeError: Expecting value" in done.stderr
    assert "-> json.loads(text)" in done.stderr
    assert "'no json at all'" in done.stderr
    assert "1 failed, 1 ran" in done.stdout


def test_how_far_a_task_is_is_told(project: Callable[..., Project]) -> None:
    """`daicho.progress` and a bar of tqdm in a worker reach whoever watches; a bar is one line of the log."""
    made = project(TASKS)
    done = made.run("run", "Long", "--events", "-")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    told = [(each["done"], each["total"]) for each in events if each["event"] == "task_progress"]
    assert (3, 3) in told
    assert any(total == 5 and 0 < place <= 5 for place, total in told)
    printed = "".join(each["text"] for each in events if each["event"] == "task_printed")
    assert 1 == printed.count("\n") + (not printed.endswith("\n"))
