"""Runs of the dead are ended by the next launch, those of the living are left alone, also of other machines."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from daicho.ledger import OpenPipeline, PipelineOpened, Recorded, resolve
from daicho.ledger._marks import BEAT, PROCESS
from daicho.record import Record
from tests.ledger.scene import Scene


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Scene]:
    """A ledger on an SQLite store of the test's own."""
    made = Scene(tmp_path, resolve(tmp_path, None), "ships", tmp_path / "recorder.log")
    yield made
    made.stop()


@pytest.mark.slow
def test_runs_of_the_dead(own: Scene) -> None:
    """Runs whose process was killed, or whose machine went silent, end as KILLED; the others stay as they are."""
    dead = [own.open(), own.begin(own.draft())]
    own.recorder.kill()
    own.stop()
    living = [own.open("Living calm-harbour-1"), own.begin(own.draft())]
    client = MlflowClient(own.store.uri)
    experiment = client.get_run(living[0]).info.experiment_id
    away = json.dumps({"host": "elsewhere", "pid": 1, "place": "another", "lease": "x"})
    now = int(time.time())

    def of_elsewhere(hours: float, **tags: str) -> str:
        started = int((now - hours * 3600) * 1000)
        made = client.create_run(experiment, start_time=started, tags={PROCESS: away, **tags})
        return str(made.info.run_id)

    silent, fresh = of_elsewhere(2), of_elsewhere(0.1)
    telling = of_elsewhere(2, **{BEAT: str(now - 60)})
    below = of_elsewhere(2, **{"mlflow.parentRunId": telling})
    lost = of_elsewhere(0.1, **{"mlflow.parentRunId": silent})
    users = client.create_run(experiment).info.run_id
    broken = client.create_run(experiment, tags={PROCESS: "{}"}).info.run_id
    other = own.start()
    own.ask(OpenPipeline("Next calm-harbour-2", "Next"), PipelineOpened, other)
    ended = {run: client.get_run(run).info for run in (*dead, silent)}
    assert {("KILLED", True)} == {(info.status, bool(info.end_time)) for info in ended.values()}
    going_on = [client.get_run(run).info.status for run in (*living, fresh, telling, below, users, broken)]
    assert ["RUNNING"] * 7 == going_on
    own.ask(OpenPipeline("Last calm-harbour-3", "Last"), PipelineOpened, other)
    assert "KILLED" == client.get_run(lost).info.status
    other.close()
    assert own.publish().key


@pytest.mark.slow
def test_two_results_of_one_key(own: Scene) -> None:
    """Who records a key second hears which record counts, and whether its own has other bytes."""
    own.open()
    first = own.publish()

    def again(outputs: dict[str, bytes], **facts: object) -> Recorded:
        record: Record = own.draft(first.key, outputs=outputs, **facts)
        own.begin(record)
        return own.send_off(record)

    equal = again({"scores.csv": b"a\n1\n"})
    assert (first.run_id, ()) == (equal.winner and equal.winner.run_id, equal.differing)
    other = again({"scores.csv": b"a\n2\n"})
    assert first.run_id == (other.winner and other.winner.run_id)
    assert {first.run_id, equal.record.run_id} == {each.run_id for each in other.differing}
    forced = again(
        {"scores.csv": b"a\n3\n"}, supersedes=(first.run_id, equal.record.run_id, other.record.run_id)
    )
    assert (None, 3) == (forced.winner, len(forced.differing))
    elsewhere = again({"scores.csv": b"a\n4\n"}, extra={"read:x": "1"})
    assert (None, ()) == (elsewhere.winner, elsewhere.differing)
