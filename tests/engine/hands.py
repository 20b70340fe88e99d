"""A task that does what it is told, for tests of real worker processes. Imported there and here."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from daicho import Task, output


class Hand(Task):
    """Does one thing; `place` is a file that it may write to, `number` tells instances apart."""

    what: str
    place: str = ""
    number: int = 0
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)
        self.out.save(DEEDS[self.what](Path(self.place)))


class Above(Task):
    """Depends on one."""

    hand: Hand
    out = output("out.json")

    def run(self) -> None:
        self.out.save([self.hand.out.load(), self.hand.number])


def say(place: Path) -> None:
    """Print in every way that there is."""
    print("by print")
    print("to stderr", file=sys.stderr)
    os.write(1, b"by descriptor\n")
    subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
    ctypes.CDLL(None).puts(b"by C")
    ctypes.CDLL(None).fflush(None)
    print("without an end", end="")


def child_process(place: Path) -> int:
    """Leave a process behind."""
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    place.write_text(str(left.pid))
    return os.getpid()


def die_with_child(place: Path) -> None:
    """Leave a process behind, and die."""
    child_process(place)
    os._exit(0)


def die_with_fork(place: Path) -> None:
    """Fork a process that keeps all that is open, and die by a signal."""
    forked = os.fork()
    if forked == 0:
        time.sleep(600)
        os._exit(0)
    place.write_text(str(forked))
    os.kill(os.getpid(), signal.SIGKILL)


def stubborn(place: Path) -> None:
    """Work for a minute, whoever asks to stop."""
    place.write_text("here")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(0.1)
        except KeyboardInterrupt:
            continue


def patient(place: Path) -> None:
    """Work for a minute, and clean up when asked to stop."""
    place.write_text("here")
    try:
        time.sleep(60)
    finally:
        place.write_text("cleaned up")


def die_later(place: Path) -> None:
    """Be done, but for a thread that ends the process a little later."""
    threading.Timer(0.2, os._exit, (0,)).start()


def _raise(place: Path) -> None:
    raise ValueError("as told")


DEEDS: dict[str, Callable[[Path], object]] = {
    "abort": lambda place: os.abort(),
    "child": child_process,
    "die later": die_later,
    "die with child": die_with_child,
    "die with fork": die_with_fork,
    "exit": lambda place: sys.exit(4),
    "exit 0": lambda place: os._exit(0),
    "exit 3": lambda place: os._exit(3),
    "kill": lambda place: os.kill(os.getpid(), signal.SIGKILL),
    "patient": patient,
    "pid": lambda place: os.getpid(),
    "raise": _raise,
    "say": say,
    "stubborn": stubborn,
}
