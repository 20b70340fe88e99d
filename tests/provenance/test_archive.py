"""Archives of snapshots: the same each time, whole, and read without trust."""

from __future__ import annotations

import os
import stat
import unicodedata
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daicho.errors import CorruptError, InputError
from daicho.provenance import read_snapshot, take_snapshot, write_snapshot
from tests.provenance.repositories import write


def _project(root: Path, *, reverse: bool = False) -> list[Path]:
    contents = {"tasks.py": b"x = 1\n" * 50, "package/é.py": b"", "package/b.py": bytes(range(256))}
    return [write(root, name, contents[name]) for name in sorted(contents, reverse=reverse)]


def test_there_and_back(tmp_path: Path) -> None:
    """What was written is read again: all files but the ignored ones, by name."""
    root = tmp_path / "project"
    files = [*_project(root), write(root, "secret.py", "hunter2")]
    snapshot = take_snapshot(root, files, ignored=lambda path: path.name == "secret.py")
    write_snapshot(snapshot, root, tmp_path / "code.zip")
    expected = {"package/b.py": bytes(range(256)), "package/é.py": b"", "tasks.py": b"x = 1\n" * 50}
    found = read_snapshot(tmp_path / "code.zip")
    assert expected == found
    assert sorted(expected) == list(found)
    assert b"secret" not in (tmp_path / "code.zip").read_bytes()


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    """Place, order, times and modes of the files do not show in the archive."""
    archives = []
    for name in ("one", "two"):
        root, target = tmp_path / name, tmp_path / f"{name}.zip"
        files = _project(root, reverse=name == "two")
        if name == "two":
            for file in files:
                os.utime(file, (10**9, 10**9))
                file.chmod(0o700)
        write_snapshot(take_snapshot(root, files), root, target)
        archives.append(target.read_bytes())
    assert archives[0] == archives[1]


@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_a_file_that_changed_is_noticed(tmp_path: Path, change: str) -> None:
    """A file that is not what was hashed is named, and neither a new archive nor half of one is left."""
    root, target = tmp_path / "project", tmp_path / "out/code.zip"
    target.parent.mkdir()
    snapshot = take_snapshot(root, _project(root))
    if change == "edited":
        write(root, "tasks.py", "x = 2\n")
    else:
        (root / "tasks.py").unlink()
    target.write_bytes(b"earlier")
    with pytest.raises(InputError, match=r"tasks\.py"):
        write_snapshot(snapshot, root, target)
    assert [b"earlier"] == [path.read_bytes() for path in target.parent.iterdir()]


def test_a_name_that_the_disk_spells_otherwise(tmp_path: Path) -> None:
    """A file is found again though the disk keeps its name in another Unicode form."""
    root = tmp_path / "project"
    file = write(root, unicodedata.normalize("NFD", "é/ü.py"), "x")
    write_snapshot(take_snapshot(root, [file]), root, tmp_path / "code.zip")
    assert {unicodedata.normalize("NFC", "é/ü.py"): b"x"} == read_snapshot(tmp_path / "code.zip")


@pytest.mark.parametrize(
    "name", ["../x.py", "a/../../x.py", "/etc/x.py", "a//x.py", "./x.py", "folder/", ".."]
)
def test_unsafe_names_are_refused(tmp_path: Path, name: str) -> None:
    """A name that leads out of a folder, or that is no file's, is refused with the archive."""
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("good.py", "")
        archive.writestr(zipfile.ZipInfo(name), "")
    with pytest.raises(CorruptError, match=r"the snapshot `code\.zip` cannot be used"):
        read_snapshot(tmp_path / "code.zip")


def test_links_and_doubles_are_refused(tmp_path: Path) -> None:
    """A link, and a name that stands twice, are refused."""
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("x.py", "1")
        archive.writestr("x.py", "2")
    with pytest.raises(CorruptError, match="an entry is a link"):
        read_snapshot(tmp_path / "link.zip")
    with pytest.raises(CorruptError, match="a name stands in it twice"):
        read_snapshot(tmp_path / "twice.zip")


def test_a_missing_archive(tmp_path: Path) -> None:
    """An archive that is not there is an error of ours."""
    with pytest.raises(CorruptError, match="No such file"):
        read_snapshot(tmp_path / "missing.zip")


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """An archive whose names cannot be decoded is damaged."""
    root, path = tmp_path / "project", tmp_path / "code.zip"
    write_snapshot(take_snapshot(root, _project(root)), root, path)
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    with pytest.raises(CorruptError, match="can't decode"):
        read_snapshot(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever happens to the bytes, the archive is refused or gives safe names: no other error comes out."""
    path = tmp_path / "code.zip"
    write_snapshot(
        take_snapshot(tmp_path / "project", _project(tmp_path / "project")), tmp_path / "project", path
    )
    whole = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    for place in data.draw(st.lists(st.integers(0, max(0, len(whole) - 1)), max_size=3)):
        whole[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
    path.write_bytes(whole)
    try:
        names = read_snapshot(path)
    except CorruptError:
        return
    assert not any(part in ("", ".", "..") for name in names for part in name.split("/"))
