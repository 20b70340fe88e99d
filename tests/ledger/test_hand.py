"""The recorder's second hand: it makes recording faster, and nobody can see that it is there, nor that it died."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from daicho.errors import CorruptError
from daicho.ledger import Answer, BeginTask, Publish, Recorded, Refused, TaskBegun
from daicho.record import InputRecord, Record
from tests.ledger.scene import PATIENCE, Scene, wait

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="there is no second hand elsewhere"),
]


@pytest.fixture
def many(own: Scene) -> Iterator[Scene]:
    """A ledger whose recorder expects many results, with an open pipeline run and a second hand that is at work."""
    own.tasks = 100
    own.open()
    hand = _hand(own)
    wait(lambda: _state(hand) == "S" and _has_open(hand, own.root / "mlflow.db"), "the second hand")
    for _ in range(3):  # by then the recorder has heard of it
        own.publish()
    yield own
    own.stop()
    wait(lambda: _state(hand) in "Z-", "the end of the second hand")


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["-", "0"]  # it is gone


def _state(pid: int) -> str:
    return _stat(pid)[0]


def _hand(scene: Scene) -> int:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    (found,) = (pid for pid in pids if int(_stat(pid)[1]) == scene.recorder.pid)
    return found


def _has_open(pid: int, file: Path) -> bool:
    return str(file) in {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()}


def _begun(scene: Scene, *above: Record, **facts: Any) -> Record:
    """A record that was begun, and that reads others."""
    inputs = tuple(InputRecord("a", "scores.csv", "csv", "0" * 64, "Trainer", each.run_id) for each in above)
    record = scene.draft(inputs=inputs, **facts)
    run_id = scene.begin(record)
    return record.at(run_id=run_id, experiment_id="", artifact_uri="")


def _send(scene: Scene, *records: Record) -> None:
    for record in records:
        scene.recorder.send(Publish(record, str(scene.stage(record.task_id))))


def _answers(scene: Scene, number: int) -> list[Answer]:
    found: list[Answer] = []
    for _ in range(number):
        assert scene.recorder.connection.poll(PATIENCE), f"{found}\n{scene.log.read_text()}"
        found.append(scene.recorder.receive())
    return found


def _marked(scene: Scene) -> list[str]:
    """The runs that bear a result's mark, in the order in which they came to it; each once."""
    with closing(sqlite3.connect(scene.root / "mlflow.db")) as store:
        rows = store.execute(
            "SELECT i.destination_id FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id"
            " WHERE d.name = 'daicho.result' ORDER BY i.rowid"
        ).fetchall()
    return [run for (run,) in rows]


@pytest.mark.parametrize("sign", [signal.SIGCONT, signal.SIGKILL])
def test_what_it_holds(many: Scene, sign: signal.Signals) -> None:
    """A slow hand, or one that dies, holds what stands on what it holds; all is recorded once, and in order."""
    hand = _hand(many)
    before = len(_marked(many))
    first = _begun(many)
    second, other = _begun(many, first), _begun(many)
    third = _begun(many, second)
    os.kill(hand, signal.SIGSTOP)
    _send(many, first, second, other)
    (done,) = _answers(many, 1)
    assert isinstance(done, Recorded)
    assert other.run_id == done.record.run_id
    _send(many, third)
    assert [other.run_id] == _marked(many)[before:]
    os.kill(hand, sign)
    recorded = {each.record.run_id for each in _answers(many, 3) if isinstance(each, Recorded)}
    assert {first.run_id, second.run_id, third.run_id} == recorded
    assert [other.run_id, first.run_id, second.run_id, third.run_id] == _marked(many)[before:]
    found = many.ledger().find([each.key or "" for each in (first, second, other, third)])
    assert [1] * 4 == [len(records) for records in found.values()]
    assert {"ok"} == {many.ledger().state(record) for (record,) in found.values()}
    assert _shape(many, first) == _shape(many, other)
    many.close()


def _shape(scene: Scene, record: Record) -> object:
    """What a run says that must not depend on who wrote it."""
    client = MlflowClient(scene.store.uri)
    run_id = str(record.run_id)
    run = client.get_run(run_id)
    assert run.inputs is not None
    files = [each.path for folder in (None, "daicho") for each in client.list_artifacts(run_id, folder)]
    read = [each.dataset.name for each in run.inputs.dataset_inputs]
    return run.info.status, run.data.params, sorted(run.data.tags), sorted(read), sorted(files)


