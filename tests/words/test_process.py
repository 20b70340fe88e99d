"""Child processes: a pipe that carries values, ends when either side does, and a group that can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daicho._process import Child, spawn
from tests.support.services import until

ROOT = Path(__file__).parents[2]
CHILD = "tests.words.echoing"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}


@pytest.fixture
def child(tmp_path: Path) -> Iterator[tuple[Child, dict[str, Any]]]:
    """A child that answers, and what it said of itself."""
    started = spawn(CHILD, environment=_environment(), folder=tmp_path)
    started.connection.send(str(tmp_path / "end"))
    facts = started.connection.recv()
    yield started, facts
    started.close()
    started.signal_group(signal.SIGKILL)
    started.process.wait(10)


def test_values_go_there_and_back(child: tuple[Child, dict[str, Any]]) -> None:
    """What is sent arrives whole, big values too."""
    started, _ = child
    for message in ("a", {"b": [1, 2.0, None]}, b"x" * 1_000_000):
        started.connection.send(message)
        assert message == started.connection.recv()
    assert started.alive


def test_a_child_is_on_its_own(child: tuple[Child, dict[str, Any]], tmp_path: Path) -> None:
    """It works in its folder, leads a group of its own, and does not import from where it works."""
    started, facts = child
    assert started.process.pid == facts["pid"] == facts["group"]
    assert os.path.realpath(tmp_path) == os.path.realpath(facts["cwd"])
    assert not {"", str(tmp_path), os.path.realpath(tmp_path)} & set(facts["path"])


def test_a_child_sees_the_end_of_the_pipe(child: tuple[Child, dict[str, Any]], tmp_path: Path) -> None:
    """When our end is closed the child reads what is left, and then the end; closing twice is no error."""
    started, _ = child
    started.connection.send("last")
    assert "last" == started.connection.recv()
    started.close()
    started.close()
    assert 0 == started.process.wait(10)
    assert "the pipe has ended" == (tmp_path / "end").read_text()
    assert not started.alive


_PARENT = f"""
import os, signal, sys
from daicho._process import spawn
child = spawn({CHILD!r})
child.connection.send(sys.argv[1])
child.connection.recv()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_whose_parent_is_killed_ends(tmp_path: Path) -> None:
    """The end of a parent, however sudden, is the end of the pipe."""
    command = [sys.executable, "-c", _PARENT, str(tmp_path / "end")]
    died = subprocess.run(command, env=_environment(), check=False, timeout=30)
    assert -signal.SIGKILL == died.returncode
    until((tmp_path / "end").exists, what="the end of the child", patience=10)


def test_a_killed_child_is_the_end_of_the_pipe(child: tuple[Child, dict[str, Any]]) -> None:
    """A parent that waits for a child learns at once that it was killed."""
    started, _ = child
    started.connection.send("sleep")
    assert "sleeping" == started.connection.recv()
    started.signal_group(signal.SIGKILL)
    with pytest.raises((EOFError, ConnectionError)):
        started.connection.recv()
    assert -signal.SIGKILL == started.process.wait(10)
    assert not started.alive
    started.signal_group(signal.SIGTERM)  # nobody there: no error


def test_one_child_does_not_hold_the_pipe_of_another(tmp_path: Path) -> None:
    """A child's end of the pipe is inherited by nobody else: not by a child that starts later."""
    first = spawn(CHILD, environment=_environment())
    second = spawn(CHILD, environment=_environment())
    try:
        first.connection.send(str(tmp_path / "first"))
        first.connection.recv()
        first.close()
        assert 0 == first.process.wait(10)
    finally:
        for each in (first, second):
            each.close()
            each.signal_group(signal.SIGKILL)
            each.process.wait(10)
