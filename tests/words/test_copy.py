"""A child that is a copy of this process: only where that is safe, and with nothing of it that would be shared."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.project import _SOURCES
from tests.support.services import until

LINUX = sys.platform.startswith("linux")
pytestmark = pytest.mark.skipif(not LINUX, reason="elsewhere no process is copied")

HEAD = """
import os, signal, sys, threading
from daicho._copy import claim, copy
from daicho._process import spawn

def report(connection):
    connection.send((os.getpid(), os.getsid(0), sys.stdin.read(), connection.recv()))
"""


def said(body: str, *, status: int = 0) -> str:
    """What a program prints that makes copies of itself."""
    program = HEAD + dedent(body)
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command,
        env={"PYTHONPATH": _SOURCES},
        input="typed",
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (status, "") == (done.returncode, done.stderr)
    return done.stdout


def test_a_copy_has_a_pipe_and_a_session_of_its_own() -> None:
    """It has this process's memory; it is the head of a session, reads nothing that is typed, and is missed."""
    body = """
        claim()
        print("not written twice")
        value = 5
        child = copy(lambda pipe: (report(pipe), pipe.send(value)))
        child.connection.send("hello")
        pid, session, typed, heard = child.connection.recv()
        print(pid == session == child.process.pid != os.getpid(), repr(typed), heard, child.connection.recv())
        try:
            child.connection.recv()
        except EOFError:
            print("its end is seen,", child.process.wait(10), child.process.poll(), child.alive)
        child.end()
    """
    expected = "not written twice\nTrue '' hello 5\nits end is seen, 0 0 False\n"
    assert expected == said(body)


def test_an_error_in_a_copy_is_the_copy_s_end() -> None:
    """Nothing of the first process's own end runs in it: no clean-up, no exit handler, no caller."""
    body = """
        import atexit
        atexit.register(print, "exit handler")
        claim()
        try:
            child = copy(lambda pipe: 1 / 0)
        finally:
            print("cleaned up", flush=True)
        print(child.process.wait())
    """
    assert "cleaned up\n1\nexit handler\n" == said(body)


def test_a_killed_copy_is_told_from_others() -> None:
    """A signal to its group ends it, and is what it is said to have ended by."""
    body = """
        claim()
        child = copy(lambda pipe: signal.pause())
        print(child.alive)
        child.signal_group(signal.SIGTERM)
        print(child.process.wait())
        child.process.send_signal(signal.SIGTERM)
        child.end()
    """
    assert f"True\n{-signal.SIGTERM}\n" == said(body)


def test_waiting_for_a_copy_may_take_too_long() -> None:
    """As with every other child."""
    body = """
        import subprocess
        claim()
        child = copy(lambda pipe: pipe.recv())
        try:
            child.process.wait(0.01)
        except subprocess.TimeoutExpired:
            child.connection.send("go on")
        print(child.process.wait(30))
    """
    assert "0\n" == said(body)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("", "nobody has said that this process is ours"),
        ("claim(); threading.Thread(target=threading.Event().wait, daemon=True).start()", "it has a thread"),
        (
            "claim(); import _thread, time; _thread.start_new_thread(time.sleep, (60,))",
            "it has a thread that Python's list does not show",
        ),
    ],
)
def test_no_copy_where_it_is_not_safe(before: str, why: str) -> None:
    """What another thread was in the middle of would stay so for ever."""
    assert "None\n" == said(f"{before}\nprint(copy(report))"), why


def test_a_copy_holds_no_other_child_s_pipe(tmp_path: Path) -> None:
    """A child sees the end of its pipe although a copy that started later lives on."""
    body = """
        claim()
        first = copy(lambda pipe: pipe.recv())
        second = copy(lambda pipe: pipe.recv())
        first.close()
        print(first.process.wait(30), second.alive)
        second.end()
    """
    assert "1 True\n" == said(body)


def test_a_copy_sees_the_death_of_its_parent(tmp_path: Path) -> None:
    """The end of the first process, however sudden, is the end of the pipe."""
    body = f"""
        claim()
        def wait(pipe):
            try:
                pipe.recv()
            except EOFError:
                open({str(tmp_path / "end")!r}, "w").write("the pipe has ended")
        child = copy(wait)
        print(child.process.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    said(body, status=-signal.SIGKILL)
    until((tmp_path / "end").exists, what="the end of the copy")
