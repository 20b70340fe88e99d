"""Death at any instant leaves nothing that counts as done, and nothing that stays RUNNING where it can be helped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from daicho.errors import InternalError
from daicho.ledger import BeginTask, OpenPipeline, Publish
from daicho.record import Record
from tests.ledger.scene import PATIENCE, Scene, wait

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def _python(*args: str) -> str:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, *args],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_a_kill_between_any_two_writes(own: Scene) -> None:
    """Killed before or after any write of a publication: only the very last one makes it count, and all can be redone."""
    deaths = [json.loads(line) for line in _python("-m", "tests.ledger.dying", str(own.root)).splitlines()]
    assert 8 == len(deaths)
    ledger = own.ledger()
    own.open()
    for death in deaths:
        record = Record.from_json(death["record"])
        last = (death["step"], death["when"]) == ("log_inputs", "after")
        assert ([record.key] if last else []) == list(ledger.find([record.key or ""])), death
        again = own.send_off(record).record
        assert again.run_id in {found.run_id for found in ledger.find([record.key or ""])[record.key or ""]}
        assert "ok" == ledger.state(again)


def test_a_kill_while_it_uploads(own: Scene) -> None:
    """A recorder that is killed as soon as a record's document is there leaves nothing that counts."""
    own.open()
    record = own.draft(outputs={"scores.csv": b"x" * 20_000_000})
    own.begin(record)
    own.recorder.send(Publish(record, str(own.stage(record.task_id))))
    wait(lambda: any(own.root.glob("mlruns/*/*/artifacts/scores.csv")), "the output")
    own.recorder.kill()
    with pytest.raises(InternalError, match="recorder ended"):
        own.recorder.receive()
    found = own.ledger().find([record.key or ""])
    # The kill may have come too late: then it is whole.
    assert all("ok" == own.ledger().state(one) for one in found.get(record.key or "", []))


def test_without_its_parent_runs_are_killed(own: Scene) -> None:
    """When the parent goes without a word, what was published stays, and what was begun is ended as KILLED."""
    pipeline = own.open()
    done, begun = own.draft(), own.draft()
    own.begin(done)
    run_id = own.begin(begun)
    own.recorder.send(Publish(done, str(own.stage(done.task_id))))
    own.stop()  # closes the pipe while the publication is on its way
    assert [done.key] == list(own.ledger().find([done.key or "", begun.key or ""]))
    client = MlflowClient(own.store.uri)
    for run in (pipeline, run_id):
        info = client.get_run(run).info
        assert ("KILLED", True) == (info.status, bool(info.end_time))


def test_a_killed_parent(own: Scene) -> None:
    """A parent that dies by SIGKILL leaves no recorder behind and no run that seems to work."""
    code = (
        "import os, pathlib, sys\n"
        "from daicho.ledger import BeginTask, OpenPipeline, Recorder, resolve\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "recorder = Recorder.start(resolve(root, None), project='ships', experiment='ships')\n"
        "recorder.send(OpenPipeline('Prediction x-1', 'Prediction')); recorder.receive()\n"
        "recorder.send(BeginTask('t', 'T', 'a' * 64, 'T')); recorder.receive()\n"
        "print(recorder.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(own.root)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert -signal.SIGKILL == done.returncode
    client = MlflowClient(own.store.uri)
    experiment = client.get_experiment_by_name("ships")
    assert experiment is not None

    def ended() -> bool:
        runs = client.search_runs([experiment.experiment_id])
        return ["KILLED", "KILLED"] == [run.info.status for run in runs]

    wait(ended, "both runs KILLED")


def test_ctrl_c_is_for_the_parent(own: Scene) -> None:
    """SIGINT does not end a recorder."""
    own.open()
    os.kill(own.recorder.pid, signal.SIGINT)
    record = own.publish()
    assert [record.key] == list(own.ledger().find([record.key or ""]))


def test_processes_make_one_store(own: Scene) -> None:
    """Several recorders that meet at a store that does not exist yet all succeed, in one store and experiment."""
    recorders = [own.start() for _ in range(3)]
    for recorder in recorders:
        recorder.send(OpenPipeline("Prediction x-1", "Prediction"))
        recorder.send(BeginTask("t", "T", "a" * 64, "T"))
    for recorder in recorders:
        assert ["PipelineOpened", "TaskBegun"] == [type(recorder.receive()).__name__ for _ in range(2)]
    for recorder in recorders:
        recorder.close()
    client = MlflowClient(own.store.uri)
    experiments = client.search_experiments()
    assert ["Default", "ships"] == sorted(experiment.name for experiment in experiments)
    locations = {experiment.name: experiment.artifact_location for experiment in experiments}
    mlruns = own.root / "mlruns"
    assert {"Default": str(mlruns / "0"), "ships": str(mlruns / "ships")} == locations
    assert [] == [path.name for path in own.root.iterdir() if path.name.startswith(".")]


def test_the_user_hears_nothing(own: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing that the recorder or its libraries print reaches the terminal."""
    own.open()
    own.publish()
    own.close()
    own.stop()
    assert ("", "") == tuple(capfd.readouterr())


def test_nobody_waits_for_the_rest(own: Scene) -> None:
    """A recorder that is told to leave off writes what it is at, and ends all runs; what counts is whole."""
    pipeline = own.open()
    drafts = [own.draft(parameters={"number": number}) for number in range(120)]
    runs = [own.begin(draft) for draft in drafts]
    for draft in drafts:
        own.recorder.send(Publish(draft, str(own.stage(draft.task_id))))
    assert own.recorder.connection.poll(PATIENCE)  # it has begun with them
    own.recorder.abandon(PATIENCE)
    assert not own.recorder.alive
    client = MlflowClient(own.store.uri)
    statuses = {run: client.get_run(run).info.status for run in [pipeline, *runs]}
    assert "KILLED" == statuses.pop(pipeline)
    assert {"FINISHED", "KILLED"} == set(statuses.values())
    found = own.ledger().find([draft.key or "" for draft in drafts])
    finished = {run for run, status in statuses.items() if status == "FINISHED"}
    assert finished == {str(record.run_id) for records in found.values() for record in records}
