"""A user's project in a folder of its own, and daicho run on it as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.support.environment import environment

_SOURCES = str(Path(__file__).parents[2] / "src")


@dataclass(frozen=True)
class Project:
    """A user's project: its folder, the home of its user, and what the session shares."""

    root: Path
    home: Path
    shared: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the project (text without its common indentation) and return its path."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())
        return path

    def environment(self, extra: Mapping[str, str] = {}) -> dict[str, str]:
        """What the project's programs find in their environment."""
        return environment(self.shared, self.home, {"PYTHONPATH": _SOURCES, **extra})

    def run(
        self, *args: str, env: Mapping[str, str] = {}, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run `daicho` with the given arguments and wait for it; a time-out in seconds fails the test."""
        return self.python("-m", "daicho", *args, env=env, timeout=timeout)

    def python(
        self, *args: str, env: Mapping[str, str] = {}, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with the given arguments in the project's folder and wait for it."""
        return subprocess.run(
            [sys.executable, *args],
            cwd=self.root,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def start(self, *args: str, env: Mapping[str, str] = {}) -> subprocess.Popen[str]:
        """Start `daicho` as the leader of a session of its own, to be watched or sent a signal."""
        return subprocess.Popen(
            [sys.executable, "-m", "daicho", *args],
            cwd=self.root,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
