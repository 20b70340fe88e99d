"""What holds on every store: what was published is found, whole and alone."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from mlflow import MlflowClient

from daicho.errors import CorruptError
from daicho.ledger import Ledger
from daicho.record import Failure, InputRecord
from tests.ledger.scene import Scene, new_key


@pytest.fixture(scope="module", autouse=True)
def pipeline(scene: Scene) -> str:
    """A pipeline run that the tasks of this module run below."""
    return scene.open(
        tags={"mlflow.source.git.commit": "c0ffee"},
        params={"Trainer.seed": "3", "Trainer.long": "x" * 7_000},
        texts={"plan.json": "{}"},
    )


@pytest.fixture
def client(scene: Scene) -> MlflowClient:
    """MLflow's own client, as a person's script has it."""
    return MlflowClient(scene.store.uri)


def test_published_is_found(scene: Scene, pipeline: str) -> None:
    """A published result is found by its key, with all that planning needs."""
    record = scene.publish(extra={"read": "Sex"})
    found = scene.ledger().find([record.key or "", new_key()])
    assert [record.key] == list(found)
    [light] = found[record.key or ""]
    assert (record.outputs, record.extra, record.run_id) == (light.outputs, light.extra, light.run_id)
    assert (pipeline, record.summary) == (light.provenance["pipeline"], light.provenance["parts"])


def test_bytes_come_back(scene: Scene) -> None:
    """What was published is fetched as it was, files and folders, and verified."""
    content = {"scores.csv": b"a\n2\n", "model": {"weights.bin": b"\x00\x01", "deep/é.txt": b"x"}}
    record = scene.publish(outputs=content)
    ledger = scene.ledger()
    [light] = ledger.find([record.key or ""])[record.key or ""]
    scores, model = (ledger.fetch(light, output) for output in light.outputs)
    assert content["scores.csv"] == scores.read_bytes()
    assert content["model"] == {
        path.relative_to(model).as_posix(): path.read_bytes() for path in model.rglob("*") if path.is_file()
    }
    assert ["ok", "ok"] == [ledger.verify(light, output) for output in light.outputs]
    assert "ok" == ledger.state(light)


def test_fetched_twice_is_fetched_once(scene: Scene) -> None:
    """The second fetch gives the same path, and sees damage that happened in between."""
    record = scene.publish(outputs={"scores.csv": b"once\n"})
    ledger, output = scene.ledger(), record.outputs[0]
    path = ledger.fetch(record, output)
    assert path == ledger.fetch(record, output)
    path.chmod(0o644)
    path.write_bytes(b"0nce\n")
    if ledger.path(record, output) is None:
        assert b"once\n" == ledger.fetch(record, output).read_bytes()
    else:
        with pytest.raises(CorruptError, match="scores.csv"):
            ledger.fetch(record, output)


def test_a_missing_output_is_corrupt(scene: Scene) -> None:
    """An output that is gone from the store is never served; the message names file and run."""
    record = scene.publish()
    ledger = scene.ledger()
    gone = scene.draft().outputs[0]
    gone = type(gone)("gone", "gone.csv", "csv", "b" * 64, 3)
    with pytest.raises(CorruptError, match=f"gone.csv.*{record.run_id}"):
        ledger.fetch(record, gone)
    assert "missing" == ledger.verify(record, gone)


def test_without_a_key_nothing_is_found(scene: Scene, client: MlflowClient) -> None:
    """A result that must not be found again is recorded, but bears no mark."""
    record = scene.publish(key=None)
    ledger = scene.ledger()
    assert record.run_id not in {found.run_id for found in ledger.newest("Trainer", 1_000)}
    assert "FINISHED" == client.get_run(record.run_id or "").info.status
    details = ledger.details(record)
    assert details == record


def test_a_task_that_runs_is_not_found(scene: Scene) -> None:
    """A run that was begun, and one that failed, are no results."""
    running, failed = scene.draft(), scene.draft()
    scene.begin(running)
    scene.begin(failed)
    scene.end(failed, "FAILED", failure=Failure("ValueError", "bad", traceback="Traceback: bad"))
    assert {} == scene.ledger().find([running.key or "", failed.key or ""])
    scene.send_off(running)
    assert [running.key] == list(scene.ledger().find([running.key or "", failed.key or ""]))


def test_a_failure_tells_its_story(scene: Scene, client: MlflowClient, pipeline: str, tmp_path: Path) -> None:
    """A failed run holds the traceback and what was printed, and has an end."""
    failed = scene.draft()
    run_id = scene.begin(failed)
    (tmp_path / "log").write_text("hello\n")
    scene.end(
        failed, "FAILED", failure=Failure("E", "bad", traceback="Traceback: bad"), log=str(tmp_path / "log")
    )
    info = client.get_run(run_id).info
    assert ("FAILED", True) == (info.status, bool(info.end_time))
    [task] = [task for task in scene.ledger().tasks_of(pipeline) if task.run_id == run_id]
    ledger = scene.ledger()
    assert b"Traceback: bad" == ledger.artifact(task, "daicho/traceback.txt")
    assert b"hello\n" == ledger.artifact(task, "daicho/log.txt")
    assert ("FAILED", False) == (task.provenance["status"], task.provenance["marked"])


def test_deleted_is_gone(scene: Scene, client: MlflowClient) -> None:
    """The result of a run that a person deleted does not count, and counts again when it is restored."""
    record = scene.publish()
    client.delete_run(record.run_id or "")
    assert {} == scene.ledger().find([record.key or ""])
    assert None is scene.ledger().run(record.run_id or "")
    client.restore_run(record.run_id or "")
    assert [record.key] == list(scene.ledger().find([record.key or ""]))


def test_superseded_is_gone(scene: Scene, client: MlflowClient) -> None:
    """A result that another one supersedes does not count, as long as that one lives."""
    old = scene.publish()
    new = scene.publish(old.key, supersedes=(old.run_id,))
    assert [new.run_id] == _runs(scene.ledger(), old.key)
    client.delete_run(new.run_id or "")
    assert [old.run_id] == _runs(scene.ledger(), old.key)


def test_the_earliest_wins(scene: Scene) -> None:
    """Of two results of one key the one that began first stands first."""
    first, second = scene.draft(), scene.draft()
    second = type(second)(**{**vars(second), "key": first.key})
    scene.begin(first)
    scene.begin(second)
    later = scene.send_off(second).record
    earlier = scene.send_off(first).record
    assert [earlier.run_id, later.run_id] == _runs(scene.ledger(), first.key)


def test_equal_beginnings_are_no_match(scene: Scene) -> None:
    """A key that differs only beyond the digits that MLflow looks up is another key."""
    record = scene.publish()
    other = (record.key or "")[:32] + "0" * 32
    assert {} == scene.ledger().find([other])


def test_a_long_record_is_read_from_its_artifact(scene: Scene) -> None:
    """Where the tag would be too long, the JSON artifact is read, verified, and just as good."""
    extra = {f"tasks:name{number}": "d" * 64 for number in range(100)}
    record = scene.publish(extra=extra)
    [light] = scene.ledger().find([record.key or ""])[record.key or ""]
    assert (record.outputs, extra, record.summary) == (light.outputs, light.extra, light.provenance["parts"])


def test_details_are_whole(scene: Scene, tmp_path: Path) -> None:
    """The details of a record are all that was recorded, and its log is beside them."""
    record = scene.draft(reasons=("first",), inputs=(InputRecord("d.t", "t.csv", "csv", "e" * 64, "P", "r"),))
    scene.begin(record)
    (tmp_path / "log").write_text("printed\n")
    published = scene.send_off(record, tmp_path / "log").record
    ledger = scene.ledger()
    [light] = ledger.find([record.key or ""])[record.key or ""]
    assert published == ledger.details(light)
    assert b"printed\n" == ledger.artifact(light, "daicho/log.txt")


def test_the_run_shows_what_it_is(scene: Scene, client: MlflowClient, pipeline: str) -> None:
    """MLflow's pages show parent, parameters, commit, and what was read and made."""
    record = scene.publish(outputs={"scores.csv": b"1\n"})
    run = client.get_run(record.run_id or "")
    assert {"seed": "3", "columns": '["Age", "Sex"]'} == run.data.params
    tags = run.data.tags
    assert (pipeline, "c0ffee") == (tags["mlflow.parentRunId"], tags["mlflow.source.git.commit"])
    assert run.inputs is not None
    names = {item.dataset.name for item in run.inputs.dataset_inputs}
    assert {"train.csv", "daicho.result"} == names
    assert round(record.ended * 1000) - run.info.end_time in (0, 1)


