"""What `stat` says of a file tells one content from another, and no more than that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daicho._signature import GONE, signature, touched


@pytest.mark.parametrize(("name", "tells"), [("mlflow.db", True), ("mlflow.db-wal", False)])
def test_an_owner(tmp_path: Path, name: str, tells: bool) -> None:
    """Setting the owner that there is counts for a file, but for a database's log, where root's readers do so."""
    path = tmp_path / name
    path.write_text("a")
    old = path.stat()
    before, when = signature(str(path)), touched(old, str(path))
    while path.stat().st_ctime_ns == old.st_ctime_ns:  # the clock's next step
        os.chown(path, old.st_uid, old.st_gid)
    assert tells == (before != signature(str(path)))
    assert tells == (when != touched(path.stat(), str(path)))


@pytest.mark.parametrize("name", ["mlflow.db", "mlflow.db-wal"])
def test_a_write(tmp_path: Path, name: str) -> None:
    """Another content is another signature, also where it is as long; so is another file, and none."""
    path = tmp_path / name
    path.write_text("a")
    seen, old = {signature(str(path))}, path.stat()
    while path.stat().st_mtime_ns == old.st_mtime_ns:
        path.write_text("b")
    seen.add(signature(str(path)))
    path.write_text("bc")
    seen.add(signature(str(path)))
    path.unlink()
    seen.add(signature(str(path)))
    assert (4, True) == (len(seen), GONE in seen)
