"""A worker process: `python -m daicho.engine.child FD`. It imports the user's modules once and runs what it gets."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from daicho._process import connect
from daicho.engine import failure
from daicho.engine.assignment import Done, Run, RunGiven, RunWanted, Setup
from daicho.engine.execute import announced
from daicho.engine.watch import CodeWatch
from daicho.errors import StoreError
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
    with activate(runtime), suppress(BrokenPipeError):
        while (message := _received(connection)) is not None:
            with _printing_to(Path(message.assignment.log)):
                done = worker.run(message)
            connection.send(done)
    _end_group()


def _received(connection: Connection) -> Run | None:
    try:
        message: Run = connection.recv()
    except (EOFError, OSError):
        return None
    return message


@dataclass
class _Worker:
    """What this process knows: the user's modules once they are loaded, and the tasks that it was told of."""

    setup: Setup
    runtime: ProjectRuntime
    connection: Connection
    tasks: dict[str, Any] = field(default_factory=dict)
    code: CodeWatch | None = None

    def run(self, message: Run) -> Done:
        """Run a task; what goes wrong before it can start is its failure, too."""
        try:
            with _stoppable():
                task = self._task(message)
                ask = self._asking(task.task_id)
                return announced(task, message.assignment, self.runtime, ask, self.code)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # whatever the user's modules raise
            now = time.time()
            outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            problem = failure.of_exception(error, self.runtime.root)
            return Done(Manifest(message.assignment.task_id, outcome, now, now, failure=problem))

    def _task(self, message: Run) -> Any:
        if self.code is None:
            root = self.runtime.root
            memory = root / ".daicho" / "code.db"
            code = CodeWatch.begin(
                find.import_paths(root), self.setup.code, memory if memory.parent.is_dir() else None
            )
            if self.setup.modules:
                find.load(root, self.setup.modules)
            self.code = code
        rebuild(message.specs, self.tasks)
        return self.tasks[message.assignment.task_id]

    def _asking(self, task_id: str) -> Callable[[], RunReference]:
        lock = threading.Lock()

        def ask() -> RunReference:
            with lock:  # threads of the task may ask at the same time
                self.connection.send(RunWanted(task_id))
                given: RunGiven = self.connection.recv()
            if not given.run_id:
                raise StoreError("MLflow's store is away: there is no run to log to")
            return RunReference(given.run_id, given.experiment_id)

        return ask


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
    _end_group()


def _end_group() -> None:
    """The end of this process, and of whatever its tasks have left behind."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
