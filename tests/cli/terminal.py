"""A terminal for tests: daicho runs in it as on a person's screen, and what is on the screen can be read."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


@dataclass
class Screen:
    """Lines of text as a terminal shows them: knows what rich writes, and refuses everything else."""

    width: int
    lines: list[str] = field(default_factory=lambda: [""])
    row: int = 0
    column: int = 0

    def feed(self, text: str) -> None:
        """Take what was written."""
        place = 0
        while place < len(text):
            control = _CONTROL.match(text, place)
            if control is not None:
                self._control(control[1], control[2])
                place = control.end()
                continue
            self._character(text[place])
            place += 1

    def _control(self, numbers: str, letter: str) -> None:
        match letter:
            case "A":
                self.row = max(self.row - int(numbers or 1), 0)
            case "K" if numbers in ("2", ""):
                self.lines[self.row] = ""
            case "m" | "h" | "l":
                pass
            case _:
                raise AssertionError(f"a control that no program of ours should write: {numbers}{letter}")

    def _character(self, character: str) -> None:
        if character == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append("")
        elif character == "\r":
            self.column = 0
        else:
            assert character >= " ", f"a control character on the screen: {character!r}"
            if self.column == self.width:
                self._character("\n")
                self.column = 0
            before = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = before[: self.column] + character + before[self.column + 1 :]
            self.column += 1

    @property
    def text(self) -> str:
        """What is on it."""
        return "\n".join(line.rstrip() for line in self.lines).strip("\n")


@dataclass
class Session:
    """A program in a terminal."""

    process: subprocess.Popen[bytes]
    master: int
    screen: Screen
    raw: str = ""

    def read_until(self, wanted: str = "", timeout: float = 60) -> str:
        """Read on until a text is on the screen, or (without one) until the program ends."""
        limit = time.monotonic() + timeout
        while not wanted or wanted not in self.screen.text:
            assert time.monotonic() < limit, f"not seen in time: {wanted!r} in\n{self.screen.text}"
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            if not data:
                assert not wanted, f"ended without {wanted!r}:\n{self.screen.text}"
                break
            text = data.decode("utf-8", "replace")
            self.raw += text
            self.screen.feed(text)
        return self.screen.text

    def end(self, timeout: float = 60) -> int:
        """Read to the end, and give the exit status."""
        self.read_until(timeout=timeout)
        status = self.process.wait(timeout)
        os.close(self.master)
        return status


def start(
    *arguments: str, folder: Path, environment: Mapping[str, str], width: int = 80, height: int = 24
) -> Session:
    """Start Python with some arguments in a terminal of that size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    kept = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, "TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    return Session(process, master, Screen(width))
