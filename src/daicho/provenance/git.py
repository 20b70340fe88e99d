"""The commit that a result was made at, and what differed from it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from daicho.provenance._asking_git import Answer, GitMissingError, ask_git
from daicho.provenance.masking import MASK, mask_url

DIFF_LIMIT = 1_000_000
UNTRACKED_LIMIT = 1_000


@dataclass(frozen=True)
class Git:
    """What git says of a folder.

    Args:
        commit: The full name of the commit, or None where there is none yet.
        branch: The branch, or None for a detached HEAD.
        remote: The address of `origin`, else of the first remote, without credentials.
        dirty: Whether a tracked file of the repository differs from the commit, staged or not.
        diff: The difference of the tracked files to the commit, credentials masked, at most 1 MB.
        untracked: Files below the folder that git neither tracks nor ignores, relative to it; at most 1000.
        source: Who said so: git, the variables `DAICHO_GIT_COMMIT` and `DAICHO_GIT_BRANCH`, or nobody.
        note: What a person should know about it, or nothing.
    """

    commit: str | None
    branch: str | None
    remote: str | None
    dirty: bool
    diff: str
    untracked: tuple[str, ...]
    source: Literal["git", "environment", "none"]
    note: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the value as JSON takes it."""
        return {
            "commit": self.commit,
            "branch": self.branch,
            "remote": self.remote,
            "dirty": self.dirty,
            "diff": self.diff,
            "untracked": list(self.untracked),
            "source": self.source,
            "note": self.note,
        }


def read_git(root: Path) -> Git:
    """Ask git about the work tree that holds a folder; nothing in it is touched.

    Where git cannot say (no work tree, no `git`, an owner that git does not trust), the commit is taken from
    the variable `DAICHO_GIT_COMMIT` and the branch from `DAICHO_GIT_BRANCH`; `note` says why. Never raises.
    """
    try:
        status = ask_git(
            root,
            *("status", "--porcelain=v2", "--branch", "-z", "--no-ahead-behind", "--no-renames"),
            *("--untracked-files=no", "--ignore-submodules=untracked"),
        )
    except GitMissingError:
        return _from_environment("`git` could not be started")
    if status.status != 0:
        return _from_environment(_why_not(root, status.complaint))
    return _from_work_tree(root, status)


def _from_environment(note: str) -> Git:
    commit = os.environ.get("DAICHO_GIT_COMMIT") or None
    branch = (os.environ.get("DAICHO_GIT_BRANCH") or None) if commit else None
    source: Literal["environment", "none"] = "environment" if commit else "none"
    return Git(commit, branch, None, dirty=False, diff="", untracked=(), source=source, note=note)


def _why_not(root: Path, complaint: str) -> str:
    if "not a git repository" in complaint:
        return "the folder is in no git work tree"
    if "dubious ownership" in complaint:
        return (
            "git does not trust the owner of the repository (dubious ownership); if you do: "
            f"git config --global --add safe.directory {_top(root)}"
        )
    first = next(iter(complaint.splitlines()), "no reason given").removeprefix("fatal: ")
    return f"git could not be read: {first}"


def _top(root: Path) -> Path:
    absolute = root.absolute()
    return next((folder for folder in (absolute, *absolute.parents) if (folder / ".git").exists()), absolute)


def _from_work_tree(root: Path, status: Answer) -> Git:
    entries = _names(status.output)
    headers = dict(entry[2:].split(" ", 1) for entry in entries if entry.startswith("# branch."))
    commit = headers.get("branch.oid")
    branch = headers.get("branch.head")
    commit = None if commit == "(initial)" else commit
    dirty = any(entry[:2] in ("1 ", "2 ", "u ") for entry in entries)
    untracked = _untracked(root)
    diff, note = _diff(root, commit) if dirty else ("", "")
    if len(untracked) > UNTRACKED_LIMIT:
        many = f"{len(untracked)} files are untracked, of which the first {UNTRACKED_LIMIT} are named"
        note = f"{note}; {many}" if note else many
    return Git(
        commit=commit,
        branch=None if branch == "(detached)" else branch,
        remote=_remote(root),
        dirty=dirty,
        diff=diff,
        untracked=untracked[:UNTRACKED_LIMIT],
        source="git",
        note=note,
    )


def _untracked(root: Path) -> tuple[str, ...]:
    answer = ask_git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(sorted(_names(answer.output)))


def _names(output: bytes) -> list[str]:
    return [name.decode("utf-8", "replace") for name in output.split(b"\0") if name]


def _remote(root: Path) -> str | None:
    answer = ask_git(root, "config", "-z", "--get-regexp", r"^remote\..*\.url$")
    pairs = [entry.split("\n", 1) for entry in _names(answer.output)]
    urls = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and pair[1]]
    if not urls:
        return None
    return _without_credentials(next((url for key, url in urls if key == "remote.origin.url"), urls[0][1]))


def _without_credentials(url: str) -> str:
    if "://" not in url:
        return url
    # Here the whole text is one URL: what would end it in a text may stand in a password.
    one = re.sub(r"[\s\"<>`]", "_", url)
    return mask_url(one).replace(f"://{MASK}@", "://", 1)


def _diff(root: Path, commit: str | None) -> tuple[str, str]:
    """Return the difference to the commit (to nothing, where there is none) and a note when it failed."""
    base = commit or ask_git(root, "hash-object", "-t", "tree", "--stdin").output.decode().strip()
    answer = ask_git(
        root,
        *("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--submodule=short"),
        *("--ignore-submodules=untracked", "--src-prefix=a/", "--dst-prefix=b/", base, "--"),
        limit=DIFF_LIMIT,
    )
    if answer.status != 0:
        return "", "the difference to the commit could not be read"
    return "".join(_lines(answer)), ""


def _lines(answer: Answer) -> Iterator[str]:
    whole = answer.output
    if answer.cut:
        whole = whole[: whole.rfind(b"\n") + 1]  # half a line may hold half a URL, which nothing would mask
    yield mask_url(whole.decode("utf-8", "replace"))
    if answer.cut:
        yield f"[cut here: the difference is longer than {DIFF_LIMIT:,} bytes]\n"
