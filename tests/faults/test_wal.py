"""SIGKILL while commits lie in a write-ahead log: what was recorded stays, and the next launch is right."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.killing import CONFIG, FAMILIES, FINAL, TASKS, running, visible
from tests.journeys.launching import launch, left_of, start, tops, until
from tests.support.project import Project

WAITS = "self.out.save(sum(self.first.rows.load()))"
WAITING = f"while not pathlib.Path('go').exists(): time.sleep(0.02)\n        {WAITS}"


@pytest.mark.slow
@pytest.mark.parametrize("all_of_it", [False, True])
def test_killed_while_it_writes(project: Callable[..., Project], all_of_it: bool) -> None:
    """The recorder dies, alone or with its launch: `-wal` holds what counted, that is reused, and the rest is made."""
    tasks = f"import pathlib, time\n{TASKS.replace(WAITS, WAITING)}"
    made = project(tasks, f"{CONFIG}[daicho]\nwal = true\n")
    database, mark = made.root / "mlflow.db", made.root.parent.name
    launched = start(made, "Third", env={"DAICHO_TEST_LAUNCH": mark})
    until(lambda: "First" in _counted(made), "the first record", launched)
    recorder = json.loads(tops(made)[0].tags["daicho.process"])["pid"]
    if all_of_it:
        launched.signal(signal.SIGKILL)
    os.kill(recorder, signal.SIGKILL)
    made.write("go", "")
    ended = launched.ended()
    assert (-signal.SIGKILL if all_of_it else 3) == ended.exit_status, ended
    until(lambda: left_of(mark) == [], "the end of all processes")
    assert Path(f"{database}-wal").stat().st_size
    after = launch(made, "Third")
    assert (0, "reused") == (after.exit_status, after.outcomes["First"]), after
    assert 0 == Path(f"{database}-wal").stat().st_size
    assert ({family: [] for family in FAMILIES}, 0) == (visible(made.root), running(made.root))
    assert FINAL == json.loads(Path(after.task("Third")["outputs"][0]["path"]).read_text())
    with closing(sqlite3.connect(database)) as store:
        assert [("wal",), ("ok",)] == [
            store.execute(f"PRAGMA {what}").fetchone() for what in ("journal_mode", "integrity_check")
        ]


def _counted(made: Project) -> set[str]:
    """The tasks whose results count by now; nothing while the store is being made."""
    try:
        return set(visible(made.root))
    except sqlite3.OperationalError:
        return set()
