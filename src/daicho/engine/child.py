"""A worker process: `python -m daicho.engine.child FD`. It imports the user's modules once and runs what it gets."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from daicho._process import connect
from daicho.digest import of_file
from daicho.engine import failure
from daicho.engine.assignment import Done, Run, RunGiven, RunWanted, Setup
from daicho.engine.execute import announced
from daicho.errors import InputError, StoreError
from daicho.ledger.active import RunReference
from daicho.record import Manifest
from daicho.runtime import activate
from daicho.task import find
from daicho.task.runtime import ProjectRuntime
from daicho.task.spec import rebuild


def main() -> None:
    """Serve until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection = connect()
    threading.Thread(target=_end_with_parent, args=(connection.fileno(),), daemon=True).start()
    setup: Setup = connection.recv()
    sys.path[:] = setup.path
    os.chdir(setup.folder)
    runtime = ProjectRuntime(Path(setup.root), setup.settings)
    _log_to_stderr()
    worker = _Worker(setup, runtime, connection)
    with activate(runtime):
        while (message := _received(connection)) is not None:
            with _printing_to(Path(message.assignment.log)):
                worker.run(message)


def _received(connection: Connection) -> Run | None:
    try:
        message: Run = connection.recv()
    except EOFError:
        return None
    return message


@dataclass
class _Worker:
    """What this process knows: the user's modules once they are loaded, and the tasks that it was told of."""

    setup: Setup
    runtime: ProjectRuntime
    connection: Connection
    tasks: dict[str, Any] = field(default_factory=dict)
    loaded: bool = False

    def run(self, message: Run) -> None:
        """Run a task; what goes wrong before it can start is its failure, too."""
        task_id = message.assignment.task_id
        try:
            if self.setup.modules and not self.loaded:
                find.load(self.runtime.root, self.setup.modules)
            if not self.loaded:
                _refuse_edited(self.setup.code)
                self.loaded = True
            rebuild(message.specs, self.tasks)
        except Exception as error:  # noqa: BLE001  # whatever the user's modules raise
            now = time.time()
            problem = failure.of_exception(error, self.runtime.root)
            self.connection.send(Done(Manifest(task_id, "failed", now, now, failure=problem)))
            return
        _serve(self.tasks[task_id], message, self.runtime, self.connection)


def _refuse_edited(code: Mapping[str, str]) -> None:
    """What this process has just imported must be what the plan was made of."""
    for path, digest in code.items():
        try:
            same = of_file(Path(path)) == digest
        except OSError:
            same = False
        if not same:
            raise InputError(
                f"`{Path(path).name}` was edited between planning and starting",
                hints=("run again: the new plan takes it as it is now",),
            )


def _serve(task: Any, message: Run, runtime: ProjectRuntime, connection: Connection) -> None:
    lock = threading.Lock()

    def ask() -> RunReference:
        with lock:  # threads of the task may ask at the same time
            connection.send(RunWanted(message.assignment.task_id))
            given: RunGiven = connection.recv()
        if not given.run_id:
            raise StoreError("MLflow's store is away: there is no run to log to")
        return RunReference(given.run_id, given.experiment_id)

    with _stoppable():
        done = announced(task, message.assignment, runtime, ask)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(done)


@contextmanager
def _stoppable() -> Iterator[None]:
    """While a task runs, SIGTERM stops it as Ctrl-C would."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: its clean-up must not be interrupted
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


@contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """What this process and its children print goes to a file, by descriptor: C code and subprocesses too."""
    log.parent.mkdir(parents=True, exist_ok=True)
    saved = os.dup(1), os.dup(2)
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in zip((1, 2), saved, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _log_to_stderr() -> None:
    """This process is ours: what tasks log from INFO on is kept like what they print."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for chatty in ("mlflow", "alembic", "luigi-interface", "luigi", "matplotlib", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _end_with_parent(descriptor: int) -> None:
    """When the parent is gone, so is this process and all that it has started; a running task would be an orphan."""
    poll = select.poll()
    poll.register(descriptor, 0)  # only the hang-up
    poll.poll()
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
