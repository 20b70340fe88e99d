"""Folders: which files are new, gone, or have another content."""

from __future__ import annotations

from pathlib import Path

from daicho.compare.difference import Difference, counted, identical
from daicho.digest import of_file, walk

_MOST = 100  # files that are named


def compare_folders(old: Path, new: Path) -> Difference:
    """How two folders differ, by names and digests.

    Raises:
        OSError: If a file cannot be read.
        SourceError: If a link leads out of one of them.
    """
    if old.is_dir() != new.is_dir():
        return Difference(
            "different", "folder", "a folder became a file" if old.is_dir() else "a file became a folder"
        )
    before, after = ({name: of_file(path) for name, path in walk(folder)} for folder in (old, new))
    gone, fresh = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    changed = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    lines = [
        *(f"- {name}" for name in gone),
        *(f"+ {name}" for name in fresh),
        *(f"! {name}" for name in changed),
    ]
    if not lines:
        return identical("folder")
    parts = ((changed, "differ"), (fresh, "new"), (gone, "gone"))
    text = ", ".join(f"{len(names):,} {what}" for names, what in parts if names)
    more = len(lines) - _MOST
    shown = (*lines[:_MOST], *([f"... and {more} more"] if more > 0 else []))
    facts = {"files": [len(before), len(after)], "differ": len(changed), "new": len(fresh), "gone": len(gone)}
    return Difference(
        "different",
        "folder",
        f"{text} of {counted(len(before.keys() | after.keys()), 'file')}",
        lines[0],
        lines=shown,
        facts=facts,
    )
