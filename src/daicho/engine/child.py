"""A worker process: it imports the user's modules once and runs what it gets.

It is a program of its own (`python -m daicho.engine.child FD`), or a copy of the command's process (`serve_copy`).
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import IO, Any

from luigi.task_register import Register

from daicho._process import connect, hung_up
from daicho.engine import failure
from daicho.engine.assignment import (
    Done,
    Entered,
    Progress,
    Run,
    RunGiven,
    RunWanted,
    Setup,
    TasksGiven,
    TasksWanted,
)
from daicho.engine.dynamic import Want
from daicho.engine.execute import announced
from daicho.engine.watch import CodeWatch
from daicho.errors import StoreError
from daicho.events import Phase
from daicho.ledger.active import RunReference
from daicho.record import Manifest
from daicho.runtime import activate
from daicho.task import find
from daicho.task.luigi_settings import for_luigi
from daicho.task.runtime import ProjectRuntime
from daicho.task.spec import describe, rebuild


def main() -> None:
    """Serve the pipe whose descriptor is the last argument."""
    serve(connect())


def serve_copy(connection: Connection) -> None:
    """Serve a pipe in a copy of another process, which has to look like a worker that was started afresh."""
    sys.modules["__main__"] = sys.modules[__name__]  # which processes that a task starts may import
    Register.clear_instance_cache()  # what planning has left on a task is its own
    serve(connection)


def serve(connection: Connection) -> None:
    """Serve until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(connection.fileno(),), daemon=True).start()
    setup: Setup = connection.recv()
    os.environ.update(setup.environment)
    sys.path[:] = setup.path
    os.chdir(setup.folder)
    runtime = ProjectRuntime(Path(setup.root), setup.settings)
    _log_to_stderr()
    worker = _Worker(setup, runtime, connection)
    with activate(runtime), for_luigi(setup.settings), suppress(BrokenPipeError):
        worker.serve()
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
    _pipe: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Done | RunWanted | TasksWanted | Entered | Progress) -> None:
        """Tell the parent; threads of the task may do so at the same time."""
        with self._pipe:
            self.connection.send(message)

    def serve(self) -> None:
        """Run what comes until nothing comes any more; what is printed meanwhile never reaches the terminal."""
        with tempfile.TemporaryFile("a+b", buffering=0) as aside, _printing_to(aside.fileno()):
            with suppress(Exception):  # told by the first task: it tries again
                self.load()
            while (message := _received(self.connection)) is not None:
                with _logged(Path(message.assignment.log), aside):
                    done = self.run(message)
                self.send(done)

    def load(self) -> None:
        """Import the user's modules, once, as they were when the plan was made."""
        if self.code is not None:
            return
        root = self.runtime.root
        memory = root / ".daicho" / "code.db"
        code = CodeWatch.begin(
            find.import_paths(root), self.setup.code, memory if memory.parent.is_dir() else None
        )
        if self.setup.modules:
            find.load(root, self.setup.modules)
            gc.freeze()  # they stay as long as this process
        self.code = code

    def run(self, message: Run) -> Done:
        """Run a task; what goes wrong before it can start is its failure, too."""
        try:
            with _stoppable():
                task = self._task(message)
                self._watched(task.task_id)
                asking = threading.Lock()  # threads of the task may ask at the same time
                ask = self._asking(task.task_id, asking)
                want = self._wanting(task.task_id, asking)
                return announced(task, message.assignment, self.runtime, ask, self.code, want=want)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # whatever the user's modules raise
            now = time.time()
            outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            problem = failure.of_exception(error, self.runtime.root)
            return Done(Manifest(message.assignment.task_id, outcome, now, now, failure=problem))

    def _task(self, message: Run) -> Any:
        self.load()
        rebuild(message.specs, self.tasks)
        return self.tasks[message.assignment.task_id]

    def _watched(self, task_id: str) -> None:
        """Have what the task does told while it does it."""

        def enter(phase: Phase) -> None:
            self.send(Entered(task_id, phase))

        enter("hashing")
        self.runtime.on_phase = enter
        self.runtime.on_progress = lambda done, total: self.send(Progress(task_id, done, total))

    def _asking(self, task_id: str, asking: threading.Lock) -> Callable[[], RunReference]:
        def ask() -> RunReference:
            with asking:
                self.send(RunWanted(task_id))
                given: RunGiven = self.connection.recv()
            if not given.run_id:
                raise StoreError("MLflow's store is away: there is no run to log to")
            return RunReference(given.run_id, given.experiment_id)

        return ask

    def _wanting(self, task_id: str, asking: threading.Lock) -> Want:
        def want(tasks: Mapping[str, Any]) -> TasksGiven:
            known: set[str] = set()
            specs = [spec for task in tasks.values() for spec in describe(task, known)]
            wanted = tuple((role, task.task_id) for role, task in tasks.items())
            with asking:
                self.send(TasksWanted(task_id, tuple(specs), wanted))
                given: TasksGiven = self.connection.recv()
            return given

        return want


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
def _printing_to(file: int) -> Iterator[None]:
    """What this process and its children print goes to a file, by descriptor: C code and subprocesses too."""
    saved = os.dup(1), os.dup(2)
    os.dup2(file, 1)
    os.dup2(file, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in zip((1, 2), saved, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)


@contextmanager
def _logged(log: Path, aside: IO[bytes]) -> Iterator[None]:
    """What is printed is the task's log; what was printed before it (by imports, say) stands at its head."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("ab", buffering=0) as file:
        aside.seek(0)
        file.write(aside.read())
        aside.seek(0)
        aside.truncate()
        with _printing_to(file.fileno()):
            yield


def _log_to_stderr() -> None:
    """This process is ours: what tasks log from INFO on is kept like what they print."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for chatty in ("mlflow", "alembic", "luigi-interface", "luigi", "matplotlib", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _end_with_parent(descriptor: int) -> None:
    """When the parent is gone, so is this process and all that it has started; a running task would be an orphan."""
    hung_up(descriptor, wait=True)
    _end_group()


def _end_group() -> None:
    """The end of this process, and of whatever its tasks have left behind."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
