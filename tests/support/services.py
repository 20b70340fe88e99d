"""Services that a test session starts once, whatever the number of its workers, and stops at its end.

The first worker that needs a service starts it, under a lock, and writes down how it is reached; the process
that began the session stops what it finds written down, when all workers have ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

from filelock import FileLock

Facts = dict[str, str]
"""How a service is reached."""

_PATIENCE = 120.0  # seconds for a service to be ready; a loaded machine takes its time
_BETWEEN = 0.05  # seconds between two looks


def shared(folder: Path, name: str, start: Callable[[Path], tuple[Popen[bytes], Facts]]) -> Facts:
    """How the session's service of that name is reached; it is started if it does not run yet.

    Args:
        folder: The folder that the whole session shares.
        name: The service's name; the service gets a folder of that name.
        start: Starts the service as the leader of its process group and returns when it answers.
    """
    noted = folder / f"{name}.json"
    with FileLock(folder / f"{name}.lock"):
        if not noted.exists():
            (folder / name).mkdir()
            process, facts = start(folder / name)
            noted.write_text(json.dumps({"pid": process.pid, "facts": facts}))
            process.returncode = 0  # it outlives this worker, on purpose: no warning when it is forgotten
        facts = json.loads(noted.read_text())["facts"]
    return {str(key): str(value) for key, value in facts.items()}


def stop_all(folder: Path) -> None:
    """Stop every service that was started in the folder, the youngest first."""
    for noted in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True):
        stop(int(json.loads(noted.read_text())["pid"]))


def stop(pid: int) -> None:
    """End a process group: ask its leader, wait until that is gone, kill what is left."""
    try:
        os.kill(pid, signal.SIGINT)
        until(lambda: not _alive(pid), what=f"the end of process {pid}", patience=15)
    except (ProcessLookupError, TimeoutError):
        pass
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def until(
    happened: Callable[[], bool],
    *,
    what: str,
    process: Popen[bytes] | None = None,
    log: Path | None = None,
    patience: float = _PATIENCE,
) -> None:
    """Wait until something has happened.

    Raises:
        RuntimeError: If the process that should bring it about has ended.
        TimeoutError: If it has not happened after `patience` seconds.
    """
    end = time.monotonic() + patience
    while not happened():
        tail = "" if log is None else "\n" + log.read_text(errors="replace")[-4000:]
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what}: the process ended with status {process.returncode}{tail}")
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {patience:.0f} s{tail}")
        time.sleep(_BETWEEN)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return sys.platform != "linux"  # no /proc elsewhere
    return state != "Z"  # a zombie has ended; whose child it was may never ask
