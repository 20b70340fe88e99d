"""Leases: what a living process on this machine holds, and what is free at the instant in which it dies.

A lease is a lock on one byte of a file in the user's data folder: which byte, a digest of the name says. The system
gives it back when its process ends, however that ends, so nothing is ever left to be cleaned up. Who gives one back
may tell that to all by the file's size, which grows by one. Leases save work and tell the living from the dead;
nothing is right or wrong by them. Where there can be none, all are free.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from daicho.digest import of_bytes

_BUSY = (errno.EACCES, errno.EAGAIN)


def data_folder() -> Path:
    """The folder for a user's own data: no clean-up of a project touches it."""
    given = os.environ.get("XDG_DATA_HOME")
    if given:
        return Path(given) / "daicho"
    home = Path.home()
    return home / ("Library/Application Support" if sys.platform == "darwin" else ".local/share") / "daicho"


def place_id() -> str:
    """What tells this machine and data folder from any other: by a name of its own, for hosts may be called alike.

    Raises:
        OSError: If the data folder cannot be written to.
    """
    file = data_folder() / "place"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(uuid.uuid4().hex)
    except FileExistsError:
        pass
    boot = f"{os.uname().nodename} {file.read_text(encoding='utf-8')}"
    return of_bytes(boot.encode())[:16]


@dataclass
class Leases:
    """The leases that this process holds in one file.

    All of a process's leases in one file are one object's: to close another one of the same file would end them.
    """

    file: Path
    _held: set[str] = field(default_factory=set)
    _told: int = 0
    _descriptor: int | None = None

    def take(self, name: str) -> bool:
        """Take a lease; whether it was free. What this process holds itself is free."""
        descriptor = self._opened()
        if descriptor is not None:
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _byte(name))
            except OSError as error:
                if error.errno in _BUSY:
                    return False
        self._held.add(name)
        return True

    def release(self, name: str, *, tell: bool = False) -> None:
        """Give a lease back, if it is held; with `tell` others hear of it."""
        if name not in self._held:
            return
        self._held.discard(name)
        if self._descriptor is not None:
            with suppress(OSError):  # on a full disk others hear of it a second later
                self._told += os.write(self._descriptor, b".") if tell else 0
            with suppress(OSError):  # where none can be taken, none need be given back
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _byte(name))

    def heard(self) -> int:
        """A number that grows whenever another process gives back a lease and tells of it."""
        descriptor = self._opened()
        return 0 if descriptor is None else os.fstat(descriptor).st_size - self._told

    def free(self, name: str) -> bool:
        """Whether nobody else holds a lease."""
        if name in self._held:
            return True
        if not self.take(name):
            return False
        self.release(name)
        return True

    def close(self) -> None:
        """Give all leases back."""
        self._held.clear()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int | None:
        if self._descriptor is None:
            with suppress(OSError):  # a home that cannot be written to
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self._descriptor = os.open(
                    self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
                )
        return self._descriptor


def _byte(name: str) -> int:
    """A place in the file: of so many that two names have never the same."""
    return int(of_bytes(name.encode())[:15], 16)
