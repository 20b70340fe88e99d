"""The memory of digests: what has not changed is not read again, and what has changed is always noticed."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daicho.digest import of_bytes
from daicho.remembered import Digests

FALSE = "f" * 64


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is an hour fast: what was written just now was written long ago."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600_000_000_000)


def _lie(database: Path) -> None:
    """Put a false digest for every file into the memory, to see whether it is believed."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE files SET digest = ?", (FALSE,))


def _remembered(tmp_path: Path, content: bytes = b"one") -> tuple[Path, Path]:
    file, database = tmp_path / "a", tmp_path / "memory" / "digests.db"
    file.write_bytes(content)
    memory = Digests(database)
    assert of_bytes(content) == memory.of(file)
    memory.save()
    return file, database


@pytest.mark.usefixtures("later")
def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    """A file that `stat` says is the same has the digest that it had."""
    file, database = _remembered(tmp_path)
    _lie(database)
    assert FALSE == Digests(database).of(file)


@pytest.mark.usefixtures("later")
def test_a_process_reads_a_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One memory remembers what it hashed, before and after it was saved."""
    file = tmp_path / "a"
    file.write_bytes(b"one")
    read: list[Any] = []
    whole = hashlib.file_digest

    def counting(*args: Any) -> Any:
        read.append(args)
        return whole(*args)

    monkeypatch.setattr(hashlib, "file_digest", counting)
    memory = Digests(tmp_path / "digests.db")
    for _ in range(2):
        assert [of_bytes(b"one")] * 2 == [memory.of(file), memory.of(file)]
        memory.save()
    assert 1 == len(read)


@pytest.mark.usefixtures("later")
def test_other_bytes_of_the_same_size_and_time_are_noticed(tmp_path: Path) -> None:
    """Somebody who writes other bytes and sets the time back is seen, for no one can set the time of the change."""
    file, database = _remembered(tmp_path)
    before = file.stat()
    time.sleep(0.02)  # a grain of the file system's clock
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (before.st_size, before.st_mtime_ns) == (file.stat().st_size, file.stat().st_mtime_ns)
    assert of_bytes(b"two") == Digests(database).of(file)


@pytest.mark.usefixtures("later")
def test_another_file_in_its_place_is_noticed(tmp_path: Path) -> None:
    """A file that was moved here, as old and as big as the one before, is another one."""
    file, database = _remembered(tmp_path)
    other = tmp_path / "b"
    other.write_bytes(b"two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert of_bytes(b"two") == Digests(database).of(file)


def test_a_file_that_was_just_written_is_not_trusted(tmp_path: Path) -> None:
    """Within the clock's grain a second write could hide: what is that young is read again."""
    file, database = _remembered(tmp_path)
    assert not database.exists()
    file.write_bytes(b"two")
    assert of_bytes(b"two") == Digests(database).of(file)


@pytest.mark.usefixtures("later")
def test_the_files_of_a_folder_are_remembered(tmp_path: Path) -> None:
    """A folder's digest is made of what is remembered of its files."""
    folder, database = tmp_path / "folder", tmp_path / "digests.db"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "c").write_bytes(b"1")
    memory = Digests(database)
    true = memory.of(folder)
    memory.save()
    _lie(database)
    assert true == Digests().of(folder)
    assert true != Digests(database).of(folder)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    "garbage",
    [b"", b"garbage" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000],
    ids=["empty", "text", "torn"],
)
def test_a_broken_memory_is_no_harm(tmp_path: Path, garbage: bytes) -> None:
    """Garbage in place of the database costs time, no error, and is mended."""
    file, database = tmp_path / "a", tmp_path / "digests.db"
    file.write_bytes(b"one")
    database.write_bytes(garbage)
    memory = Digests(database)
    assert of_bytes(b"one") == memory.of(file)
    memory.save()
    _lie(database)
    assert FALSE == Digests(database).of(file)


@pytest.mark.usefixtures("later")
def test_a_memory_that_cannot_be_written_is_no_harm(tmp_path: Path) -> None:
    """Where the memory cannot lie, digests are right all the same."""
    file = tmp_path / "a"
    file.write_bytes(b"one")
    for database in (file / "below" / "digests.db", tmp_path):  # below a file; a folder
        memory = Digests(database)
        assert of_bytes(b"one") == memory.of(file)
        memory.save()


@pytest.mark.usefixtures("later")
def test_another_process_that_is_writing_is_left_alone(tmp_path: Path) -> None:
    """A database whose table is still to be made by somebody else is not taken for garbage."""
    file, database = tmp_path / "a", tmp_path / "digests.db"
    file.write_bytes(b"one")
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("CREATE TABLE unrelated (x)")
        assert of_bytes(b"one") == Digests(database).of(file)
        other.execute("INSERT INTO unrelated VALUES (1)")
    with closing(sqlite3.connect(database)) as again:
        assert [(1,)] == again.execute("SELECT x FROM unrelated").fetchall()


_WRITER = """
import sys, time
from pathlib import Path
from typing import Any
from daicho.remembered import Digests
now = time.time_ns
time.time_ns = lambda: now() + 3_600_000_000_000
folder, database, name = map(Path, sys.argv[1:])
for number in range(20):
    memory = Digests(database)
    memory.of(folder / f"{name}{number}")
    memory.save()
"""


def test_two_processes_share_one_memory(tmp_path: Path) -> None:
    """Two processes that save at the same time both keep what they learnt."""
    database = tmp_path / "digests.db"
    names = [f"{writer}{number}" for writer in "ab" for number in range(20)]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _WRITER, str(tmp_path), str(database)]
    writers = [subprocess.Popen([*command, writer], env=environment) for writer in "ab"]
    assert [0, 0] == [writer.wait(60) for writer in writers]
    with closing(sqlite3.connect(database)) as connection:
        rows = dict(connection.execute("SELECT path, digest FROM files"))
    assert {str(tmp_path / name): of_bytes(name.encode()) for name in names} == rows
