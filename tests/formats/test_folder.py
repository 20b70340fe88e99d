"""folder: the content of a folder, as files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daicho.errors import FormatError
from daicho.formats import by_name

FOLDER = by_name("folder")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a file, a folder in it, and an empty one."""
    root = tmp_path / "source"
    (root / "sub").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "a.txt").write_bytes(b"a\r\n")
    (root / "sub" / "台帳.bin").write_bytes(bytes(range(256)))
    return root


def content(root: Path) -> dict[str, bytes | None]:
    """What a folder holds: the bytes of files, None for folders."""
    found = sorted(root.rglob("*"))
    return {str(item.relative_to(root)): None if item.is_dir() else item.read_bytes() for item in found}


def test_is_a_folder_that_repeats_and_runs_nothing() -> None:
    """What the format says of itself."""
    assert (True, False, True, ()) == (FOLDER.folder, FOLDER.runs_code, FOLDER.repeats, FOLDER.suffixes)


@pytest.mark.parametrize("kind", [Path, str])
def test_the_content_is_copied(tmp_path: Path, source: Path, kind: type) -> None:
    """All files are there, byte for byte, and the path comes back; nothing lies beside it."""
    FOLDER.save(kind(source), tmp_path / "out")
    assert tmp_path / "out" == FOLDER.load(tmp_path / "out")
    assert content(source) == content(tmp_path / "out")
    assert ["out", "source"] == sorted(item.name for item in tmp_path.iterdir())


def test_what_lay_there_is_replaced(tmp_path: Path, source: Path) -> None:
    """No file of the folder before stays."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    FOLDER.save(source, tmp_path / "out")
    assert content(source) == content(tmp_path / "out")


def test_saving_the_output_itself_changes_nothing(source: Path) -> None:
    """Who wrote into the output's own folder may say so."""
    before = content(source)
    FOLDER.save(source, source)
    assert before == content(source)


def test_a_link_inside_becomes_what_it_leads_to(tmp_path: Path, source: Path) -> None:
    """Links within the folder are followed: files come out."""
    (source / "link").symlink_to(source / "a.txt")
    (source / "dir").symlink_to("sub")
    FOLDER.save(source, tmp_path / "out")
    assert b"a\r\n" == (tmp_path / "out" / "link").read_bytes()
    assert [] == [item for item in (tmp_path / "out").rglob("*") if item.is_symlink()]
    assert (tmp_path / "out" / "dir" / "台帳.bin").is_file()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("../outside", "leads out of the folder"),
        ("nowhere", "leads nowhere"),
        ("..", "leads to a folder that it"),
    ],
)
def test_a_link_that_is_no_content_is_refused(tmp_path: Path, source: Path, target: str, why: str) -> None:
    """It would bring in what is not in the folder, or never end; nothing is written."""
    (tmp_path / "outside").write_text("secret")
    place = source / "sub" if target == ".." else source
    (place / "link").symlink_to(target)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    with pytest.raises(FormatError, match=f"link` {why}"):
        FOLDER.save(source, tmp_path / "out")
    assert {"old": b"old"} == content(tmp_path / "out")
    assert ["out", "outside", "source"] == sorted(item.name for item in tmp_path.iterdir())


def test_a_pipe_is_refused(tmp_path: Path, source: Path) -> None:
    """It has no content that could be kept."""
    os.mkfifo(source / "pipe")
    with pytest.raises(FormatError, match="`pipe` is neither a file nor a folder"):
        FOLDER.save(source, tmp_path / "out")


@pytest.mark.parametrize("value", [None, ["a"], 3])
def test_only_a_path_is_saved(tmp_path: Path, value: object) -> None:
    """The sentence says so."""
    with pytest.raises(FormatError, match="folder saves the path of a folder, not"):
        FOLDER.save(value, tmp_path / "out")


def test_a_file_is_no_folder(tmp_path: Path, source: Path) -> None:
    """Neither when saved nor when loaded."""
    with pytest.raises(FormatError, match="a.txt` is not a folder"):
        FOLDER.save(source / "a.txt", tmp_path / "out")
    with pytest.raises(FormatError, match="`a.txt` cannot be read as folder: it is a file"):
        FOLDER.load(source / "a.txt")
    with pytest.raises(FileNotFoundError):
        FOLDER.load(source / "missing")


def test_one_folder_in_the_other_is_refused(source: Path) -> None:
    """A copy into itself would never end."""
    with pytest.raises(FormatError, match="lie one in the other"):
        FOLDER.save(source, source / "sub" / "out")
