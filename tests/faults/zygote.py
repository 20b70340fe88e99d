"""Launches that are cheap enough to be killed by the hundred: `python -m tests.faults.zygote FOLDER`.

All that a launch, its recorder and its workers import is imported once here; each launch is a fork of this process,
and so are its child processes, with nothing open but what a fresh one would have. Everything else is daicho's own. In
each of them, every change of a file below the project and every write to the store is a point at which it can die.

Reads a request a line, `{"root": …, "kill": [role, number, scope], "delay": …, "largest": bytes of a file, "clock":
seconds that it is wrong}`, and answers a line when all processes
of the launch are gone: its exit status, what it returned, and how many points each role has passed.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import mlflow.store.tracking.sqlalchemy_store
import mlflow.tracking.client  # noqa: F401
from sqlalchemy import event
from sqlalchemy.engine import Engine

import daicho
import daicho._process as processes
from daicho._copy import Copied
from daicho.engine import child, pool, recover  # noqa: F401
from daicho.ledger import _recorder_desk, _recorder_main, recorder  # noqa: F401
from daicho.verbs import run  # noqa: F401

ROLES = {"daicho.ledger._recorder_main": "recorder", "daicho.engine.child": "worker"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = {
    "os.rename",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.chmod",
    "os.truncate",
}


@dataclass
class _State:
    """What this process is, and where it dies."""

    root: str = ""
    book: Path = Path()
    role: str = ""
    kill: tuple[str, int, str] | None = None
    passed: int = 0
    tether: int = -1
    notes: int = -1
    busy: bool = False
    mute: bool = False

    def begin(self, role: str) -> None:
        self.role, self.passed = role, 0
        self.busy = True
        with (self.book / "pids").open("a") as file:
            file.write(f"{role} {os.getpid()}\n")
        self.notes = os.open(self.book / role, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.busy = False

    def point(self, what: str) -> None:
        if not self.role or self.busy or self.mute:
            return
        self.passed += 1
        os.write(self.notes, f"{what}\n".encode("utf-8", "replace"))
        if self.kill is not None and self.kill[:2] == (self.role, self.passed):
            self.busy = True
            if self.kill[2] == "all":
                kill(self.book, ("main", "recorder", "worker"), but=os.getpid())
            os.kill(os.getpid(), signal.SIGKILL)


STATE = _State()


def kill(book: Path, roles: tuple[str, ...], but: int = 0) -> None:
    """Kill the processes of a launch that have one of these roles."""
    for line in (book / "pids").read_text().splitlines():
        role, pid = line.split()
        if role in roles and int(pid) != but:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue


def _audit(name: str, args: tuple[Any, ...]) -> None:
    if not STATE.role:
        return
    if (name == "open" and isinstance(args[2], int) and args[2] & _WRITES) or name in _CHANGES:
        path = os.fsdecode(args[0]) if isinstance(args[0], str | bytes | os.PathLike) else ""
        if path.startswith(STATE.root):
            STATE.point(f"{name} {path[len(STATE.root) :]}")


def _statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
        STATE.point(" ".join(statement.split()[:3]))


def _commit(connection: Any) -> None:
    STATE.point("COMMIT")


def _spawn(
    module: str, *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> processes.Child:
    """What `daicho._process.spawn` does, by a fork."""
    ours, theirs = socket.socketpair()
    alone, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        _alone({theirs.fileno(), STATE.tether, there})
        os.close(there)
        os.environ.clear()
        os.environ.update(environment if environment is not None else {})
        if folder is not None:
            os.chdir(folder)
        for name in [name for name in sys.modules if name == "tasks"]:
            del sys.modules[name]
        sys.argv = ["-m", str(theirs.fileno())]
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        STATE.begin(ROLES[module])
        importlib.import_module(module).main()
        os._exit(0)
    theirs.close()
    os.close(there)
    os.read(alone, 1)  # as with a program started afresh, its session is there before anybody signals it
    os.close(alone)
    return processes.Child(Copied(pid), Connection(ours.detach()))


def _alone(kept: set[int]) -> None:
    """A session of its own, and nothing open that a program started afresh would not have."""
    os.setsid()
    for entry in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else map(str, range(256)):
        if int(entry) > 2 and int(entry) not in kept:
            try:
                os.close(int(entry))
            except OSError:
                continue


@dataclass
class Request:
    """What is asked of the zygote."""

    root: str
    book: str
    kill: tuple[str, int, str] | None = None
    delay: float | None = None
    roles: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    largest: int | None = None
    clock: float = 0.0


def _set_clock(shift: float) -> None:
    """Have this process, and those that it forks, think that it is so many seconds later."""
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() + shift
    time.time_ns = lambda: nanoseconds() + int(shift * 1e9)


def _launch(request: Request) -> None:
    """In a fork: the launch."""
    os.chdir(request.root)
    os.environ.update(request.environment)
    sys.path.insert(0, request.root)
    STATE.root, STATE.kill = request.root, request.kill
    if request.largest is not None:
        STATE.mute = True  # what it notes is a file, too
        resource.setrlimit(resource.RLIMIT_FSIZE, (request.largest, resource.RLIM_INFINITY))
    if request.clock:
        _set_clock(request.clock)
    STATE.begin("main")
    answer = Path(request.book) / "answer.json"
    try:
        done = daicho.run(folder=request.root)
        document: dict[str, Any] = {"exit_status": done.exit_status, **done.to_json()}
    except daicho.errors.DaichoError as error:
        document = {"exit_status": error.exit_status, "error": error.code, "message": error.message}
    STATE.role = ""
    if request.largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    answer.write_text(json.dumps(document))


def _serve(request: Request) -> dict[str, Any]:
    book = STATE.book = Path(request.book)
    book.mkdir(parents=True, exist_ok=True)
    ending, STATE.tether = os.pipe()
    os.set_inheritable(STATE.tether, True)
    pid = os.fork()
    if pid == 0:
        _alone({STATE.tether})
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(null, number)
        _launch(request)
        os._exit(0)
    os.close(STATE.tether)
    if request.delay is not None and not select.select([ending], [], [], request.delay)[0]:
        kill(book, request.roles)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    left = not select.select([ending], [], [], 60)[0]
    os.close(ending)
    if left:
        kill(book, ("main", "recorder", "worker"))
    answer = book / "answer.json"
    points = {role: _lines(book / role) for role in ("main", "recorder", "worker")}
    document = json.loads(answer.read_text()) if answer.exists() else {}
    return {"status": status, "document": document, "points": points, "left": left}


def _lines(path: Path) -> list[str]:
    return path.read_text(errors="replace").splitlines() if path.exists() else []


def main() -> None:
    """Serve requests."""
    import daicho.ledger.recorder as recorders

    pool.spawn = recorders.spawn = _spawn  # type: ignore[attr-defined]
    sys.addaudithook(_audit)
    event.listen(Engine, "before_cursor_execute", _statement)
    event.listen(Engine, "commit", _commit)
    print("ready", flush=True)
    for line in sys.stdin:
        known = json.loads(line)
        if known.get("kill") is not None:
            known["kill"] = tuple(known["kill"])
        print(json.dumps(_serve(Request(**known))), flush=True)


if __name__ == "__main__":
    main()
