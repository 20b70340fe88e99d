"""Keeping the bytes of small sources, so that a result can be made again where nobody has the files any more."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from daicho.errors import InputError, ProjectError, SourceError
from daicho.ledger import _marks as marks
from daicho.ledger import _recorder_calls as calls
from daicho.ledger._launches import Launch
from daicho.ledger._recorder_book import Begun, Book
from daicho.ledger.sources import Kept, copy_of, kept


def keep(book: Book, begun: Begun, places: Mapping[str, str]) -> None:
    """Keep sources, given by digest, that the store does not have yet.

    One that changed or went away since the plan was made is left out: the task that reads it will say so.
    """
    if not places:
        return
    there = kept(book.ledger, places)
    holder = Launch(begun.run_id, "", begun.experiment_id, 0.0, "")
    new = []
    for digest, place in places.items():
        if digest in there:
            continue
        source = Kept(digest, holder, folder=Path(place).is_dir())
        with tempfile.TemporaryDirectory(prefix="daicho-") as space:
            copy = Path(space) / "copy"  # never the file itself: it stays its owner's to change
            if _copied(Path(place), digest, copy):
                begun.area.put_file(copy, source.name)
                new.append(calls.mark(marks.KEPT_FOLDER if source.folder else marks.KEPT, digest))
    calls.inputs(book.client, begun.run_id, new)


def _copied(place: Path, digest: str, copy: Path) -> bool:
    try:
        return copy_of(place, digest, copy)
    except (OSError, SourceError, InputError, ProjectError):
        return False