def test_a_clash_is_a_warning(scene: Scene, client: MlflowClient) -> None:
    """Where the user has logged another value under a parameter's name, the result is recorded all the same."""
    record = scene.draft()
    run_id = scene.begin(record)
    client.log_param(run_id, "seed", "17")
    scene.send_off(record)
    run = client.get_run(run_id)
    assert {"seed": "17", "columns": '["Age", "Sex"]'} == run.data.params
    assert "seed" in run.data.tags["daicho.warning"]
    assert [run_id] == _runs(scene.ledger(), record.key)


def test_long_values_are_cut_where_it_shows(scene: Scene, client: MlflowClient) -> None:
    """A parameter that MLflow cannot hold is cut with a sign, and whole in the record."""
    record = scene.publish(parameters={"text": "é" * 9_000}, outputs={})
    value = client.get_run(record.run_id or "").data.params["text"]
    assert (6_000, "…") == (len(value), value[-1])
    details = scene.ledger().details(record)
    assert details is not None
    assert {"text": "é" * 9_000} == details.parameters


def test_a_long_name_is_cut(scene: Scene, client: MlflowClient) -> None:
    """A run's name that the store's column cannot hold is cut with a sign."""
    record = scene.draft()
    run_id = scene.begin(record, name="Trainer(" + "x" * 400 + ")")
    name = client.get_run(run_id).info.run_name
    assert (250, "…") == (len(name), name[-1])
    scene.send_off(record)


