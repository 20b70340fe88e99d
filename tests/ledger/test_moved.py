"""What happens to files behind the ledger's back: the project moves, bytes rot, outputs vanish."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from daicho.errors import CorruptError
from daicho.ledger import Publish, Refused, resolve
from tests.ledger.scene import Scene

pytestmark = pytest.mark.slow


def _scene(root: Path) -> Scene:
    root.mkdir(exist_ok=True)
    return Scene(root, resolve(root, None), "ships", root.parent / "recorder.log")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One ledger for the tests of this module that move nothing."""
    made = _scene(tmp_path_factory.mktemp("own") / "project")
    made.open()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with one result, in which nothing works any more."""
    made = _scene(tmp_path_factory.mktemp("settled") / "project")
    made.open()
    made.publish("a" * 64, outputs={"scores.csv": b"1\n", "model": {"w": b"2"}})
    made.close()
    made.stop()
    return made.root


@pytest.fixture(scope="module", params=["copied", "moved"])
def elsewhere(
    request: pytest.FixtureRequest, settled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The project's folder elsewhere than where its results were made."""
    place = tmp_path_factory.mktemp("elsewhere") / "project"
    shutil.copytree(settled, place)
    away = settled.with_name("away")
    if request.param == "moved":
        settled.rename(away)
    made = _scene(place)
    yield made
    made.stop()
    if request.param == "moved":
        away.rename(settled)


def test_results_move_with_the_project(elsewhere: Scene) -> None:
    """After the project's folder was moved or copied its results are found where they are now."""
    ledger = elsewhere.ledger()
    [record] = ledger.find(["a" * 64])["a" * 64]
    assert "ok" == ledger.state(record)
    assert b"1\n" == ledger.fetch(record, record.outputs[0]).read_bytes()
    assert elsewhere.root in ledger.fetch(record, record.outputs[1]).parents
    assert None is not ledger.details(record)


def test_new_results_go_where_the_project_is(elsewhere: Scene) -> None:
    """New results of a moved or copied project lie in its folder, not where it once was."""
    record = elsewhere.publish()
    path = elsewhere.ledger().path(record, record.outputs[0])
    assert path is not None
    assert elsewhere.root in path.parents
    assert path.exists()


def test_rotten_bytes_are_not_served(own: Scene) -> None:
    """One flipped bit of equal size is seen by digest, another size by a look; the message names file and run."""
    record = own.publish(outputs={"scores.csv": b"1\n", "model": {"w": b"22"}})
    ledger = own.ledger()
    scores, model = (ledger.fetch(record, output) for output in record.outputs)
    for path, data in ((scores, b"0\n"), (model / "w", b"23")):
        path.chmod(0o644)
        path.write_bytes(data)
    assert "ok" == ledger.state(record)
    assert ["changed", "changed"] == [ledger.verify(record, output) for output in record.outputs]
    with pytest.raises(CorruptError, match=f"scores.csv.*{record.run_id}"):
        ledger.fetch(record, record.outputs[0])
    scores.write_bytes(b"longer\n")
    assert "changed" == ledger.state(record)


def test_vanished_outputs_are_missing(own: Scene) -> None:
    """An output that was deleted is missing, a folder too."""
    record = own.publish(outputs={"scores.csv": b"1\n"})
    folder = own.publish(outputs={"model": {"w": b"2"}})
    ledger = own.ledger()
    ledger.fetch(record, record.outputs[0]).unlink()
    shutil.rmtree(ledger.fetch(folder, folder.outputs[0]))
    assert ["missing", "missing"] == [ledger.state(record), ledger.state(folder)]
    assert "missing" == ledger.verify(record, record.outputs[0])
    with pytest.raises(CorruptError, match="is not there"):
        ledger.fetch(folder, folder.outputs[0])


def test_a_digest_that_is_remembered_may_serve(own: Scene) -> None:
    """Whoever remembers digests may answer for the bytes."""
    record = own.publish(outputs={"scores.csv": b"1\n"})
    asked: list[Path] = []

    def remembered(path: Path) -> str:
        asked.append(path)
        return record.outputs[0].digest

    path = own.ledger().fetch(record, record.outputs[0], remembered)
    assert [path] == asked


def test_published_files_are_read_only_links(own: Scene) -> None:
    """What is published is the staged file itself, read-only, and the staged path goes on working."""
    record = own.publish(outputs={"scores.csv": b"1\n", "model": {"w": b"2"}})
    place = own.ledger().path(record, record.outputs[0])
    staged = own.stage(record.task_id) / "scores.csv"
    assert place is not None
    assert staged.samefile(place)
    assert 0o444 == place.stat().st_mode & 0o777
    assert ["daicho", "model", "scores.csv"] == sorted(path.name for path in place.parent.iterdir())


def test_what_was_logged_under_an_outputs_name_is_kept(own: Scene) -> None:
    """What the user logged under an output's name is put aside, with a warning."""
    client = MlflowClient(own.store.uri)
    record = own.draft(outputs={"model": {"w": b"2"}, "scores.csv": b"1\n"})
    run_id = own.begin(record)
    client.log_text(run_id, "theirs", "model/w")
    client.log_text(run_id, "theirs too", "scores.csv")
    record = own.send_off(record).record
    ledger = own.ledger()
    assert b"2" == (ledger.fetch(record, record.outputs[0]) / "w").read_bytes()
    assert b"theirs" == ledger.artifact(record, "daicho/displaced/model/w")
    assert b"theirs too" == ledger.artifact(record, "daicho/displaced/scores.csv")
    assert "model" in client.get_run(run_id).data.tags["daicho.warning"]


def test_staged_bytes_of_another_size_are_refused(own: Scene) -> None:
    """What is no longer what the worker hashed is not published, and its run can still be ended."""
    record = own.draft(outputs={"scores.csv": b"1\n"})
    own.begin(record)
    (own.stage(record.task_id) / "scores.csv").write_bytes(b"half")
    refused = own.ask(Publish(record, str(own.stage(record.task_id))), Refused)
    assert isinstance(refused.error, CorruptError)
    assert record.task_id == refused.task_id
    assert {} == own.ledger().find([record.key or ""])
    own.end(record, "FAILED")
