"""A server that is started as a child, waited for, and ended whole, however this process ends."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO

from daicho.cli.text import clean_lines
from daicho.errors import StoreError

_PATIENCE = 120.0  # seconds until it has to answer: importing MLflow is slow on a busy machine
_GRACE = 5.0  # seconds that it gets to end by itself


@dataclass
class Server:
    """The child, and the file with what it printed."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]

    @classmethod
    def start(cls, command: Sequence[str], environment: Mapping[str, str], *, loud: bool) -> Server:
        """Start it in a process group of its own; what it prints is kept aside, or shown if `loud`."""
        log = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the server)
        out = None if loud else log
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=2 if loud else out,
            stderr=out,
            start_new_session=True,
        )
        server = cls(process, log)
        atexit.register(server.end)
        return server

    def wait_until_it_answers(self, address: str) -> None:
        """Wait until the address answers.

        Raises:
            StoreError: If it ended, or does not answer in time.
        """
        limit = time.monotonic() + _PATIENCE
        while not _answers(address):
            if self.process.poll() is not None:
                raise StoreError(
                    f"MLflow's server ended at once: {self._last()}", hints=("more: daicho ui -v",)
                )
            if time.monotonic() > limit:
                raise StoreError(
                    f"MLflow's server does not answer at {address}", hints=("more: daicho ui -v",)
                )
            time.sleep(0.1)

    def serve(self) -> None:
        """Wait until a person ends it.

        Raises:
            StoreError: If it ended by itself.
        """
        try:
            self.process.wait()
        except KeyboardInterrupt:
            self.end()
            return
        raise StoreError(f"MLflow's server ended: {self._last()}", hints=("more: daicho ui -v",))

    def end(self) -> None:
        """End it with all that it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def _last(self) -> str:
        self.log.seek(0)
        lines = [text for text in clean_lines(self.log.read().decode("utf-8", "replace")) if text.strip()]
        return lines[-1] if lines else f"exit status {self.process.returncode}"


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310  (ours, on loopback)
            return bool(response.status == 200)
    except urllib.error.URLError:
        return False
    except OSError:
        return False


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
