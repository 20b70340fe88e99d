"""The recorder as its parent sees it: a process beside the work that writes the ledger, and owns the ends of its runs.

It is a process of its own because importing MLflow takes seconds, which pass while the first task runs, and because
one that is killed at any instant must leave nothing that counts as done. Where many records are to come, it has a
process beside itself that writes some of them, and that nobody else knows of.
"""

from __future__ import annotations

import os
import subprocess
from multiprocessing.connection import Connection
from pathlib import Path

from daicho._process import Child, spawn
from daicho.errors import InternalError
from daicho.ledger._opening import ENOUGH, Opening
from daicho.ledger.messages import Answer, Request
from daicho.ledger.store import Store

_MODULE = "daicho.ledger._recorder_main"


def started(store: Store) -> Child:
    """A recorder's process that imports MLflow, and waits to be told what it is to record."""
    # `python -m` would put the working folder, with the user's modules, before the libraries.
    more = {"PYTHONSAFEPATH": "1", "MLFLOW_TRACKING_URI": store.uri}
    return spawn(_MODULE, environment={**os.environ, **more})


class Recorder:
    """A running recorder. Requests are begun in their order; no record is written before those that it stands on."""

    def __init__(self, child: Child, log: Path | None) -> None:
        self._child = child
        self._log = log

    @classmethod
    def start(
        cls,
        store: Store,
        *,
        project: str,
        experiment: str,
        description: str = "",
        log: Path | None = None,
        wal: bool = False,
        tasks: int = 0,
        early: Child | None = None,
    ) -> Recorder:
        """Start a recorder; returns at once, while MLflow is still being imported.

        Args:
            store: Where to write; it is made if it does not exist.
            project: What the experiment belongs to.
            experiment: The name of the experiment that the runs go to; it is made if it does not exist.
            description: The experiment's description on its page.
            log: A file for what the recorder and its libraries print; None to drop it.
            wal: Whether an SQLite store on a disk of this machine is put into WAL mode, for good.
            tasks: How many records are to be expected: many are written by two processes.
            early: A process that was `started` before.
        """
        child = early if early is not None and early.alive else started(store)
        place = None if log is None else str(log)
        opening = Opening(store, project, experiment, description, place, wal, tasks, dict(os.environ))
        made = cls(child, log)
        made.send(opening)
        return made

    @property
    def connection(self) -> Connection:
        """The pipe, to wait on for an answer."""
        return self._child.connection

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._child.alive

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._child.process.pid

    def send(self, message: Request | Opening) -> None:
        """Send a request.

        Raises:
            InternalError: If the recorder has ended.
        """
        try:
            self._child.connection.send(message)
        except OSError as error:
            raise self._ended() from error

    def receive(self) -> Answer:
        """The next answer; waits for it.

        Raises:
            InternalError: If the recorder has ended.
        """
        try:
            answer: Answer = self._child.connection.recv()
        except (EOFError, OSError) as error:
            raise self._ended() from error
        return answer

    def close(self, timeout: float | None = None) -> None:
        """Tell it that nothing more will come, and wait until it has written what it was sent.

        Runs that were begun and not published are ended KILLED. May be called twice.

        Args:
            timeout: Seconds after which it is killed; None to wait as long as it takes.
        """
        self._child.close()
        try:
            self._child.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def abandon(self, timeout: float) -> None:
        """Have it end with the request that it is at: what it was sent beyond that is lost, and its runs end KILLED.

        Args:
            timeout: Seconds after which it is killed.
        """
        self._child.process.send_signal(ENOUGH)
        self.close(timeout)

    def kill(self) -> None:
        """End it at once: what it was about to write is lost, and does not count as done."""
        self._child.end()

    def _ended(self) -> InternalError:
        place = "" if self._log is None else f"; its last words are in `{self._log}`"
        return InternalError(
            f"the recorder ended without an answer{place}",
            hints=("what is finished waits on disk, and the next run records it",),
        )
