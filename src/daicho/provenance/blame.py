"""Who last changed some lines of a file, as git tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from daicho.provenance._asking_git import GitMissingError, ask_git

_FORMAT = "--format=%H%x00%an%x00%at%x00%s"


@dataclass(frozen=True)
class Commit:
    """A commit that changed something.

    Attributes:
        commit: Its full name; None for a change that is not committed yet.
        author: Its author's name.
        when: When it was written, in seconds since the epoch, UTC.
        subject: The first line of its message.
    """

    commit: str | None
    author: str = ""
    when: float = 0.0
    subject: str = ""

    def to_json(self) -> dict[str, object]:
        """The value as JSON takes it."""
        return {"commit": self.commit, "author": self.author, "when": self.when, "subject": self.subject}


NOT_COMMITTED = Commit(None)


@dataclass(frozen=True)
class _Line:
    """Who last changed one line; `committed` is when that came into this history."""

    change: Commit
    committed: float


class Blame:
    """Asks git who changed the files of a folder, each file once. Never raises."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, dict[int, _Line] | None] = {}

    def last_change(self, file: str, lines: Collection[int]) -> Commit | None:
        """The newest change of some lines of a file as it lies in the work tree.

        Args:
            file: The file, relative to the folder.
            lines: Lines, from 1. With none it is the file's own newest change: for what was taken out of it.

        Returns:
            The commit, `NOT_COMMITTED`, or None where git cannot say.
        """
        try:
            return self._of_lines(file, lines) if lines else _of_file(self._root, file)
        except (GitMissingError, ValueError, KeyError):
            return None

    def _of_lines(self, file: str, lines: Collection[int]) -> Commit | None:
        if file not in self._known:
            answer = ask_git(self._root, "blame", "--line-porcelain", "--", file)
            self._known[file] = _told(answer.output) if answer.status == 0 else None
        told = self._known[file]
        if told is None:  # not tracked, or nothing is committed at all
            return NOT_COMMITTED if _in_work_tree(self._root) else None
        changed = [told[number] for number in lines if number in told]
        if any(line.change == NOT_COMMITTED for line in changed):
            return NOT_COMMITTED
        newest = max(changed, key=lambda line: line.committed, default=None)
        return newest.change if newest is not None else None


def _told(output: bytes) -> dict[int, _Line]:
    """The lines of a file by number, from `git blame --line-porcelain`."""
    found: dict[int, _Line] = {}
    first, facts = "", dict[str, str]()
    for text in output.decode("utf-8", "replace").split("\n"):
        if text.startswith("\t"):  # the line itself, which ends what is told of it
            commit, _, number, *_ = first.split(" ")
            found[int(number)] = _line(commit, facts)
            first, facts = "", {}
        elif not first:
            first = text
        else:
            name, _, value = text.partition(" ")
            facts[name] = value
    return found


def _line(commit: str, facts: dict[str, str]) -> _Line:
    committed = float(facts["committer-time"])
    if not commit.strip("0"):
        return _Line(NOT_COMMITTED, committed)
    change = Commit(commit, facts["author"], float(facts["author-time"]), facts.get("summary", ""))
    return _Line(change, committed)


def _of_file(root: Path, file: str) -> Commit | None:
    if not _in_work_tree(root):
        return None
    if ask_git(root, "status", "--porcelain", "--", file).output.strip():
        return NOT_COMMITTED
    answer = ask_git(root, "log", "-1", _FORMAT, "--", file)
    parts = answer.output.decode("utf-8", "replace").rstrip("\n").split("\0")
    return Commit(parts[0], parts[1], float(parts[2]), parts[3]) if len(parts) == 4 else None


def _in_work_tree(root: Path) -> bool:
    return ask_git(root, "rev-parse", "--is-inside-work-tree").output.strip() == b"true"
