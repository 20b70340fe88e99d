"""Child processes that are copies of this one: there at once, with all that is imported, where a fresh one starts anew.

A copy has one thread, this one's. What other threads were in the middle of stays so for ever in it (a lock that is
held, say), and a file, a connection or a device is one thing that two processes then use. So there are copies only of
a process that is ours alone (the command), on Linux, and only if it has no other thread; who asks for one must see to
it that nothing is open that both would use. Libraries that stop their threads for a fork (OpenBLAS), or are made for
it (jemalloc), do not count.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from daicho._process import Child

_THREADS = "/proc/self/task"
_SAFE = {"jemalloc_bg_thd"}
_claims: list[bool] = []


def claim() -> None:
    """Say that this process is a command of ours, and that nobody else does anything in it."""
    _claims.append(True)


def claimed() -> bool:
    """Whether this process is a command of ours."""
    return bool(_claims)


@dataclass
class Copied:
    """A process that is a copy of this one, as `subprocess.Popen` would show it."""

    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended; None if it has not."""
        self._look(os.WNOHANG)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and say how it ended.

        Raises:
            subprocess.TimeoutExpired: If that takes longer than so many seconds.
        """
        if timeout is not None:
            self._expect(timeout)
        self._look(0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _look(self, how: int) -> None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None

    def _expect(self, seconds: float) -> None:
        import select
        import subprocess

        if self.poll() is not None:
            return
        descriptor = os.pidfd_open(self.pid)
        try:
            if not select.select([descriptor], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired("copy", seconds)
        finally:
            os.close(descriptor)


def copy(work: Callable[[Connection], None]) -> Child | None:
    """Start a copy of this process, in a session of its own, with a pipe; None where that is not safe.

    Args:
        work: What the copy does; it ends with that.
    """
    import threading

    if not claimed() or not os.path.isdir(_THREADS) or threading.active_count() > 1:
        return None
    import signal
    import socket
    from multiprocessing.connection import Connection

    from daicho._process import Child

    ours, theirs = socket.socketpair()
    apart, there = os.pipe()
    pid = fork()
    if pid == 0:
        try:
            os.setsid()
            os.close(there)
            os.close(apart)
            ours.close()
            _let_go()
            work(Connection(theirs.detach()))
            os._exit(0)
        finally:
            os._exit(1)
    theirs.close()
    os.close(there)
    alone = pid is not None and _alone()
    if alone:
        os.read(apart, 1)  # its session is there before anybody signals it
    elif pid is not None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(apart)
    if pid is None or not alone:
        ours.close()
        return None
    return Child(Copied(pid), Connection(ours.detach()))


def fork() -> int | None:
    """What `os.fork` gives, with nothing written twice; None where there is no room for another process.

    Python counts all threads and warns; who calls this knows better which of them matter.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or not there at all
            stream.flush()  # or both would write what is in it
    with warnings.catch_warnings(), suppress(OSError):
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
    return None


def traces() -> frozenset[tuple[str, str]]:
    """What a copy would have in common with this process: what is open, and where is logged to."""
    import logging

    here = "/proc/self/fd"
    numbers = os.listdir(here) if os.path.isdir(here) else ()
    opened = ((number, _target(f"{here}/{number}")) for number in numbers)
    root = logging.getLogger()
    return frozenset({*opened, ("logging", f"{root.level} {root.handlers}")})


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:  # the listing's own
        return ""


def _alone() -> bool:
    """Whether this process has no thread but this one after a fork, when those are gone that are ended for it."""
    names = [_name(entry) for entry in os.listdir(_THREADS) if entry != str(os.getpid())]
    return all(name is None or name in _SAFE for name in names)


def _name(thread: str) -> str | None:
    """A thread's name; None if it has ended."""
    try:
        with open(f"{_THREADS}/{thread}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def _let_go() -> None:
    """In a copy: nothing of the first process's terminal, and of its pipes to other children."""
    import signal

    from daicho._process import pipes

    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    signal.set_wakeup_fd(-1)
    for connection in pipes():
        connection.close()
    # One that was closed when Python started leads to nowhere by now.
    sys.stdin = sys.__stdin__ or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
