"""Asking a launch to stop: Ctrl-C and SIGTERM set a flag and wake whoever waits; nothing is cut off in the middle.

The first Ctrl-C asks to start nothing more; a second one, or SIGTERM, to end what runs as well.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether a person asked to stop. It can be waited on like a connection.

    Attributes:
        requested: Nothing more is to be started.
        ending: What runs is to be ended, too.
    """

    def __init__(self) -> None:
        self.requested = False
        self.ending = False
        self._raise = False
        self._reader, self._writer = os.pipe()

    def fileno(self) -> int:
        """The end of a pipe that becomes readable when stopping is asked for."""
        return self._reader

    def take(self) -> None:
        """What was asked so far is seen to: only another signal makes this readable again. Waits for a signal."""
        os.read(self._reader, 1024)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM for the length of a block, in the main thread; elsewhere nothing changes."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """For the length of a block a signal raises KeyboardInterrupt at once: user code runs in this process."""
        self._raise = True
        try:
            yield
        finally:
            self._raise = False

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._reader)
        os.close(self._writer)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.ending = self.requested or self._raise or number == signal.SIGTERM
        self.requested = True
        os.write(self._writer, b"!")
        if self._raise:
            raise KeyboardInterrupt
