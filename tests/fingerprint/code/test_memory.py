"""Tables are remembered between launches; whatever happens to the file, answers stay right."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daicho.fingerprint.code import Code, Reader
from tests.fingerprint.code.project import FILES, Imported, changed, write


@pytest.fixture
def trainer(tmp_path: Path) -> Iterator[type]:
    """The trainer of the project."""
    write(tmp_path, FILES)
    with Imported(tmp_path) as imported:
        yield imported.kind("Trainer")


def _read(trainer: type, root: Path) -> Code:
    return Reader([root], root / "state" / "code.db").code_of(trainer)


def test_what_is_remembered_is_what_was_read(trainer: type, tmp_path: Path) -> None:
    """A second launch gives the same answer, and reads its tables from the file."""
    fresh = _read(trainer, tmp_path)
    with closing(sqlite3.connect(tmp_path / "state" / "code.db")) as database:
        rows = database.execute("SELECT count(*) FROM tables").fetchone()[0]
    assert len(FILES) - 1 <= rows  # `lib/sibling.py` and the like; a file of equal bytes counts once
    assert fresh == _read(trainer, tmp_path) == Reader([tmp_path]).code_of(trainer)


def test_an_edit_is_seen_through_the_memory(trainer: type, tmp_path: Path) -> None:
    """What is remembered belongs to the bytes of a file: an edit of the same size and time is seen."""
    before = _read(trainer, tmp_path)
    (tmp_path / "named.py").write_text(FILES["named.py"].replace("42", "43"))
    assert {"named:answer"} == changed(before, _read(trainer, tmp_path))


@pytest.mark.parametrize(
    "damage", ["not a database", "a folder", "other tables", "a wrong text", "read-only"]
)
def test_a_damaged_memory_costs_only_time(trainer: type, tmp_path: Path, damage: str) -> None:
    """Garbage in place of the file, or in it, changes no answer."""
    before = _read(trainer, tmp_path)
    file = tmp_path / "state" / "code.db"
    match damage:
        case "not a database":
            file.write_bytes(b"garbage" * 1000)
        case "a folder":
            file.unlink()
            file.mkdir()
        case "read-only":
            file.chmod(0o400)
        case _:
            sql = "DROP TABLE tables; CREATE TABLE tables (a)" if damage == "other tables" else (
                "UPDATE tables SET body = replace(body, 'fp1:', 'fp1:0')"
            )  # fmt: skip
            with closing(sqlite3.connect(file)) as database:
                database.executescript(sql)
    assert [before, before] == [_read(trainer, tmp_path), _read(trainer, tmp_path)]


def test_a_damaged_memory_is_made_anew(trainer: type, tmp_path: Path) -> None:
    """What cannot be read is replaced, so that the launch after is fast again."""
    file = tmp_path / "state" / "code.db"
    file.parent.mkdir()
    file.write_bytes(b"garbage" * 1000)
    _read(trainer, tmp_path)
    with closing(sqlite3.connect(file)) as database:
        assert 0 < database.execute("SELECT count(*) FROM tables").fetchone()[0]


def test_processes_share_a_memory(trainer: type, tmp_path: Path) -> None:
    """Several processes that start at once with one empty memory all get the same answer."""
    script = (
        "import pathlib, tasks, daicho.fingerprint.code as code\n"
        "print(sorted(code.Reader([pathlib.Path()], pathlib.Path('shared.db')).code_of(tasks.Trainer).digests.items()))"
    )
    environment = {"PYTHONPATH": ":".join([str(tmp_path), *filter(None, sys.path)])}
    running = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]  # fmt: skip
    answers = {process.communicate()[0].strip() for process in running}
    assert {str(sorted(Reader([tmp_path]).code_of(trainer).digests.items()))} == answers
