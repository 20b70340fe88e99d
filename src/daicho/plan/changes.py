"""How a definition changed: which of its parts, in which commit, and the difference of what it says."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from daicho.fingerprint.code.definition import Piece, documentation, pieces
from daicho.plan.snapshots import Files, file_of
from daicho.provenance.blame import Blame, Commit


@dataclass(frozen=True)
class Change:
    """A change of one definition.

    Attributes:
        parts: What of it is new or says something else (`Trainer.run`), as far as that can be told.
        lines: The lines that changed, from 1; none where something was only taken out.
        commit: Who did that; None where git cannot say.
        diff: The difference in unified form, without what does not count; empty where the earlier text is not known.
    """

    parts: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    commit: Commit | None = None
    diff: str = ""

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "parts": list(self.parts),
            "lines": list(self.lines),
            "commit": self.commit.to_json() if self.commit is not None else None,
            "diff": self.diff,
        }


def change_of(root: Path, symbol: str, file: str | None, then: Files, blame: Blame) -> Change:
    """How a symbol changed.

    Args:
        root: The project's folder.
        symbol: The symbol, as `module:name`.
        file: The file that it stands in now, relative to the root; None if it is gone.
        then: The project's files as they were.
        blame: Tells who changed them since.
    """
    before_file = file_of(then, symbol, file)
    before = then.get(before_file or "", b"")
    found = between(symbol, (before_file, before), (file, _read(root, file)))
    where = file or before_file
    commit = blame.last_change(where, found.lines) if where is not None else None
    return replace(found, commit=commit, diff=found.diff if before_file is not None else "")


def between(symbol: str, before: tuple[str | None, bytes], after: tuple[str | None, bytes]) -> Change:
    """How a symbol differs in two states of a file, each with its name (None where the symbol is not there)."""
    name = symbol.partition(":")[2]
    old, new = pieces(before[1], name), pieces(after[1], name)
    changed = _without(new, old) or (new if not old else ())
    gone = _without(old, new)
    return Change(
        parts=tuple(dict.fromkeys(piece.name for piece in (*changed, *gone))) if old else (),
        lines=_lines(before[1], after[1], changed),
        diff=_diff(before[0] or "nothing", after[0], before[1], after[1], (old, new)),
    )


def _read(root: Path, file: str | None) -> bytes:
    try:
        return (root / file).read_bytes() if file is not None else b""
    except OSError:
        return b""


def _without(some: Iterable[Piece], others: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces of which there are not as many equal ones among the others."""
    left = Counter(piece.code for piece in others)
    found = []
    for piece in some:
        left[piece.code] -= 1
        if left[piece.code] < 0:
            found.append(piece)
    return tuple(found)


def _lines(before: bytes, after: bytes, changed: Sequence[Piece]) -> tuple[int, ...]:
    """The lines of some pieces that were not there before, but for empty ones, comments and docstrings."""
    inside = {number for piece in changed for number in range(piece.start, piece.end + 1)}
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {block.b + offset + 1 for block in blocks for offset in range(block.size)}
    told = {line for each in documentation(after) for line in range(each.line, each.end + 1)}
    return tuple(
        number
        for number in sorted(inside - kept - told)
        if number <= len(new) and new[number - 1].strip() and not new[number - 1].lstrip().startswith("#")
    )


def _diff(
    old_file: str,
    new_file: str | None,
    before: bytes,
    after: bytes,
    both: tuple[Sequence[Piece], Sequence[Piece]],
) -> str:
    old, new = ([line for piece in side for line in piece.code.split("\n")] for side in both)
    if old == new:  # code that reads its own docstrings: these are the difference
        old, new = (
            [
                line
                for piece in side
                for line in data.decode("utf-8", "replace").split("\n")[piece.start - 1 : piece.end]
            ]
            for side, data in zip(both, (before, after), strict=True)
        )
    return "\n".join(difflib.unified_diff(old, new, old_file, new_file or "gone", lineterm=""))
