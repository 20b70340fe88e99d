"""The pipeline run: complete by itself, found by its name and by an equal launch, never the owner of what it adopted."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from mlflow import MlflowClient

from daicho.ledger import EndTask, OpenPipeline, PipelineOpened, Refused, TaskLine
from daicho.ledger.recorder import started
from daicho.record import Record
from tests.ledger.scene import Scene, new_key


@pytest.fixture
def client(scene: Scene) -> MlflowClient:
    """MLflow's own client, as a person's script has it."""
    return MlflowClient(scene.store.uri)


def _line(record: Record, outcome: str = "ran", **facts: object) -> TaskLine:
    known = {"parameters": record.parameters, "reason": "first", "seconds": 1.0, **facts}
    return TaskLine(record.task, record.task_id, outcome, record.run_id, **known)  # type: ignore[arg-type]


def test_what_was_known_at_the_start(scene: Scene, client: MlflowClient) -> None:
    """A pipeline run holds its target, its parameters (long ones whole in an artifact) and its texts."""
    run_id = scene.open(params={"T.seed": "3", "T.long": "x" * 7_000}, texts={"plan.json": "{}"})
    run = client.get_run(run_id)
    assert ("Prediction", "3") == (run.data.tags["daicho.target"], run.data.params["T.seed"])
    assert "…" == run.data.params["T.long"][-1]
    launch = scene.ledger().pipeline(run_id)
    assert launch is not None
    assert b"{}" == scene.ledger().artifact(launch, "daicho/plan.json")
    long = scene.ledger().artifact(launch, "daicho/long-parameters.json")
    assert {"T.long": "x" * 7_000} == json.loads(long or b"")
    scene.close()


def test_complete_by_itself(scene: Scene, client: MlflowClient) -> None:
    """A closed pipeline run shows what its tasks have in common, reused ones too, and links to them."""
    scene.open()
    old = scene.draft(task="Clean", parameters={"deep": 2})
    client.log_metric(scene.begin(old), "rows", 12)
    old = scene.send_off(old).record
    scene.close()
    run_id = scene.open()
    twins = [scene.publish(parameters={"seed": seed, "same": "y"}, outputs={}) for seed in (1, 2)]
    closed = scene.close(_line(old, "reused"), *map(_line, twins), texts={"run.json": "[]"})
    run = client.get_run(run_id)
    assert {"Clean.deep": "2", "Trainer.same": "y"} == run.data.params
    assert {"Clean.rows": 12.0} == run.data.metrics == closed.metrics
    note = run.data.tags["mlflow.note.content"]
    assert note.startswith("2 ran, 1 reused\n")
    assert f"#/experiments/{old.experiment_id}/runs/{old.run_id}" in note
    assert "FINISHED" == run.info.status
    launch = scene.ledger().pipeline(run_id)
    assert launch is not None
    tasks = json.loads(scene.ledger().artifact(launch, "daicho/tasks.json") or b"")["tasks"]
    assert ["reused", "ran", "ran"] == [task["outcome"] for task in tasks]
    assert {"rows": 12.0} == tasks[0]["metrics"]


def test_many_tasks_fit_the_note(scene: Scene, client: MlflowClient) -> None:
    """The note of a big run stays short and says where the rest is; names cannot break its table."""
    run_id = scene.open()
    scene.close(*(TaskLine(f"Task|{n}<b>", f"t{n}", "not started", parameters={"n": n}) for n in range(300)))
    run = client.get_run(run_id)
    note = run.data.tags["mlflow.note.content"]
    assert len(note) <= 5_000
    assert "250 more are in the artifact" in note
    assert r"Task\|0\<b\>" in note
    assert 200 == len(run.data.params)


def test_an_equal_launch_is_found(scene: Scene, client: MlflowClient) -> None:
    """A run that was closed with a launch is found by it, until a person deletes it."""
    digest = new_key()
    run_id = scene.open("Prediction quiet-river-7")
    assert None is scene.ledger().launch(digest)
    scene.close(launch=digest)
    launch = scene.ledger().launch(digest)
    assert launch is not None
    assert (run_id, "Prediction quiet-river-7") == (launch.run_id, launch.name)
    assert None is scene.ledger().launch(digest[:32] + "0" * 32)
    client.delete_run(run_id)
    assert None is scene.ledger().launch(digest)


def test_found_by_name_or_id(scene: Scene) -> None:
    """A pipeline run is found by its name, the second half of it, its id, and the first digits of that."""
    half = f"odd_name%{uuid4().hex[:6]}-x"
    run_id = scene.open(f"Prediction {half}")
    record = scene.publish(outputs={})
    scene.close()
    ledger = scene.ledger()
    for name in (half, f"Prediction {half}", run_id, run_id[:12]):
        launch = ledger.pipeline(name)
        assert launch is not None
        assert run_id == launch.run_id
    assert None is ledger.pipeline(half[1:])
    assert None is ledger.pipeline(record.run_id or "")
    assert [record.run_id] == [task.run_id for task in ledger.tasks_of(run_id)]


def test_sources_are_kept_once(scene: Scene, tmp_path: Path) -> None:
    """A tree's snapshot is kept by the first run that has it, and found by the tree's digest."""
    digest = new_key()
    (tmp_path / "tree.zip").write_bytes(b"zip")
    details = {"snapshot": str(tmp_path / "tree.zip"), "snapshot_digest": digest}
    first = scene.open(**details)
    scene.close()
    scene.open(**details)
    scene.close()
    holder = scene.ledger().snapshot(digest)
    assert holder is not None
    assert first == holder.run_id
    assert b"zip" == scene.ledger().artifact(holder, "daicho/snapshot.zip")


def test_adopted_is_not_owned(scene: Scene, client: MlflowClient) -> None:
    """Somebody's own run is added to and neither ended nor renamed; results below it are found."""
    home = scene.store.artifacts
    theirs = client.create_experiment(f"notebook {uuid4().hex}", str(home / "notebook") if home else None)
    run_id = client.create_run(theirs, run_name="mine", tags={"mlflow.note.content": "my words"}).info.run_id
    client.log_param(run_id, "T.seed", "17")
    assert run_id == scene.open(params={"T.seed": "3", "T.more": "4"}, adopt=run_id)
    record = scene.publish(outputs={})
    scene.close(_line(record), launch=new_key())
    run = client.get_run(run_id)
    assert ("RUNNING", "mine", "my words") == (
        run.info.status,
        run.info.run_name,
        run.data.tags["mlflow.note.content"],
    )
    assert ("17", "4") == (run.data.params["T.seed"], run.data.params["T.more"])
    assert theirs == record.experiment_id
    assert [record.key] == list(scene.ledger().find([record.key or ""]))


