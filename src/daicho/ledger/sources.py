"""Sources whose bytes are kept in the store: once, by their content, with the pipeline run that first read them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from daicho.digest import of_bytes, of_file, of_names, walk
from daicho.errors import CorruptError
from daicho.ledger import _marks as marks
from daicho.ledger._launches import Launch
from daicho.ledger.ledger import Ledger
from daicho.provenance import read_snapshot, take_snapshot, write_snapshot
from daicho.record import OutputRecord, Record


@dataclass(frozen=True)
class Kept:
    """A source whose bytes are there: its digest, the pipeline run that holds it, and whether it is a folder."""

    digest: str
    holder: Launch
    folder: bool = False

    @property
    def name(self) -> str:
        """The artifact that holds it; a folder is one archive, which takes every name of a file."""
        return f"{marks.SOURCES_FOLDER}/{self.digest}{'.zip' if self.folder else ''}"


def kept(ledger: Ledger, digests: Collection[str]) -> dict[str, Kept]:
    """Those of some sources, given by digest, whose bytes are in the store.

    Raises:
        StoreError: If the store cannot be asked.
    """
    whole = {marks.short(each): each for each in digests}
    found = {}
    for kind in (marks.KEPT, marks.KEPT_FOLDER):
        for row in ledger._marked(kind, whole):
            for mark in row.marks:
                if mark.name == kind and mark.digest in whole:
                    digest = whole[mark.digest]
                    found[digest] = Kept(digest, Launch.of(row), folder=kind == marks.KEPT_FOLDER)
    return found


def bring(ledger: Ledger, source: Kept, target: Path) -> None:
    """Write a kept source to a place that does not exist yet, verified: whole or not at all.

    Raises:
        CorruptError: If the store has other bytes than were kept.
        OSError: If it cannot be written there.
        StoreError: If the store cannot be asked.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".daicho-", dir=target.parent) as space:
        part = Path(space) / "content"
        if source.folder:
            _unpack(ledger, source, Path(space), part)
        else:
            run_id, uri = source.holder.run_id, source.holder.artifact_uri
            record = Record("source", "", None, run_id=run_id, artifact_uri=uri)
            shutil.copyfile(ledger.fetch(record, OutputRecord("", source.name, "", source.digest, 0)), part)
        os.rename(part, target)


def _unpack(ledger: Ledger, source: Kept, space: Path, part: Path) -> None:
    data = ledger.artifact(source.holder, source.name)
    packed = space / "content.zip"
    packed.write_bytes(data or b"")
    part.mkdir()
    digests = {}
    for name, content in read_snapshot(packed).items():
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).write_bytes(content)
        digests[name] = of_bytes(content)
    if of_names(digests) != source.digest:
        raise CorruptError(
            f"the source {source.digest[:12]}, kept in run {source.holder.run_id}, is not what it was"
        )


def copy_of(place: Path, digest: str, target: Path) -> bool:
    """Copy a source that is to be kept, a folder as one archive; whether it still is what its digest says."""
    if not place.is_dir():
        shutil.copyfile(place, target)
        return of_file(target) == digest
    top = Path(os.path.realpath(place))
    snapshot = take_snapshot(top, [path for _, path in walk(top)])
    if snapshot.digest != digest:
        return False
    write_snapshot(snapshot, top, target)
    return True
