"""A second hand for a recorder that has much to write: a process beside it that publishes results, and nothing else.

It is nothing but speed. It makes one attempt; what it could not do, and what it held when it died, the recorder does
itself, for to publish once more changes nothing. A result goes to it whenever it still holds one that this one was made
from, and it works in the order in which it was given, so no mark comes before those that it stands on.

It is a fork, made when MLflow is imported, which takes seconds, and no store is open. The threads that libraries have
by then are at rest, and nobody needs them; where Python itself has another one than ours, there is no fork.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Literal, NoReturn

from mlflow import MlflowClient

from daicho._copy import fork
from daicho.ledger import _recorder_tasks as tasks
from daicho.ledger._errors import note
from daicho.ledger._opening import ENOUGH, Opening
from daicho.ledger._recorder_area import Area
from daicho.ledger._recorder_book import Begun, client_of, ledger_of
from daicho.ledger._recorder_inbox import LOOK, Inbox
from daicho.ledger.ledger import Ledger
from daicho.ledger.messages import Publish
from daicho.record import Record

_FEW = 30  # results, for which it does not pay: to open a store once more takes 0.1 to 0.2 s of CPU
_AT_ONCE = 2  # results that it holds at most: with three nothing was faster

Done = tuple[Publish, tuple[Record, ...] | None]
"""A result with those that it replaces; None if it could not be published."""


@dataclass(frozen=True)
class _Handed:
    """A result and the run that it goes to. `anew` if nothing is left of what was handed over before."""

    request: Publish
    run_id: str
    experiment_id: str
    artifact_uri: str
    anew: bool


class Hand:
    """The second hand of a recorder, which it may not have."""

    def __init__(self, opening: Opening, inbox: Inbox) -> None:
        """Fork it, if so many records are to come that it pays."""
        self._inbox = inbox
        self._pid: int | None = None
        self._ready = False
        self._holds: deque[tuple[str, Publish]] = deque()
        self._said: queue.SimpleQueue[tuple[Record, ...] | Literal["ready", "gone"] | None]
        self._said = queue.SimpleQueue()
        if opening.tasks < _FEW or sys.platform != "linux":  # elsewhere, system libraries do not bear a fork
            return
        with inbox.quiet():
            if threading.active_count() == 1:
                self._fork(opening)

    def open(self) -> None:
        """Have it open the store; until it has done so, nothing is given to it."""
        self._send("open")

    def take(self, request: Publish, begun: Begun, *, willing: bool) -> bool | None:
        """Give it a result, if it holds what that was made from; else only if we are `willing` and it is free.

        Returns:
            Whether it was given; None if it must be, and can't be before something was heard.
        """
        holds = {run_id for run_id, _ in self._holds}
        must = any(each.run_id in holds for each in request.record.inputs)
        if not self._ready or len(holds) >= _AT_ONCE:
            return None if must else False
        if not (must or willing):
            return False
        self._send(_Handed(request, begun.run_id, begun.experiment_id, begun.artifact_uri, anew=not holds))
        self._holds.append((begun.run_id, request))
        return True

    def hear(self, *, wait: bool = False) -> Iterator[Done]:
        """What has become of what it was given, as far as it is known; with `wait`, of one thing at least."""
        while not self._said.empty() or (wait and self._holds):
            match self._said.get():
                case "ready":
                    self._ready = True
                case "gone":
                    self._end()
                    while self._holds:
                        yield self._holds.popleft()[1], None
                case replaced:
                    yield self._holds.popleft()[1], replaced
                    wait = False

    def finish(self) -> Iterator[Done]:
        """What becomes of all that it holds."""
        while self._holds:
            yield from self.hear(wait=True)

    def leave(self) -> None:
        """Let it go when it holds nothing any more; while it opens the store it is not waited for."""
        if self._ready:
            self._send(None)
            self._reap()
        else:
            self._end()

    def _end(self) -> None:
        """See that it does nothing more."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        if self._pid is not None:
            os.waitpid(self._pid, 0)
        self._pid, self._ready = None, False

    def _send(self, message: _Handed | Literal["open"] | None) -> None:
        if self._pid is not None:
            with suppress(OSError):  # its death is heard of as well
                self._connection.send(message)

    def _listen(self) -> None:
        said: tuple[Record, ...] | Literal["ready", "gone"] | None = None
        while said != "gone":
            try:
                said = self._connection.recv()
            except Exception:  # noqa: BLE001  # the end of the pipe, or an answer that nobody can read
                said = "gone"
            self._said.put(said)
            self._inbox.put(LOOK)

    def _fork(self, opening: Opening) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            pid = fork()
            if pid == 0:
                self._connection.close()
                self._inbox.close()
                _live(theirs, opening)
        if pid is None:
            self._connection.close()
            return
        self._pid = pid
        threading.Thread(target=self._listen, daemon=True).start()


def _live(connection: Connection, opening: Opening) -> NoReturn:
    """All that the forked process does."""
    try:
        signal.signal(ENOUGH, signal.SIG_IGN)  # like the other signs, that is for the recorder
        if connection.recv() == "open":
            _work(connection, opening)
    except (EOFError, ConnectionError):
        pass  # the recorder is gone
    except Exception:  # noqa: BLE001  # the recorder does without
        note()
    finally:
        os._exit(0)


def _work(connection: Connection, opening: Opening) -> None:
    """Open the store, and publish what comes, up to the end of the pipe."""
    client, ledger = client_of(opening), ledger_of(opening)
    client.search_experiments(max_results=1)
    connection.send("ready")
    sound = False
    while (handed := connection.recv()) is not None:
        replaced = None
        if sound or handed.anew:  # else it may stand on what failed, and which the recorder is yet to do
            replaced = _written(client, ledger, opening, handed)
        sound = replaced is not None
        connection.send(replaced)


def _written(
    client: MlflowClient, ledger: Ledger, opening: Opening, handed: _Handed
) -> tuple[Record, ...] | None:
    area = Area(opening.store, handed.artifact_uri)
    begun = Begun(handed.run_id, handed.experiment_id, handed.artifact_uri, area)
    try:
        return tasks.write(client, ledger, begun, handed.request)
    except Exception:  # noqa: BLE001  # the recorder will see for itself
        note()
        return None
