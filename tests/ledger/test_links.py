"""What is published is linked where it is the task's own, and copied where it is somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.ledger._recorder_area import _link


def test_a_staged_file_is_linked(tmp_path: Path) -> None:
    """A file that only the staging folder has is published without a copy."""
    staged = tmp_path / "staged"
    staged.write_text("x")

    _link(staged, tmp_path / "published")

    assert staged.stat().st_ino == (tmp_path / "published").stat().st_ino


@pytest.mark.parametrize("way", ["symbolic", "hard"])
def test_a_file_of_the_users_own_stays_theirs(tmp_path: Path, way: str) -> None:
    """A link that a task has made leads to a file that may be changed later, and must not be made read-only."""
    theirs, staged, published = tmp_path / "mine.bin", tmp_path / "staged", tmp_path / "published"
    theirs.write_text("x")
    theirs.chmod(0o644)
    if way == "symbolic":
        staged.symlink_to(theirs)
    else:
        staged.hardlink_to(theirs)

    _link(staged, published)
    theirs.write_text("changed")

    assert ("x", 0o644) == (published.read_text(), theirs.stat().st_mode & 0o777)
