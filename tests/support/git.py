"""Repositories of git that no setting of this machine reaches and whose commits repeat to the byte."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2024-02-29T12:00:00Z"))
}
_ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


@dataclass(frozen=True)
class Repository:
    """A work tree under git."""

    root: Path

    def run(self, *args: str) -> str:
        """Run git in the work tree and return what it prints, without the last line's end.

        Raises:
            subprocess.CalledProcessError: If git fails.
        """
        others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            env=others | _WHO | _ALONE,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout.rstrip("\n")

    def commit(self, message: str = "a change") -> str:
        """Commit all that lies in the work tree and return the commit's id."""
        self.run("add", "--all")
        self.run("commit", "--quiet", "--allow-empty", "--message", message)
        return self.run("rev-parse", "HEAD")


def repository(root: Path) -> Repository:
    """Make a folder (which may hold files already) a work tree on the branch `main`, without a commit."""
    root.mkdir(parents=True, exist_ok=True)
    made = Repository(root)
    made.run("init", "--quiet", "--initial-branch=main")
    return made
