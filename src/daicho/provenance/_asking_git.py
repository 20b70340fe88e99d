"""The one way to ask git: read only, without a word of its own, the same on every machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

# Set inside a hook or by a parent git; they would point at another repository than the one that is asked for.
_POINTERS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_DIFF_OPTS",
)

# No locks and no refresh of the index, no daemon or hook that watches files, nothing fetched.
_OPTIONS = ("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "diff.autoRefreshIndex=false")
_SETTINGS = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}


@dataclass(frozen=True)
class Answer:
    """What one git process said: its output, what it complained of, and whether the output was cut."""

    status: int
    output: bytes
    complaint: str
    cut: bool = False


class GitMissingError(Exception):
    """There is no `git` to ask."""


def ask_git(root: Path, *arguments: str, given: bytes = b"", limit: int | None = None) -> Answer:
    """Run `git` in a folder and return its answer, whatever its exit status.

    Args:
        root: The folder to ask about.
        arguments: The subcommand and its arguments.
        given: What it reads on its standard input.
        limit: How many bytes of output to take at most; git is stopped when there are more.

    Raises:
        GitMissingError: If `git` cannot be started.
    """
    import subprocess

    command = ("git", *_OPTIONS, "-C", str(root), *arguments)
    environment = {name: value for name, value in os.environ.items() if name not in _POINTERS} | _SETTINGS
    try:
        if limit is None:
            done = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
            return Answer(done.returncode, done.stdout, _text(done.stderr))
        return _ask_limited(command, environment, limit)
    except OSError as error:
        raise GitMissingError(str(error)) from error


def _ask_limited(command: tuple[str, ...], environment: dict[str, str], limit: int) -> Answer:
    import subprocess

    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, env=environment
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read(limit + 1)
        if cut := len(output) > limit:
            process.terminate()
    return Answer(0 if cut else process.returncode, output[:limit], "", cut)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip()
