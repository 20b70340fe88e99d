"""A store with a write-ahead log: where it may be, that it is read whatever its writer does, and what a copy holds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from daicho import run
from daicho.config.settings import Settings
from daicho.errors import StoreError, Where
from daicho.ledger import Ledger, resolve, wal
from daicho.ledger._sqlite import KNOWN_SCHEMAS
from daicho.record import Record
from daicho.verbs.doctor import doctor
from tests.ledger.scene import Scene

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/users /users nfs4 rw,hard 0 0
/dev/vdb /users/ana/disk xfs rw 0 0
host:/ /mnt/my\\040files fuse.sshfs rw 0 0
//host/share /srv cifs rw 0 0
/dev/vdc /srv ext4 rw 0 0
/dev/vdd /data ext4 rw 0 0
auto /net autofs rw 0 0
scratch /data 9p rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the system says of its file systems, as a file to write."""
    file = tmp_path / "mounts"
    monkeypatch.setattr(wal, "_MOUNTS", file)
    return file


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/var/mlflow.db", None),
        ("/users/ana/ships/mlflow.db", "nfs4 at /users"),
        ("/users/ana/disk/mlflow.db", None),
        ("/userstore/mlflow.db", None),
        ("/mnt/my files/deep/mlflow.db", "fuse.sshfs at /mnt/my files"),
        ("/srv/mlflow.db", None),
        ("/data/mlflow.db", "9p at /data"),
        ("/net/mlflow.db", None),
    ],
)
def test_what_is_a_network_disk(mounts: Path, path: str, found: str | None) -> None:
    """The innermost mount point above a file counts, and of two at one place the later."""
    mounts.write_text(MOUNTS)
    assert found == wal.network(Path(path))


def test_nobody_says_what_is_mounted(mounts: Path) -> None:
    """Where the system has no such list, a file is taken for local."""
    assert not mounts.exists()
    assert None is wal.network(Path("/users/mlflow.db"))


def test_never_on_a_network_disk(mounts: Path, tmp_path: Path) -> None:
    """There a launch is refused before anything is made, `doctor` says why, and a recorder leaves the mode alone."""
    root = tmp_path / "ships"
    root.mkdir()
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} nfs rw 0 0\n")
    (root / "luigi.toml").write_text("[daicho]\nwal = true\n")
    with pytest.raises(StoreError, match=f"network file system \\(nfs at {tmp_path}\\)") as caught:
        run("Nothing", folder=root)
    assert Where("luigi.toml", 2, "daicho.wal") == caught.value.where
    assert "take `wal = true` out" == caught.value.hints[0]
    assert ["luigi.toml"] == [path.name for path in root.iterdir()]
    checks = {check.name: check for check in doctor(folder=root).checks}
    assert ("wrong", True) == (checks["store"].state, "(nfs at" in checks["store"].text)
    (root / "luigi.toml").write_text("[daicho]\nwal = false\n")
    assert doctor(folder=root).healthy
    store = resolve(root, None)
    sqlite3.connect(root / "mlflow.db").close()
    wal.switch_on(store)
    assert "delete" == _mode(root / "mlflow.db")


@pytest.mark.parametrize("uri", ["http://127.0.0.1:5000", "postgresql://127.0.0.1/x"])
def test_other_stores_have_no_such_mode(mounts: Path, tmp_path: Path, uri: str) -> None:
    """For a server or another database `wal = true` means nothing, wherever the project lies."""
    mounts.write_text("server:/x / nfs rw 0 0\n")
    wal.check(resolve(tmp_path, uri), Settings(wal=True))
    with pytest.raises(StoreError):
        wal.check(resolve(tmp_path, None), Settings(wal=True))


def test_a_store_that_somebody_holds(tmp_path: Path) -> None:
    """The mode is not changed under somebody's hands, nor is the log emptied; neither is an error, or waited for."""
    store = resolve(tmp_path, None)
    database = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        wal.switch_on(store)
        assert time.monotonic() - began < 10  # it waits for a second, on a machine that may be busy
        other.execute("ROLLBACK")
        assert "delete" == _mode(database)
        wal.switch_on(store)
        assert "wal" == _mode(database)
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO t VALUES (1)")
        began = time.monotonic()
        wal.fold_in(store)
        assert time.monotonic() - began < 10
        other.execute("COMMIT")
        assert (tmp_path / "mlflow.db-wal").stat().st_size
        wal.fold_in(store)
        assert 0 == (tmp_path / "mlflow.db-wal").stat().st_size
    assert [(1,)] == _alone(database, tmp_path / "copy.db", "SELECT x FROM t")


