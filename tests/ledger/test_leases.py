"""What processes of one machine hold and hear: over real locks."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from daicho.ledger.leases import Leases


def test_others_hear_what_is_told(tmp_path: Path) -> None:
    """Who gives a lease back and tells of it is heard by the others, not by itself; a mere release is not."""
    ours, theirs = Leases(tmp_path / "leases"), Leases(tmp_path / "leases")
    before = ours.heard(), theirs.heard()
    theirs.take("a")
    theirs.release("a")
    assert before == (ours.heard(), theirs.heard())
    theirs.take("a")
    theirs.release("a", tell=True)
    assert before != (ours.heard(), theirs.heard())
    assert before[1] == theirs.heard()
    theirs.release("a", tell=True)  # not held any more: nothing to tell
    assert ours.heard() == before[0] + 1


def test_nothing_is_heard_where_nothing_can_be_written(tmp_path: Path) -> None:
    """Without a place for leases all are free, and nothing is ever heard."""
    (tmp_path / "file").touch()
    leases = Leases(tmp_path / "file" / "leases")
    assert leases.take("a")
    leases.release("a", tell=True)
    assert 0 == leases.heard()


def test_a_full_disk_keeps_no_lease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be told, the lease is given back all the same."""
    leases = Leases(tmp_path / "leases")
    leases.take("a")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "write", full)
    leases.release("a", tell=True)
    monkeypatch.undo()
    program = "import sys; from pathlib import Path; from daicho.ledger.leases import Leases; sys.exit(not Leases(Path(sys.argv[1])).take('a'))"
    subprocess.run([sys.executable, "-c", program, str(leases.file)], check=True)