def test_what_it_cannot_do(many: Scene) -> None:
    """What fails in the second hand is refused once, as ever, and keeps nothing else from being recorded."""
    hand = _hand(many)
    before = len(_marked(many))
    first = _begun(many)
    second, third = _begun(many, first), _begun(many)
    os.kill(hand, signal.SIGSTOP)
    shutil.rmtree(many.stage(first.task_id))
    _send(many, first, second)
    os.kill(hand, signal.SIGCONT)
    answers = _answers(many, 2)
    (refused,) = (each for each in answers if isinstance(each, Refused))
    assert isinstance(refused.error, CorruptError)
    assert first.task_id == refused.task_id
    _send(many, third)
    _answers(many, 1)
    assert [second.run_id, third.run_id] == _marked(many)[before:]


def test_what_it_cannot_do_at_first(many: Scene) -> None:
    """What fails in the second hand alone is recorded all the same, and what stands on it not before it."""
    hand = _hand(many)
    before = len(_marked(many))
    resource.prlimit(hand, resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))  # bytes that a file may have
    first = _begun(many, parameters={"text": "a" * 25_000_000})
    second = _begun(many, first)
    os.kill(hand, signal.SIGSTOP)
    _send(many, first, second)
    os.kill(hand, signal.SIGCONT)
    _answers(many, 2)
    assert [first.run_id, second.run_id] == _marked(many)[before:]
    assert "File too large" in many.log.read_text()


def test_the_recorder_dies(many: Scene) -> None:
    """When the recorder is killed, its second hand ends with what it is at, and what it wrote is whole."""
    hand = _hand(many)
    records = [_begun(many) for _ in range(2)]
    os.kill(hand, signal.SIGSTOP)
    _send(many, *records)
    os.kill(many.recorder.pid, signal.SIGKILL)
    os.kill(hand, signal.SIGCONT)
    wait(lambda: _state(hand) in "Z-", "the end of the second hand")
    found = many.ledger().find([record.key or "" for record in records])
    assert {"ok"} >= {many.ledger().state(one) for each in found.values() for one in each}


def test_many_results(many: Scene) -> None:
    """Of many results that stand on each other none is marked before what it stands on, and each is told of once."""
    chance = random.Random(8)
    drafts = [many.draft() for _ in range(80)]
    for draft in drafts:
        many.recorder.send(BeginTask(draft.task_id, draft.task, draft.key, draft.task))
    answers = _answers(many, len(drafts))
    runs = {each.task_id: each.run_id for each in answers if isinstance(each, TaskBegun)}
    reads: dict[str, set[str]] = {}
    for number, draft in enumerate(drafts):
        above = chance.sample(drafts[max(0, number - 6) : number], min(number, chance.choice((0, 1, 1, 3))))
        inputs = tuple(
            InputRecord("a", "scores.csv", "csv", "0" * 64, each.task, runs[each.task_id]) for each in above
        )
        reads[runs[draft.task_id]] = {runs[each.task_id] for each in above}
        _send(many, Record(**{**vars(draft), "inputs": inputs}))
    told = [each.record.run_id for each in _answers(many, len(drafts)) if isinstance(each, Recorded)]
    assert sorted(runs.values()) == sorted(str(run) for run in told)
    marked = [run for run in _marked(many) if run in reads]
    assert sorted(runs.values()) == sorted(marked)
    place = {run: number for number, run in enumerate(marked)}
    assert [] == [run for run, above in reads.items() if any(place[each] > place[run] for each in above)]


def test_nobody_waits_for_the_rest(many: Scene) -> None:
    """A recorder that is told to leave off has what its second hand holds finished, and ends all other runs."""
    drafts = [_begun(many) for _ in range(60)]
    _send(many, *drafts)
    _answers(many, 1)
    many.recorder.abandon(PATIENCE)
    client = MlflowClient(many.store.uri)
    statuses = {str(draft.run_id): client.get_run(str(draft.run_id)).info.status for draft in drafts}
    assert {"FINISHED", "KILLED"} == set(statuses.values())
    finished = {run for run, status in statuses.items() if status == "FINISHED"}
    assert finished == {run for run in _marked(many) if run in statuses}
