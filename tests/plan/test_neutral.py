"""Edits that do not count, told by what they are and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.plan.neutral import neutral_edits

BEFORE = '''\
"""Helpers."""

import math

# a factor
FACTOR = 2


def used():
    """Used."""
    return FACTOR  # of old


def other():
    return 1
'''


def told(folder: Path, after: str, *, elsewhere: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What is told of an edit of a file of which `used` and `FACTOR` count."""
    (folder / "a.py").write_text(after)
    code = [("a.py", "used"), ("a.py", "FACTOR"), ("a.py", "math")]
    return [each.text for each in neutral_edits(folder, code, elsewhere, {"a.py": BEFORE.encode()})]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# a factor", "# the factor", "1 comment edited in a.py:5, which does not count"),
        ("# a factor\n", "", "1 comment edited in a.py:5, which does not count"),
        ("  # of old", "  # of new\n    # and more", "2 comments edited in a.py:11, which do not count"),
        ('"""Used."""', '"""Uses."""', "1 docstring edited in a.py:10, which does not count"),
        ('    """Used."""\n', "", "1 docstring edited in a.py:10, which does not count"),
        ("return 1", "return 2", "1 other definition edited in a.py:14, which it does not use"),
        ("other()", "another()", "2 other definitions edited in a.py:14, which it does not use"),
        ("FACTOR = 2", "FACTOR   =   2", "layout changed in a.py, which does not count"),
    ],
)
def test_each_kind_is_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """Comments, docstrings, definitions that are not used, layout: how many, and where the first is."""
    assert [expected] == told(tmp_path, BEFORE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"), [("FACTOR = 2", "FACTOR = 3"), ("return FACTOR", "return -FACTOR"), ("", "")]
)
def test_what_counts_is_not_told(tmp_path: Path, old: str, new: str) -> None:
    """An edit of code that counts is nothing to tell here, nor is none at all."""
    assert [] == told(tmp_path, BEFORE.replace(old, new))


def test_what_counts_for_a_task_below(tmp_path: Path) -> None:
    """A definition that made a task below run is not said to be without effect."""
    assert [] == told(tmp_path, BEFORE.replace("return 1", "return 2"), elsewhere=(("a.py", "other"),))


def test_files_that_cannot_be_compared(tmp_path: Path) -> None:
    """A file that is gone, or of which the earlier text is not known, is passed over."""
    (tmp_path / "new.py").write_text("A = 1\n")
    assert () == neutral_edits(tmp_path, [("gone.py", "A"), ("new.py", "A")], (), {"gone.py": b"A = 1\n"})
