"""Workers of the command are copies of its process: what that saves, and what it must not change."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is copied")

TASKS = """
    import logging, os, random, sys, threading
    from pathlib import Path
    from daicho import Task, output

    with Path("imports.txt").open("a") as file:
        print(os.getpid(), os.environ.get("MPLBACKEND"), os.environ.get("FROM_FILE"), file=file)
    LEAVES

    class Draw(Task):
        number: int
        drawn = output("drawn.json")

        def run(self):
            import __main__, multiprocessing, time
            Path(f"ran-{self.number}").touch()
            limit = time.monotonic() + 60
            while len(list(Path().glob("ran-*"))) < TOGETHER and time.monotonic() < limit:
                time.sleep(0.01)
            logging.info("logged")
            self.drawn.save({
                "process": os.getpid(),
                "session": os.getsid(0),
                "main": __main__.__spec__.name,
                "random": random.random(),
                "asked": getattr(self, "asked", None),
                "environment": os.environ["MLFLOW_TRACKING_URI"][:6],
                "typed": sys.stdin.read(),
            })

    class All(Task):
        parts: list[Draw]
        all = output("all.json")

        def requires(self):
            for part in self.parts:
                part.asked = "by planning"
            return super().requires()

        def run(self):
            self.all.save([part.drawn.load() for part in self.parts])
"""
SETTINGS = """
    [RunConfig]
    task = "Main"
"""


def made(project: Callable[..., Project], leaves: str = "", together: int = 1) -> Project:
    """A project whose tasks module notes who imports it, and leaves something behind."""
    text = TASKS.replace("LEAVES", leaves).replace("TOGETHER", str(together))
    main = "\n    class Main(All):\n        parts: list[Draw] = [Draw(number=n) for n in range(3)]\n"
    found = project(text + main, name="copies")
    found.write("luigi.toml", SETTINGS)
    found.write(".env", "FROM_FILE=yes\n")
    return found


def drawn(own: Project, *words: str) -> list[dict[str, object]]:
    """Run, and give what the tasks have saved."""
    done = own.run("run", *words)
    assert (0, 0) == (done.returncode, done.stderr.count("Traceback")), done.stderr
    got = own.run("get", "Main.all", "-o", "all.json", "--json")
    assert 0 == got.returncode, got.stderr
    found: list[dict[str, object]] = json.loads((own.root / "all.json").read_text())
    return found


def importers(own: Project) -> list[list[str]]:
    """The processes that have imported the tasks for the first run, and what they found in the environment."""
    return [line.split() for line in (own.root / "imports.txt").read_text().splitlines()]


def test_the_tasks_are_imported_once(project: Callable[..., Project]) -> None:
    """Planning and the worker share one import, under a worker's environment; all else is as in a fresh worker."""
    own = made(project, "random.seed(7)")
    assert 0 == own.run("run").returncode
    (planner, *found), *more = importers(own)
    assert (["agg", "yes"], []) == (found, more)
    values = drawn(own)
    assert 3 == len(values)
    (worker,) = {value["process"] for value in values}
    assert worker not in (None, int(planner))
    for value in values:
        assert worker == value["session"]
        expected = ("daicho.engine.child", None, "sqlite", "")
        assert expected == tuple(value[name] for name in ("main", "asked", "environment", "typed"))
    seeded = random.Random(7)
    assert {seeded.random() for _ in values} == {value["random"] for value in values}
    again = own.run("run", "--json")
    assert "up to date" == json.loads(again.stdout)["status"]
    inline = json.loads(own.run("run", "--inline", "--json").stdout)
    assert "up to date" == inline["status"]


@pytest.mark.parametrize(
    "leaves",
    [
        'KEPT = open("imports.txt")',
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "logging.basicConfig(level=logging.DEBUG)",
    ],
    ids=["open file", "thread", "logging"],
)
def test_what_is_left_behind_is_not_shared(project: Callable[..., Project], leaves: str) -> None:
    """Where importing left more than modules, a worker imports them itself: what is open is its own."""
    own = made(project, leaves)
    assert 0 == own.run("run").returncode
    (planner, *_), (worker, *found), *more = importers(own)
    assert (["agg", "yes"], []) == (found, more)
    assert {int(worker)} == {value["process"] for value in drawn(own)} - {int(planner)}


def test_workers_are_independent(project: Callable[..., Project]) -> None:
    """Of several workers only one shares planning's import, and each has random numbers of its own."""
    own = made(project, together=3)
    assert 0 == own.run("run", "-j", "3").returncode
    first = importers(own)
    values = drawn(own, "-j", "3")
    assert (
        3 == len(first) == len({value["process"] for value in values}) == len({v["random"] for v in values})
    )


def test_without_standard_streams(project: Callable[..., Project]) -> None:
    """Where the output of the command is closed its processes have one that leads nowhere, and all is done."""
    own = made(project)
    command = f'exec "{sys.executable}" -m daicho run <&- >&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", command], cwd=own.root, env=own.environment(), check=False, timeout=120
    )
    assert 0 == done.returncode
    assert "up to date" == json.loads(own.run("run", "--json").stdout)["status"]
