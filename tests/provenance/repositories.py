"""Real git repositories for tests."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it prints."""
    done = subprocess.run(
        ("git", "-C", str(folder), *arguments), check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout.strip()


def write(folder: Path, name: str, content: str | bytes = "x = 1\n") -> Path:
    """Write a file and the folders above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def repository(folder: Path, *names: str) -> Path:
    """Make a repository on the branch `main` whose one commit holds `tasks.py` and the named files."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    for name in ("tasks.py", *names):
        write(folder, name)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder
