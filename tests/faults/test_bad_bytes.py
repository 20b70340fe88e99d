"""Bytes that are not what they were, in every kind of file: noticed before anybody uses them, and made anew."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daicho.verbs.doctor import doctor
from tests.faults.killing import FINAL, Zygote, visible, zygote

pytestmark = pytest.mark.slow

Harm = Callable[[Path], None]


@pytest.fixture(scope="module")
def launches(session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Cheap launches."""
    with zygote(session_folder, tmp_path_factory.mktemp("bytes")) as made:
        yield made


@pytest.fixture(scope="module")
def done(launches: Zygote) -> Path:
    """A project with results."""
    root = launches.project()
    assert 0 == launches.launch(root)["document"]["exit_status"]
    return root


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data = data or bytearray(1)
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(data))


def _truncate(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def _garbage(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(os.urandom(300))


HARMS: dict[str, Harm] = {"flip": _flip, "truncate": _truncate, "garbage": _garbage, "delete": os.remove}
ARTIFACTS = ["deep/rows.json", "plots/a.txt"]
MEMORIES = [".daicho/digests.db", ".daicho/code.db"]


def _copy(done: Path, launches: Zygote) -> Path:
    launches.number += 1
    root = done.with_name(f"copy-{launches.number}")
    shutil.copytree(done, root, symlinks=True)
    return root


def _changed_top(root: Path) -> None:
    """The code of the last task changes, so that it must run, and read what lies there."""
    tasks = root / "tasks.py"
    tasks.write_text(tasks.read_text() + "    extra = 1\n")


def _outcomes(answer: dict[str, Any]) -> dict[str, str]:
    assert 0 == answer["document"]["exit_status"], answer
    return {task["label"]: task["outcome"] for task in answer["document"]["tasks"]}


def _final(answer: dict[str, Any]) -> Any:
    target = next(task for task in answer["document"]["tasks"] if task["label"] == "Third")
    return json.loads(Path(target["outputs"][0]["path"]).read_text())


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", ARTIFACTS)
def test_an_artifact(harm: str, name: str, launches: Zygote, done: Path) -> None:
    """A bad output is noticed before a task reads it, and made anew; the good one then counts."""
    root = _copy(done, launches)
    (path,) = root.glob(f"mlruns/*/*/artifacts/{name}")
    HARMS[harm](path)
    _changed_top(root)
    answer = launches.launch(root)
    assert {"First": "ran", "Second": "reused", "Third": "ran"} == _outcomes(answer)
    first = next(task for task in answer["document"]["tasks"] if task["label"] == "First")
    assert {"corrupt", "missing"} & {reason["kind"] for reason in first["reasons"]}, first
    assert FINAL == _final(answer)
    assert "reused" == _outcomes(launches.launch(root))["First"]


@pytest.mark.parametrize("harm", HARMS)
def test_what_only_people_read(harm: str, launches: Zygote, done: Path) -> None:
    """A bad log, record or page makes nothing run: what planning needs is in the database."""
    root = _copy(done, launches)
    for path in root.glob("mlruns/*/*/artifacts/daicho/*"):
        if path.is_file():
            HARMS[harm](path)
    assert {"reused"} == set(_outcomes(launches.launch(root)).values())


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_remembered(harm: str, launches: Zygote, done: Path) -> None:
    """Memories that are garbage or gone cost time alone."""
    root = _copy(done, launches)
    for name in MEMORIES:
        if (root / name).exists():
            HARMS[harm](root / name)
    answer = launches.launch(root)
    assert {"reused"} == set(_outcomes(answer).values())
    assert {"First": [], "Second": [], "Third": []} == visible(root)


def test_the_database(launches: Zygote, done: Path) -> None:
    """A database that is garbage is an error that says so, with status 3; nothing is written over it."""
    root = _copy(done, launches)
    garbage = b"not a database" * 500
    (root / "mlflow.db").write_bytes(garbage)
    answer = launches.launch(root)
    assert (3, True) == (answer["document"]["exit_status"], "not a database" in answer["document"]["message"])
    assert garbage == (root / "mlflow.db").read_bytes()


def test_a_result_that_waits(launches: Zygote) -> None:
    """A waiting result whose bytes are bad is not recorded; its task runs again."""
    root = launches.project()
    launches.launch(root, kill=["recorder", 60, "all"])
    assert {} == visible(root)
    staged = list(root.glob("mlruns/.daicho-stage/*/*/*/out/**/rows.json"))
    for path in staged:
        _flip(path)
    answer = launches.launch(root)
    assert "ran" == _outcomes(answer)["First"]
    assert FINAL == _final(answer)


def test_a_transaction_that_was_cut_off(launches: Zygote, done: Path) -> None:
    """A database whose writer was killed in the middle of a write is taken back to what it was, and used."""
    root = _copy(done, launches)
    database = root / "mlflow.db"
    code = (
        "import os, sqlite3, sys\n"
        "store = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "store.execute('PRAGMA cache_size = 1')\n"
        "store.execute('BEGIN IMMEDIATE')\n"
        "store.execute('UPDATE tags SET value = value || hex(randomblob(3000))')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(database)], check=False)
    assert database.with_name("mlflow.db-journal").stat().st_size > 0
    assert "ok" == {check.name: check.state for check in doctor(folder=root).checks}["store"]
    subprocess.run([sys.executable, "-c", code, str(database)], check=False)
    assert {"reused"} == set(_outcomes(launches.launch(root)).values())
