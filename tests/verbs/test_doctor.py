"""`doctor` says what is wrong and what to do, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from daicho.errors import ProjectError
from daicho.verbs.doctor import Check, doctor


def _checks(folder: Path) -> dict[str, Check]:
    return {check.name: check for check in doctor(folder=folder).checks}


def _project(folder: Path, config: str = "") -> Path:
    (folder / "luigi.toml").write_text(config)
    return folder


def test_all_is_well(tmp_path: Path) -> None:
    """A fresh project is healthy, and looking makes no store."""
    found = doctor(folder=_project(tmp_path))
    assert found.healthy
    assert 0 == found.exit_status
    states = {check.name: check.state for check in found.checks}
    assert {"git": "note"} == {name: state for name, state in states.items() if state != "ok"}
    assert {"versions", "configuration", "store", "results", "cache", "disk", "git"} == set(states)
    assert ["luigi.toml"] == [path.name for path in tmp_path.iterdir()]


def test_no_project(tmp_path: Path) -> None:
    """Outside of a project there is nothing to look at."""
    with pytest.raises(ProjectError):
        doctor(folder=tmp_path)


def test_a_wrong_configuration(tmp_path: Path) -> None:
    """What is wrong in the configuration is said with its place."""
    found = doctor(folder=_project(tmp_path, "[daicho]\nprojct = 'a'\n"))
    assert (1, "configuration", "wrong") == (found.exit_status, found.checks[-1].name, found.checks[-1].state)
    assert "luigi.toml:2" in found.checks[-1].text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('tracking_uri = "http://127.0.0.1:9"', "does not answer"),
        ('tracking_uri = "sqlite:///notes.txt"', "not a database"),
    ],
)
def test_a_store_that_cannot_be_used(tmp_path: Path, config: str, said: str) -> None:
    """A store that is away or none at all is wrong, with a hint; the other checks go on."""
    (tmp_path / "notes.txt").write_text(
        "some notes that are long enough not to be taken for an empty database" * 9
    )
    checks = _checks(_project(tmp_path, f"[daicho]\n{config}\n"))
    assert "wrong" == checks["store"].state
    assert said in checks["store"].text
    assert checks["store"].hints
    assert {"cache", "disk", "git"} <= set(checks)


def test_an_unknown_schema(tmp_path: Path) -> None:
    """A database that the fast reader does not know is refused or noted, never passed over."""
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as store, store:
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES ('ffffffffffff')")
    checks = _checks(_project(tmp_path))
    assert ("wrong", True) == (checks["store"].state, "newer MLflow" in checks["store"].text)


def test_what_waits(tmp_path: Path) -> None:
    """Results in the outbox that cannot be read are named; those of a launch that lives are its own."""
    _project(tmp_path)
    stage = next(iter(_stages(tmp_path)))
    for name in ("20260101T000000-a-b-1", "20260101T000000-a-b-2"):
        (stage / name / "task").mkdir(parents=True)
        (stage / name / "task" / "draft.json").write_text("{")
        (stage / name / "task" / "manifest.json").write_text("{")
    lives = FileLock(stage / "20260101T000000-a-b-2" / "launch.lock")
    with lives:
        found = doctor(folder=tmp_path)
    wrong = [check for check in found.checks if check.state == "wrong"]
    assert ["results"] == [check.name for check in wrong]
    assert "a-b-1" in wrong[0].text


def _stages(root: Path) -> list[Path]:
    """Where launches of the project stage: what a launch folder's parent is."""
    from daicho.engine.outbox import new_folder
    from daicho.plan.prepare import open_project

    made = new_folder(open_project(root))
    made.remove()
    return [made.path.parent]


def test_a_full_cache(tmp_path: Path) -> None:
    """More fetched files than there may be are noted, with the command that helps."""
    _project(tmp_path, '[daicho]\ncache_size = "1 kB"\n')
    entry = tmp_path / ".daicho/cache/ab/abcd"
    entry.mkdir(parents=True)
    (entry / "a.bin").write_bytes(b"x" * 2000)
    assert ("note", ("daicho gc --yes",)) == (
        _checks(tmp_path)["cache"].state,
        _checks(tmp_path)["cache"].hints,
    )


@pytest.mark.server
def test_a_server(tmp_path: Path, mlflow_server: object) -> None:
    """Of a server, its version and its clock are told."""
    uri = getattr(mlflow_server, "uri")  # noqa: B009
    checks = _checks(_project(tmp_path, f'[daicho]\ntracking_uri = "{uri}"\n'))
    assert ("ok", True) == (checks["store"].state, "MLflow" in checks["store"].text)
    assert "ok" == checks["clock"].state
    assert json.dumps(doctor(folder=tmp_path).to_json())
