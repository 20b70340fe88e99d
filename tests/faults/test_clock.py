"""Clocks that are wrong, or that jump: records of the future and of the past count like any other, the same for all."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from daicho.ledger import BeginTask, OpenPipeline, PipelineOpened, Recorded, TaskBegun, resolve
from daicho.ledger._marks import PROCESS
from daicho.verbs.doctor import doctor
from daicho.verbs.log import log
from tests.faults.killing import FAMILIES, Zygote, left_over, running, visible, zygote
from tests.ledger.scene import Scene

pytestmark = pytest.mark.slow

YEARS = 365 * 86400.0
SHIFTS = [0.0, 10 * YEARS, -10 * YEARS, 3 * 3600.0]


@pytest.fixture(scope="module")
def launches(session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Cheap launches."""
    with zygote(session_folder, tmp_path_factory.mktemp("clock")) as made:
        yield made


def _outcomes(answer: dict[str, Any]) -> dict[str, str]:
    assert 0 == answer["document"]["exit_status"], answer
    return {task["label"]: task["outcome"] for task in answer["document"]["tasks"]}


def _first_start(root: Path) -> float:
    with closing(sqlite3.connect(root / "mlflow.db")) as store:
        return float(store.execute("SELECT min(start_time) / 1000.0 FROM runs").fetchone()[0])


def _edited(root: Path, rows: str) -> None:
    tasks = root / "tasks.py"
    text = tasks.read_text()
    tasks.write_text(text.replace(text[text.index("save([") + 5 : text.index("])\n") + 1], rows))


@pytest.mark.parametrize("shift", SHIFTS[1:])
def test_a_record_of_another_time(shift: float, launches: Zygote) -> None:
    """What was recorded by a clock that is wrong is reused by a right one, and the other way round."""
    root = launches.project()
    assert {"ran"} == set(_outcomes(launches.launch(root, clock=shift)).values())
    assert abs(_first_start(root) - time.time() - shift) < 3600
    for other in SHIFTS:
        assert {"reused"} == set(_outcomes(launches.launch(root, clock=other)).values()), other
    _edited(root, "[1, 2, 4]")
    assert {"ran"} == set(_outcomes(launches.launch(root)).values())
    _edited(root, "[1, 2, 3]")
    assert {"reused"} == set(_outcomes(launches.launch(root)).values())
    assert {family: [] for family in FAMILIES} == visible(root)
    assert (0, []) == (running(root), left_over(root))
    assert 2 == len(log(folder=root).entries)
    assert "ok" == {check.name: check.state for check in doctor(folder=root).checks}["store"]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Scene]:
    """A ledger on an SQLite store of the test's own."""
    made = Scene(tmp_path, resolve(tmp_path, None), "ships", tmp_path / "recorder.log")
    yield made
    made.stop()


def test_two_results_of_two_clocks(own: Scene) -> None:
    """Of two results of one key the one that says that it is the earlier counts, for everybody, whoever was right."""
    own.open()

    def published(key: str, started: float, content: bytes) -> Recorded:
        times = {"started": started, "ended": started + 1}
        record = own.draft(key, outputs={"scores.csv": content}, **times)
        own.ask(BeginTask(record.task_id, record.task, record.key, record.task, started=started), TaskBegun)
        return own.send_off(record)

    now = time.time()
    future = published(own.draft().key or "", now + 10 * YEARS, b"a\n1\n").record
    past = published(future.key or "", now - 10 * YEARS, b"a\n2\n")
    assert (None, [future.run_id]) == (past.winner, [each.run_id for each in past.differing])
    present = published(future.key or "", now, b"a\n3\n")
    assert past.record.run_id == (present.winner and present.winner.run_id)
    order = [
        each.record.run_id if isinstance(each, Recorded) else each.run_id for each in (past, present, future)
    ]
    for _ in range(2):
        found = own.ledger().find([future.key or ""])
        assert order == [each.run_id for each in found[future.key or ""]]


def test_the_living_of_another_time(own: Scene) -> None:
    """A launch elsewhere whose clock is ahead is left alone; one whose clock is behind may be taken for dead, and ends right."""
    client = MlflowClient(own.store.uri)
    experiment = client.get_run(own.open()).info.experiment_id
    away = json.dumps({"host": "elsewhere", "pid": 1, "place": "another", "lease": "x"})
    ahead, behind = (
        client.create_run(
            experiment, start_time=int((time.time() + shift) * 1000), tags={PROCESS: away}
        ).info.run_id
        for shift in (10 * YEARS, -10 * YEARS)
    )
    own.ask(OpenPipeline("Next calm-harbour-2", "Next"), PipelineOpened)
    assert ("RUNNING", "KILLED") == tuple(client.get_run(each).info.status for each in (ahead, behind))
    client.set_terminated(behind, "FINISHED")  # as its own launch does at its end
    assert "FINISHED" == client.get_run(behind).info.status
