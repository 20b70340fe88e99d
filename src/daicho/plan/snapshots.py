"""The source files that earlier results were made from, as they are stored with the pipeline runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from daicho.errors import CorruptError, StoreError
from daicho.ledger import Ledger
from daicho.provenance import read_snapshot
from daicho.record import Record

Files = Mapping[str, bytes]

_FILE = "daicho/snapshot.zip"


class Snapshots:
    """Reads snapshots, each once. One that cannot be had is empty: it only means that less can be told."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, Files] = {}

    def of(self, record: Record) -> Files:
        """The source files of a record by their names, without those that git ignores."""
        digest = record.provenance.get("snapshot")
        if not isinstance(digest, str):
            return {}
        if digest not in self._known:
            self._known[digest] = self._read(digest)
        return self._known[digest]

    def _read(self, digest: str) -> Files:
        try:
            return read_files(self._ledger, digest) or {}
        except (StoreError, CorruptError, OSError):
            return {}


def read_files(ledger: Ledger, digest: str) -> Files | None:
    """The source files of a tree digest by their names, without those that git ignores; None if they are not there.

    Raises:
        CorruptError: If the archive is damaged.
        StoreError: If the store cannot be asked.
    """
    holder = ledger.snapshot(digest)
    data = ledger.artifact(holder, _FILE) if holder is not None else None
    if data is None:
        return None
    with tempfile.TemporaryDirectory(prefix="daicho-") as folder:
        path = Path(folder, "snapshot.zip")
        path.write_bytes(data)
        return read_snapshot(path)


def file_of(files: Files, symbol: str, known: str | None) -> str | None:
    """The file that a symbol (`module:name`) stood in, or None.

    Args:
        files: The files of that time.
        symbol: The symbol.
        known: Where it stands now, if it does.
    """
    found = (known, *_places(symbol))
    return next((name for name in found if name is not None and name in files), None)


def file_now(root: Path, symbol: str) -> str | None:
    """The file of the project that a symbol stands in now, or None."""
    return next((name for name in _places(symbol) if (root / name).is_file()), None)


def _places(symbol: str) -> Iterator[str]:
    place = symbol.partition(":")[0]
    path = place.replace(".", "/")
    yield place
    for folder in ("", "src/"):
        yield from (f"{folder}{path}.py", f"{folder}{path}/__init__.py")
