"""Child processes of ours: started fresh (`_copy` has others), with a private pipe, in a group of their own.

The child is `python -m MODULE FD`. It is not `multiprocessing`'s, which would import the parent's main module
again: a script without a guard would start itself once more. `-P` keeps the working folder, with the user's
modules, off the import path until the child puts it there. A child that loses its parent sees the end of the pipe.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

_pipes: WeakSet[Connection] = WeakSet()


class Process(Protocol):
    """What is known of a child's process, as `subprocess.Popen` shows it."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """How it ended; None if it has not."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and say how it ended."""

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""


@dataclass
class Child:
    """A running child and our end of the pipe to it."""

    process: Process
    connection: Connection

    def __post_init__(self) -> None:
        """Note the pipe: a copy of this process must not hold it open."""
        _pipes.add(self.connection)

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the child and to all that it started, if it is still there."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        """Close our end: the child reads what is in the pipe, then its end. May be called twice."""
        if not self.connection.closed:
            self.connection.close()

    def end(self) -> None:
        """End the child at once, and all that it started."""
        self.signal_group(signal.SIGKILL)
        self.process.wait()
        self.close()


def spawn(module: str, *, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Child:
    """Start `python -m module` with a pipe.

    Args:
        module: The module to run; its `main(connection)` is found by `connect()`.
        environment: The child's whole environment; this process's by default.
        folder: The child's working folder; this process's by default.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=None if environment is None else dict(environment),
            cwd=folder,
            start_new_session=True,
        )
    return Child(process, Connection(ours.detach()))


def hung_up(connection: int | Connection, *, wait: bool = False) -> bool:
    """Whether nobody holds the other end of a pipe any more; with `wait`, as soon as that is so.

    A process that ends lets go of its pipe a moment before it can be seen that it has ended.
    """
    poll = select.poll()
    poll.register(connection, 0)  # only the hang-up: what is in the pipe does not count
    return bool(poll.poll(None if wait else 0))


def pipes() -> Iterator[Connection]:
    """Our ends of all pipes that are open."""
    return (each for each in list(_pipes) if not each.closed)


def connect() -> Connection:
    """In a child: the pipe to the parent, whose descriptor is the last argument."""
    descriptor = int(sys.argv[-1])
    os.set_inheritable(descriptor, False)
    return Connection(descriptor)
