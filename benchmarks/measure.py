"""One process measured as a shell would start it: wall time, CPU time of its whole tree, peak memory."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What one process took.

    Attributes:
        wall: Seconds from start to end.
        cpu: Seconds of CPU, user and system, of the process and all that it waited for.
        memory: MiB at the peak of its largest process.
        status: The exit status; None if it took too long.
        said: The end of what it printed.
    """

    wall: float
    cpu: float
    memory: float
    status: int | None
    said: str

    def to_json(self) -> dict[str, Any]:
        """The figures as a JSON value."""
        return asdict(self)


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str], limit: float) -> Measured:
    """Run a command in a folder to its end, or until it took `limit` seconds."""
    log = folder / ".log"
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status, usage = _wait(process, limit)
        wall = time.perf_counter() - began
    try:
        os.killpg(process.pid, signal.SIGKILL)  # whatever it left behind must not disturb the next
    except ProcessLookupError:
        pass
    said = log.read_text("utf-8", "replace")[-2000:]
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, status, said)


def _wait(process: subprocess.Popen[bytes], limit: float) -> tuple[int | None, resource.struct_rusage]:
    def stop(number: int, frame: object) -> None:
        os.killpg(process.pid, signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    began = time.monotonic()
    try:
        _, code, usage = os.wait4(process.pid, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    process.returncode = os.waitstatus_to_exitcode(code)
    late = process.returncode == -signal.SIGKILL and time.monotonic() - began >= limit
    return (None if late else process.returncode), usage


def environment(folder: Path, home: Path, binaries: Path) -> dict[str, str]:
    """The surroundings of a measured process: its own home, its own environment first, no telemetry, no display."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    home.mkdir(parents=True, exist_ok=True)
    return kept | {
        "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "USER": "bench",
        "PYTHONPATH": str(folder),
        "BENCH_TRACE": str(folder / ".trace"),
        "MPLBACKEND": "agg",
        "DO_NOT_TRACK": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DVC_NO_ANALYTICS": "1",
    }
