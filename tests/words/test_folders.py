"""Digests of folders: names and contents, links inside; never times, modes or where the folder lies."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.digest import of_names, walk
from daicho.errors import SourceError
from daicho.remembered import Digests
from tests.strategies import HEX


def _folder(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def _digest(folder: Path) -> str:
    return Digests().of(folder)


FILES = {"a.txt": "1", "b/c.txt": "2", "b/d/e.txt": "3"}


def test_a_copy_is_the_same_folder(tmp_path: Path) -> None:
    """Place, times and modes of a folder do not matter."""
    one, other = _folder(tmp_path / "one", FILES), _folder(tmp_path / "x" / "other", FILES)
    os.utime(other / "a.txt", (1, 1))
    (other / "a.txt").chmod(0o444)
    (other / "empty").mkdir()
    assert _digest(one) == _digest(other)


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "a.txt": "2"},
        {**FILES, "f.txt": ""},
        {"a.txt": "1", "b/c.txt": "2"},
        {"a2.txt": "1", "b/c.txt": "2", "b/d/e.txt": "3"},
        {"a.txt": "2", "b/c.txt": "1", "b/d/e.txt": "3"},
        {"a.txt": "1", "c.txt": "2", "b/d/e.txt": "3"},
    ],
)
def test_any_change_is_another_folder(tmp_path: Path, files: dict[str, str]) -> None:
    """Another content, name or number of files is another folder."""
    assert _digest(_folder(tmp_path / "one", FILES)) != _digest(_folder(tmp_path / "other", files))


@given(st.dictionaries(st.text("éñüa/", min_size=1, max_size=5), HEX, max_size=4))
def test_names_are_compared_in_one_form(digests: dict[str, str]) -> None:
    """A file system that decomposes letters (macOS) gives the same folder as one that does not."""
    decomposed = {unicodedata.normalize("NFD", name): digest for name, digest in digests.items()}
    assert of_names(digests) == of_names(decomposed)


def test_names_that_become_one_are_both_counted() -> None:
    """Where two files have names that differ in form alone, a change of either is seen."""
    composed, decomposed = "é", "e\u0301"
    whole = {of_names({composed: one, decomposed: other}) for one in "ab" for other in "cd"}
    assert 4 == len(whole)


def test_all_files_are_walked_in_order(tmp_path: Path) -> None:
    """Files come with their relative names, sorted, hidden ones too."""
    folder = _folder(tmp_path / "one", {**FILES, ".hidden": "", "B": ""})
    names = [name for name, _ in walk(folder)]
    assert [".hidden", "B", "a.txt", "b/c.txt", "b/d/e.txt"] == names
    assert [folder / name for name in names] == [path for _, path in walk(folder)]


def test_links_inside_are_followed(tmp_path: Path) -> None:
    """A link to a file or a folder of the same folder is what it leads to."""
    linked = _folder(tmp_path / "linked", {"a.txt": "1", "b/c.txt": "2"})
    (linked / "file").symlink_to("a.txt")
    (linked / "folder").symlink_to("b", target_is_directory=True)
    copied = _folder(tmp_path / "copied", {"a.txt": "1", "b/c.txt": "2", "file": "1", "folder/c.txt": "2"})
    assert _digest(copied) == _digest(linked)


def test_a_folder_that_is_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    """A source may itself be a link to where the data really lie."""
    real = _folder(tmp_path / "real", FILES)
    (tmp_path / "link").symlink_to(real, target_is_directory=True)
    assert _digest(real) == _digest(tmp_path / "link")


@pytest.mark.parametrize("target", ["../outside.txt", "../outside", "nowhere", "/"])
def test_links_outward_are_refused(tmp_path: Path, target: str) -> None:
    """A link that leads out of the folder or to nothing is refused by name, for its content could change unseen."""
    _folder(tmp_path, {"outside.txt": "1", "outside/a": "1", "one/b/a.txt": "1"})
    (tmp_path / "one" / "b" / "link").symlink_to(Path("..") / target)
    with pytest.raises(SourceError, match=r"one/b/link` is a link that leads out") as caught:
        _digest(tmp_path / "one")
    assert caught.value.hints


@pytest.mark.parametrize("target", [".", "..", "../b"])
def test_links_in_circles_are_refused(tmp_path: Path, target: str) -> None:
    """A link back to a folder around it would have no end."""
    _folder(tmp_path, {"one/b/a.txt": "1"})
    (tmp_path / "one" / "b" / "link").symlink_to(target)
    with pytest.raises(SourceError, match=r"leads back to a folder"):
        _digest(tmp_path / "one")
