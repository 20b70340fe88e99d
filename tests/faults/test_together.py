"""Several launches at the same time, on one machine: each task is computed once, and nobody sees an error."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.together import ALL, TASKS, all_at_once, executions
from tests.support.postgres import Postgres
from tests.support.project import Project

SUMS = '[daicho]\nproject = "sums"\n'
LAPS = int(os.environ.get("DAICHO_TEST_LAPS", "1"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_eight_launches(
    kind: str, project: Callable[..., Project], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Eight launches of overlapping graphs from two folders, on a store that is not there yet: no task runs twice."""
    one, two = (project(TASKS, SUMS, name=name) for name in ("one", "two"))
    env = {"MLFLOW_TRACKING_URI": f"sqlite:///{one.root / 'mlflow.db'}"}
    if kind == "postgres":
        database: Postgres = request.getfixturevalue("postgres")
        env = {"MLFLOW_TRACKING_URI": database.database()}
    executed = tmp_path / "executed"
    for lap in range(LAPS):
        ended = all_at_once([one, two] * 4, lap, executed, env)
        for _, each in ended:
            assert (0, None) == (each.exit_status, each.document.get("problem")), each
            assert "locked" not in each.told
        again = executions(executed, lap)
        assert (ALL, {1}) == (len(again), set(again.values())), again
        runs = [
            (first, task["label"], task["run_id"]) for first, each in ended for task in each.document["tasks"]
        ]
        assert len({(first, label) for first, label, _ in runs}) == len(set(runs))  # the same record for all


@pytest.mark.slow
def test_two_launches_in_wal_mode(project: Callable[..., Project], tmp_path: Path) -> None:
    """Two launches that switch one store to its write-ahead log, and write to it: no task runs twice, nothing is locked."""
    made = project(TASKS, f"{SUMS}wal = true\n")
    executed = tmp_path / "executed"
    for lap in range(2):  # first a store that is not there yet, then one that is
        ended = all_at_once([made] * 2, lap, executed, {})
        for _, each in ended:
            assert (0, None) == (each.exit_status, each.document.get("problem")), each
            assert "locked" not in each.told
        again = executions(executed, lap)
        assert {1} == set(again.values()), again
    with closing(sqlite3.connect(made.root / "mlflow.db")) as store:
        assert ("wal",) == store.execute("PRAGMA journal_mode").fetchone()
        assert ("ok",) == store.execute("PRAGMA integrity_check").fetchone()
