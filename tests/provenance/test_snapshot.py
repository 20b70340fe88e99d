"""The digest of a project's source files: equal for equal trees, different for different ones."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from daicho import digest
from daicho.errors import InputError, ProjectError
from daicho.provenance import Snapshot, git_ignored, take_snapshot
from tests.provenance.repositories import repository, write

_PARTS = st.text("aB.é -", min_size=1, max_size=3).filter(lambda part: part.strip(".") != "")
_NAMES = st.lists(_PARTS, min_size=1, max_size=2).map("/".join)
_TREES = st.dictionaries(_NAMES, st.binary(max_size=3), max_size=4).filter(
    lambda tree: not any(one.startswith(f"{other}/") for one in tree for other in tree)
)


def _snapshot(tree: Mapping[str, bytes], order: int = 1) -> Snapshot:
    with TemporaryDirectory() as folder:
        files = [write(Path(folder), name, content) for name, content in tree.items()]
        return take_snapshot(Path(folder), files[::order])


@settings(max_examples=50)
@given(_TREES)
def test_place_and_order_do_not_matter(tree: dict[str, bytes]) -> None:
    """The same files in another folder, given in another order, are the same snapshot."""
    assert _snapshot(tree) == _snapshot(tree, -1)


@settings(max_examples=50)
@given(_TREES, _TREES)
def test_different_trees_differ(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Two trees have one digest only if all names and bytes are equal."""
    assert (one == other) is (_snapshot(one).digest == _snapshot(other).digest)


@settings(max_examples=50)
@given(_TREES, st.data())
def test_any_change_shows(tree: dict[str, bytes], data: st.DataObject) -> None:
    """A changed byte, another name and a missing file each change the digest."""
    assume(tree)
    name = data.draw(st.sampled_from(sorted(tree)))
    before = _snapshot(tree).digest
    rest = {other: content for other, content in tree.items() if other != name}
    assert before != _snapshot(tree | {name: tree[name] + b"\0"}).digest
    assert before != _snapshot(rest | {name + "x": tree[name]}).digest
    assert before != _snapshot(rest).digest


def test_what_it_holds(tmp_path: Path) -> None:
    """Names are relative with their digests, sorted; the whole is the digest of a folder that holds just these."""
    files = [write(tmp_path, "b.py", "b"), write(tmp_path, "a/c.py", "c"), write(tmp_path, "not asked.py")]
    found = take_snapshot(tmp_path, iter(files[:2]))
    names = {
        name: hashlib.sha256(text.encode()).hexdigest() for name, text in [("a/c.py", "c"), ("b.py", "b")]
    }
    assert Snapshot(digest.of_names(names), names, ()) == found
    assert list(names) == list(found.files)
    assert {"digest": found.digest, "files": names, "ignored": []} == json.loads(json.dumps(found.to_json()))


def test_names_are_normalised(tmp_path: Path) -> None:
    """Both spellings of one letter give one name; two different files that differ only so are refused."""
    composed, parted = (unicodedata.normalize(form, "é.py") for form in ("NFC", "NFD"))
    one, other = write(tmp_path, f"one/{composed}"), write(tmp_path, f"two/{parted}")
    assert take_snapshot(tmp_path / "one", [one]) == take_snapshot(tmp_path / "two", [other])
    write(tmp_path, f"one/{parted}", "other\n")
    if not (tmp_path / "one" / composed).samefile(tmp_path / "one" / parted):
        with pytest.raises(ProjectError, match="once Unicode is normalised"):
            take_snapshot(tmp_path / "one", [one, tmp_path / "one" / parted])


def test_ignored_files_are_named(tmp_path: Path) -> None:
    """Files that git ignores are hashed like others and named."""
    root = repository(tmp_path / "repo")
    write(root, ".gitignore", "*.secret.py\n")
    files = [root / "tasks.py", write(root, "a.secret.py"), write(root, "b.secret.py")]
    found = take_snapshot(root, files, ignored=git_ignored(root, files).__contains__)
    assert ("a.secret.py", "b.secret.py") == found.ignored
    assert ["a.secret.py", "b.secret.py", "tasks.py"] == list(found.files)
    assert take_snapshot(root, files).digest == found.digest


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(InputError, match=r"the source file `gone\.py` cannot be read: No such file"):
        take_snapshot(tmp_path, [tmp_path / "gone.py"])


def test_a_file_outside(tmp_path: Path) -> None:
    """A file outside the project is refused."""
    with pytest.raises(ProjectError, match="does not lie below the project's folder"):
        take_snapshot(tmp_path / "project", [write(tmp_path, "elsewhere.py")])


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """A name that is not UTF-8 is refused before it spoils an archive."""
    with pytest.raises(ProjectError, match="not valid UTF-8"):
        take_snapshot(tmp_path, [tmp_path / "\udcff.py"])