def test_metrics_come_back(scene: Scene, client: MlflowClient) -> None:
    """The answer to a publication holds the newest values of what the task logged, odd ones too."""
    record = scene.draft()
    run_id = scene.begin(record)
    client.log_metric(run_id, "accuracy", 0.5)
    client.log_metric(run_id, "accuracy", 0.75, step=1)
    client.log_metric(run_id, "odd", float("nan"))
    metrics = scene.send_off(record).metrics
    assert (0.75, True) == (metrics["accuracy"], metrics["odd"] != metrics["odd"])
    assert 0.75 == scene.ledger().metrics([run_id])[run_id]["accuracy"]


def test_newest_first(scene: Scene) -> None:
    """The records of a task's family come newest first, and only those that count."""
    family = f"Family{uuid4().hex}"
    made = [scene.publish(task=family).run_id for _ in range(3)]
    failed = scene.draft(task=family)
    scene.begin(failed)
    scene.end(failed, "KILLED")
    newest = [record.run_id for record in scene.ledger().newest(family)]
    assert list(reversed(made)) == newest
    assert made[-1:] == [record.run_id for record in scene.ledger().newest(family, limit=1)]


def test_a_result_counts_in_its_project(scene: Scene) -> None:
    """Another project does not see a result, unless the project is shared with it."""
    record = scene.publish()
    apart = {"project": "planes", "experiment": "planes"}
    assert {} == scene.ledger(**apart).find([record.key or ""])
    assert [record.run_id] == _runs(scene.ledger(**apart, share=("ships",)), record.key)
    assert [record.run_id] == _runs(scene.ledger(**apart, share=("*",)), record.key)
    assert [record.run_id] == _runs(scene.ledger(experiment="another of this project"), record.key)


def test_many_keys_are_one_question(scene: Scene) -> None:
    """A few thousand keys, of which some exist, are answered at once."""
    made = [scene.publish().key or "" for _ in range(3)]
    keys = [*made, *(new_key() for _ in range(3_000))]
    assert set(made) == set(scene.ledger().find(keys))


def test_the_store_is_reached(scene: Scene) -> None:
    """A store that is there passes the check."""
    scene.publish()
    scene.ledger().check()


def test_a_run_by_its_id(scene: Scene) -> None:
    """A task's run is found by its id; a pipeline run, and one that is not there, are none."""
    record = scene.publish()
    found = scene.ledger().run(record.run_id or "")
    assert found is not None
    assert record.outputs == found.outputs
    assert None is scene.ledger().run("0" * 32)


def _runs(ledger: Ledger, key: str | None) -> list[str | None]:
    return [record.run_id for record in ledger.find([key or ""]).get(key or "", [])]
