"""What a recorder was sent and has not looked at yet.

A thread reads the pipe, so that the parent never waits to be rid of a request.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Final, Literal

from daicho.ledger._opening import Opening
from daicho.ledger.messages import Request

LOOK: Final = "look"  # nothing was sent, but there is something else to look at
Item = Opening | Request | Literal["look"] | None


class Inbox:
    """What came out of a pipe, in its order; None is its end."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._queue: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._resting, self._rest = Pipe(duplex=False)
        self._begin()

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return self._queue.empty()

    def get(self, timeout: float | None = None) -> Item:
        """The next thing; waits for it.

        Raises:
            queue.Empty: If nothing came for so many seconds.
        """
        return self._queue.get(timeout=timeout)

    def put(self, item: Item) -> None:
        """Add something that did not come out of the pipe; also from other threads, and from signal handlers."""
        self._queue.put(item)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """For the length of a block there is no thread."""
        self._rest.send_bytes(b"rest")
        self._thread.join()
        self._resting.recv_bytes()
        try:
            yield
        finally:
            self._begin()

    def close(self) -> None:
        """In a forked process: let go of the pipe, whose end others wait for."""
        for each in (self._pipe, self._resting, self._rest):
            each.close()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while self._resting not in wait([self._pipe, self._resting]):
            try:
                self.put(self._pipe.recv())
            except Exception:  # noqa: BLE001  # the end of the pipe, or a message that nobody can read: nothing more comes
                self.put(None)
                return
