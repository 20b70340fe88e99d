"""The command as a person uses it, on real projects and a real store."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Callable

import pytest

from tests.cli.schemas import check
from tests.cli.terminal import start
from tests.support.git import Repository
from tests.support.project import Project

TASKS = """
    import time
    from daicho import Task, output

    class Numbers(Task):
        seed: int = 0
        numbers = output("numbers.json")

        def run(self):
            print("working [red]hard[/red] \\x1b[31mred\\x1b[0m")
            self.numbers.save([self.seed, 1])

    class Total(Task):
        data: Numbers
        total = output("total.json")

        def run(self):
            import mlflow
            mlflow.log_metric("sum", sum(self.data.numbers.load()))
            self.total.save(sum(self.data.numbers.load()))

    class Broken(Task):
        data: Numbers
        nothing = output("nothing.json")

        def run(self):
            for number in range(25):
                print("line", number)
            self.nothing.save({}["Agee"])

    class Last(Task):
        broken: Broken
        last = output("last.json")

        def run(self):
            self.last.save(1)

    class Slow(Task):
        slow = output("slow.json")

        def run(self):
            print("slow", flush=True)
            time.sleep(600)
"""


def test_a_project_from_day_to_day(
    project: Callable[..., Project], git: Callable[[object], Repository]
) -> None:
    """Run, run again, look, get: each says what it did in its own words and in its own document."""
    made = project(TASKS, '[RunConfig]\ntask = "Total"\n', name="numbers")
    git(made.root).commit()

    first = made.run("run")
    assert 0 == first.returncode, first.stderr
    assert re.fullmatch(
        r"Done in [\d.:]+ s: 2 ran, 0 reused\. Recorded as Total (\w+-\w+-\d+) in \./mlflow\.db \(commit [0-9a-f]{7}\)\n"
        r"  Total    sum 1\n"
        r"  Outputs  total\.json\n"
        r"  in       mlruns/\S+/artifacts/\n",
        first.stdout,
    ), first.stdout
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d  Total: 2 tasks, none reusable yet\n"
        r"\d\d:\d\d:\d\d    ✓ Numbers +[\d.]+ s   first run\n"
        r"\d\d:\d\d:\d\d    ✓ Total   +[\d.]+ s   first run\n"
        r"next: daicho ui\n",
        first.stderr,
    ), first.stderr
    name = re.findall(r"\w+-\w+-\d+", first.stdout)[0]

    again = made.run("run")
    assert (0, "") == (again.returncode, again.stderr)
    assert re.fullmatch(rf"Total is up to date: 2 of 2 reused from {name} \([\d.]+ s\)\n", again.stdout)
    assert ("", "") == (made.run("run", "-q").stdout, made.run("run", "-q").stderr)

    document = json.loads(made.run("run", "--json").stdout)
    check("run", document)
    assert ("up to date", 0) == (document["status"], document["exit_status"])
    assert 0 == made.run("status", "--check").returncode
    changed = made.run("status", "Numbers.seed=1")
    assert "↻ Numbers  run        seed: 0 -> 1" in changed.stdout

    for what in (name, f"{name}/Total", "Total"):
        shown = json.loads(made.run("show", what, "--json").stdout)
        check("show", shown)
    assert "sum  1" in made.run("show", "Total").stdout
    assert "working [red]hard[/red] red" in made.run("show", "Numbers", "-v").stdout

    got = json.loads(made.run("get", "Total.total", "-o", "copy.json", "--json").stdout)
    check("get", got)
    assert "1" == (made.root / "copy.json").read_text().strip()
    assert "Total.total is in other.json" in made.run("get", "Total.total", "-o", "other.json").stdout


def test_a_failure_on_a_terminal(project: Callable[..., Project]) -> None:
    """What is drawn goes away; the sentence, the user's frames and the end of the log stay; show tells the rest."""
    made = project(TASKS, name="broken")
    session = start("-m", "daicho", "run", "Last", folder=made.root, environment=made.environment())
    assert 1 == session.end()
    text = session.screen.text
    assert "of 3 tasks done, " in session.raw
    assert "\x1b[31m✗\x1b[0m" in session.raw
    for expected in (
        "Last: 3 tasks, none reusable yet",
        "      KeyError: 'Agee'",
        "      tasks.py:29 in run",
        "      the last 20 of 25 lines that it printed:",
        "        line 24",
        "  – Last     not started: needs Broken",
    ):
        assert expected in text.splitlines()
    assert "running" not in text
    assert "1 failed, 1 not started, 1 ran, 0 reused." in text
    name = re.findall(r"next: daicho show (\S+)", text)[0]
    shown = made.run("show", name)
    assert "KeyError: 'Agee'" in shown.stdout
    assert "line 24" in shown.stdout
    check("show", json.loads(made.run("show", name, "--json").stdout))


def test_an_interruption_on_a_terminal(project: Callable[..., Project]) -> None:
    """Who stops a run gets a summary, the status of interrupted commands, and a terminal that works."""
    made = project(TASKS, name="slow")
    session = start("-m", "daicho", "run", "-v", "Slow", folder=made.root, environment=made.environment())
    session.read_until("Slow │ slow")
    os.kill(session.process.pid, signal.SIGINT)
    session.read_until("Ctrl-C again ends it")
    os.kill(session.process.pid, signal.SIGINT)
    assert 130 == session.end()
    assert "Interrupted after" in session.screen.text
    assert "✗ Slow  interrupted after" in session.screen.text
    assert "Traceback" not in session.screen.text
    assert session.raw.rindex("\x1b[?25h") > session.raw.rindex("\x1b[?25l")


def test_nothing_to_show(project: Callable[..., Project]) -> None:
    """Before the first run there is nothing to look at, and looking makes nothing."""
    made = project(TASKS)
    for arguments in (["ui", "--no-browser"], ["show", "Total"], ["get", "Total.total"]):
        done = made.run(*arguments)
        assert (2, "") == (done.returncode, done.stdout)
        assert "error[not-found]" in done.stderr
    assert not (made.root / "mlflow.db").exists()


@pytest.mark.slow
def test_the_page(project: Callable[..., Project]) -> None:
    """`ui` serves the page until it is stopped, and leaves no process behind."""
    made = project(TASKS, name="page")
    assert 0 == made.run("run", "Numbers").returncode
    child = made.start("ui", "--json", "--no-browser")
    assert child.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        line = child.stdout.readline()
        assert line, child.communicate()
        text += line
    document = json.loads(text)
    check("ui", document)
    with urllib.request.urlopen(document["url"].partition("#")[0], timeout=30) as page:
        assert b"<html" in page.read().lower()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (0, "", "") == (child.returncode, out, err)
    with pytest.raises(OSError):
        urllib.request.urlopen(document["url"].partition("#")[0], timeout=5)