def test_refused_is_an_answer(scene: Scene) -> None:
    """A request that cannot be carried out is answered with an error, and the next one is served."""
    scene.ask(OpenPipeline("x", "x", adopt="0" * 32), Refused)
    refused = scene.ask(EndTask("nobody", "FAILED"), Refused)
    assert "nobody" == refused.task_id
    scene.open()
    scene.close()


def test_a_result_that_waited(scene: Scene) -> None:
    """A result whose run was never begun here is recorded all the same, in its old run if that is there."""
    first = scene.open()
    record = scene.draft()
    run_id = scene.begin(record)
    scene.close()
    assert first != scene.open()
    waited = Record(**{**vars(record), "run_id": run_id})
    assert run_id == scene.send_off(waited).record.run_id
    stranger = scene.draft()
    assert None is not scene.send_off(stranger).record.run_id
    scene.close()
    assert {record.key, stranger.key} == set(scene.ledger().find([record.key or "", stranger.key or ""]))


def test_started_early(own: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorder that was started before it was needed has the environment of the moment in which it is."""
    early = started(own.store)
    monkeypatch.setenv("LOGNAME", "somebody-else")
    recorder = own.start(early=early)
    opened = own.ask(OpenPipeline("Early calm-harbour-41", "Early"), PipelineOpened, recorder)
    recorder.close(timeout=60)
    assert not early.alive
    run = MlflowClient(own.store.uri).get_run(opened.run_id)
    assert ("somebody-else", "KILLED") == (run.data.tags["mlflow.user"], run.info.status)


def test_one_that_has_died_early(own: Scene) -> None:
    """If it has ended meanwhile, another one takes its place."""
    early = started(own.store)
    early.end()
    recorder = own.start(early=early)
    assert own.ask(OpenPipeline("Early calm-harbour-42", "Early"), PipelineOpened, recorder).run_id
    recorder.close(timeout=60)
