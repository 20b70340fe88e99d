"""The one piece of ambient state: which runtime tasks reach."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from daicho.config.settings import Settings
from daicho.runtime import Runtime, activate, current
from daicho.task.runtime import ProjectRuntime


def _runtime(root: str = ".") -> ProjectRuntime:
    return ProjectRuntime(Path(root), Settings())


def _seen_by_a_thread() -> Runtime:
    seen: list[Runtime] = []
    thread = threading.Thread(target=lambda: seen.append(current()))
    thread.start()
    thread.join()
    return seen[0]


def test_the_innermost_runtime_is_current() -> None:
    """Runtimes are stacked: each is the current one inside its own block, and the one before it afterwards."""
    outer, inner = _runtime("a"), _runtime("b")
    with activate(outer):
        with activate(inner):
            assert inner is current()
        assert outer is current()


def test_a_thread_of_the_user_reaches_the_process_s_runtime() -> None:
    """A thread that `run()` starts has no context of ours, and still finds what runs its task."""
    runtime = _runtime()
    with activate(runtime):
        assert runtime is _seen_by_a_thread()


def test_equal_runtimes_are_not_confused() -> None:
    """Two runtimes that are equal as values stay two: leaving one leaves the other."""
    outer, inner = _runtime(), _runtime()
    assert outer == inner
    with activate(outer):
        with activate(inner):
            assert inner is _seen_by_a_thread()
        assert outer is _seen_by_a_thread()


def test_a_block_that_fails_is_left_all_the_same() -> None:
    """After an error inside a block the runtime before it is current again."""
    outer = _runtime("a")
    with activate(outer):
        with pytest.raises(ZeroDivisionError), activate(_runtime("b")):
            raise ZeroDivisionError
        assert outer is current()
        assert outer is _seen_by_a_thread()