def test_a_folder_that_is_read_only() -> None:
    """Where SQLite can, it is read; where the files cannot be made that it needs for that, the error says what to do."""
    with tempfile.TemporaryDirectory() as space:
        folder = Path(space)
        folder.chmod(0o755)
        writer = _known_store(folder / "mlflow.db")
        with _nobody(folder):
            _ledger(folder).check()
            assert {} == _ledger(folder).find(["a" * 64])
        writer.close()
        assert not (folder / "mlflow.db-wal").exists()
        with _nobody(folder):
            with pytest.raises(StoreError, match="WAL mode") as caught:
                _ledger(folder).check()
            assert 'sqlite3 mlflow.db "PRAGMA journal_mode=delete"' in caught.value.hints[0]
            with pytest.raises(StoreError, match="WAL mode"):
                _ledger(folder).find(["a" * 64])


@pytest.mark.slow
def test_read_whatever_the_writer_does(own: Scene, tmp_path: Path) -> None:
    """While a recorder writes, after its end, and after it was killed, with and without the files beside the database."""
    own.wal = True
    database, log = own.store.database, tmp_path / "mlflow.db-wal"
    assert database is not None
    ledger = own.ledger()
    own.open()
    records = [own.publish()]
    assert ("wal", True) == (_mode(database), log.stat().st_size > 0)
    assert _keys(records) == _found(ledger, records)
    records.append(own.publish())  # the ledger has the file open
    assert _keys(records) == _found(ledger, records)
    own.close()
    ledger.close()
    own.stop()
    assert 0 == log.stat().st_size
    marked = "SELECT count(*) FROM datasets WHERE name = 'daicho.result'"
    assert [(2,)] == _alone(database, tmp_path / "copy.db", marked)
    for name in ("-wal", "-shm"):
        Path(f"{database}{name}").unlink()
    assert _keys(records) == _found(own.ledger(), records)
    own.wal = False  # the mode is the file's
    own.open()
    records.append(own.publish())
    own.recorder.kill()
    assert ("wal", True) == (_mode(database), log.stat().st_size > 0)
    assert _keys(records) == _found(own.ledger(), records)
    for name in ("", "-wal", "-shm"):
        shutil.copy(f"{database}{name}", f"{tmp_path / 'whole.db'}{name}")
    whole = Ledger(
        resolve(tmp_path, "sqlite:///whole.db"), project="ships", experiment="ships", cache=tmp_path
    )
    assert _keys(records) == _found(whole, records)


def _keys(records: list[Record]) -> set[str | None]:
    return {record.key for record in records}


def _found(ledger: Ledger, records: list[Record]) -> set[str]:
    return set(ledger.find([record.key or "" for record in records]))


def _mode(database: Path) -> str:
    """The mode that a database is in."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def _alone(database: Path, copy: Path, question: str) -> list[tuple[object, ...]]:
    """What a plain copy of the file answers."""
    shutil.copy(database, copy)
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute(question).fetchall()


def _ledger(folder: Path) -> Ledger:
    return Ledger(resolve(folder, None), project="ships", experiment="ships", cache=folder / "cache")


def _known_store(database: Path) -> sqlite3.Connection:
    """A store in WAL mode with a schema that is known and nothing in it, still open."""
    connection = sqlite3.connect(database, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=wal",
        "CREATE TABLE alembic_version (version_num)",
        f"INSERT INTO alembic_version VALUES ('{next(iter(KNOWN_SCHEMAS))}')",
        "CREATE TABLE experiments (experiment_id, name, lifecycle_stage)",
        "CREATE TABLE experiment_tags (experiment_id, key, value)",
        "CREATE TABLE runs (run_uuid, experiment_id, name, status, start_time, end_time, artifact_uri, lifecycle_stage)",
        "CREATE TABLE datasets (dataset_uuid, experiment_id, name, digest)",
        "CREATE TABLE inputs (source_type, source_id, destination_type, destination_id)",
    ):
        connection.execute(statement)
    return connection


@contextmanager
def _nobody(folder: Path) -> Iterator[None]:
    """Somebody who may not write there, and is not root, who may write anywhere."""
    before = os.geteuid()
    folder.chmod(0o555)
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)
        folder.chmod(0o755)
