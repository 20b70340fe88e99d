"""What an edit of the project is, and what must follow from it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Act = Callable[[Path], None]
"""Does something to the project in a folder."""

TRAIN = "Train Report"
"""What runs where something that `Train` can reach has changed."""

_UPSTREAM = {
    ("Prepare", "Train"): "upstream data.numbers",
    ("Train", "Report"): "upstream model_of.model",
}


@dataclass(frozen=True)
class Edit:
    """A frozen case.

    Attributes:
        name: What is edited.
        acts: How.
        runs: The tasks that run then, and no others.
        why: Their reasons, as kind and what is named: `code further:scale`, `parameter seed`.
        needless: Those of the tasks that give the same result as before.
        row: Its row in the published table, if it is one of the seventeen.
        env: Variables of the run after the edit.
        overrides: What stands on its command line.
        force: Whether all was asked for.
    """

    name: str
    acts: tuple[Act, ...]
    runs: frozenset[str]
    why: frozenset[str]
    needless: frozenset[str] = frozenset()
    row: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    force: bool = False

    def apply(self, root: Path) -> None:
        """Edit the project in a folder."""
        for act in self.acts:
            act(root)


def edit(
    name: str,
    *acts: Act,
    runs: str = "",
    why: str = "",
    needless: str = "",
    row: int | None = None,
    env: Mapping[str, str] | None = None,
    overrides: tuple[str, ...] = (),
    force: bool = False,
) -> Edit:
    """An edit; sets are written as words. That a task runs because another gave something new need not be said."""
    tasks = frozenset(runs.split())
    changed = tasks - frozenset(needless.split())
    pairs = (text for (one, other), text in _UPSTREAM.items() if one in changed and other in tasks)
    reasons = frozenset(filter(None, (each.strip() for each in why.split(",")))) | frozenset(pairs)
    return Edit(name, acts, tasks, reasons, frozenset(needless.split()), row, env or {}, overrides, force)


def swap(file: str, old: str, new: str) -> Act:
    """Put a text in the place of another, which must be there just once."""

    def act(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert 1 == text.count(old), f"{old!r} in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8", newline="")

    return act


def rewrite(file: str, change: Callable[[str], str]) -> Act:
    """Write the whole file anew."""

    def act(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert text != change(text)
        path.write_text(change(text), encoding="utf-8", newline="")

    return act


def put(file: str, text: str) -> Act:
    """Write a file that was not there."""

    def act(root: Path) -> None:
        path = root / file
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return act


def drop(place: str) -> Act:
    """Remove a file or a folder."""

    def act(root: Path) -> None:
        path = root / place
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    return act


def move(place: str, to: str) -> Act:
    """Give a file another place."""

    def act(root: Path) -> None:
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        (root / place).rename(root / to)

    return act


def touch(file: str) -> Act:
    """Change the time of a file, and nothing else."""

    def act(root: Path) -> None:
        (root / file).touch()

    return act


def behind_its_back(file: str, old: str, new: str) -> Act:
    """Edit a file so that its size and its time say that nothing has happened."""
    assert len(old) == len(new)

    def act(root: Path) -> None:
        before = os.stat(root / file)
        swap(file, old, new)(root)
        os.utime(root / file, ns=(before.st_atime_ns, before.st_mtime_ns))

    return act
