"""The local copy of what was fetched: the longest unused goes first, what may be in use stays."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from daicho.ledger import cache
from daicho.ledger.cache import Entry, entries, keep_small, remove, to_go

DAY = 24 * 3600.0
NOW = 1_000_000_000.0


@given(
    st.lists(st.tuples(st.integers(0, 100), st.floats(0, 200)), max_size=10).map(
        lambda found: sorted(found, key=lambda each: -each[1])
    ),
    st.integers(0, 300),
)
def test_what_goes(found: list[tuple[int, float]], limit: int) -> None:
    """Nothing used within a day goes, all that was unused for 90 days does, and otherwise only as much as must."""
    given_entries = [
        Entry(Path(str(place)), size, NOW - days * DAY) for place, (size, days) in enumerate(found)
    ]
    gone = to_go(given_entries, limit, NOW)
    left = [each for each in given_entries if each not in gone]
    age = {each.folder: (NOW - each.used) / DAY for each in given_entries}
    assert all(age[each.folder] >= 1 for each in gone)
    assert all(age[each.folder] < 90 for each in left)
    assert sum(each.size for each in left) <= limit or all(age[each.folder] < 1 for each in left)
    younger = [each for each in gone if age[each.folder] < 90]
    assert not younger or sum(each.size for each in (*left, younger[-1])) > limit


def _entry(folder: Path, digest: str, size: int, days: float) -> Path:
    place = folder / digest[:2] / digest
    place.mkdir(parents=True)
    (place / "a.bin").write_bytes(b"x" * size)
    os.utime(place, (NOW - days * DAY, NOW - days * DAY))
    return place


def test_on_disk(tmp_path: Path) -> None:
    """Entries are found with their size and use, those that a dead fetch left too, and are gone when removed."""
    old, new = _entry(tmp_path, "abcd", 10, 50), _entry(tmp_path, "abef", 20, 2)
    left = tmp_path / ".fetch-x"
    left.mkdir()
    os.utime(left, (NOW - 60 * DAY, NOW - 60 * DAY))
    found = entries(tmp_path)
    assert [(left, 0), (old, 10), (new, 20)] == [(each.folder, each.size) for each in found]
    remove(to_go(found, 25, NOW))
    assert (False, True) == (old.exists(), new.exists())
    cache.used(new)
    assert entries(tmp_path)[-1].used > NOW


def test_a_look_a_day(tmp_path: Path) -> None:
    """Launches look once a day, and what cannot be looked at is no error."""
    keep_small(tmp_path / "missing", 0)
    first = _entry(tmp_path, "abcd", 10, 50)
    keep_small(tmp_path, 0)
    assert not first.exists()
    second = _entry(tmp_path, "abcd", 10, 50)
    keep_small(tmp_path, 0)
    assert second.exists()
