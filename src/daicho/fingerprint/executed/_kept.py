"""Compiled code, kept between processes by the digest of what it was compiled from.

Python keeps its own by time and size, so that what runs need not be what the file says. Here the name of a kept file
is a digest of the source's digest, its path, the interpreter and how functions are marked: what is found was compiled
from these very bytes. It is read with `marshal`, which believes all that it is given. So it is taken only from a
folder and from files that belong to this user and that nobody else can write to, and only if its own sum is right.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import secrets
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import Final

_SCHEME: Final = "1"  # raise it when functions are marked in another way
_MOST: Final = 5_000
_SUM: Final = 32  # bytes
_INTERPRETER: Final = f"{sys.implementation.cache_tag} {MAGIC_NUMBER.hex()} {sys.flags.optimize}"

Made = tuple[CodeType, bool]
"""Compiled code, and whether its functions are marked."""


class Kept:
    """The kept code of a project.

    Args:
        folder: Where it is; it may be deleted at any time. None for none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder if folder is not None and _is_private(folder) else None
        self._counted = False

    def of(self, digest: str, path: str, make: Callable[[], Made]) -> Made:
        """What was compiled from a text, or else is now; failing to keep it costs time, later.

        Args:
            digest: The SHA-256 of the text.
            path: Its file: the code tells it to tracebacks.
            make: Compiles it.
        """
        if self._folder is None:
            return make()
        name = hashlib.sha256(
            f"{_SCHEME}\0{_INTERPRETER}\0{path}\0{digest}".encode("utf-8", "surrogateescape")
        )
        place = self._folder / name.hexdigest()
        found = _read(place)
        if found is None:
            found = make()
            with suppress(OSError, ValueError):  # a constant that `marshal` cannot write
                self._write(place, found)
        return found

    def _write(self, place: Path, made: Made) -> None:
        body = marshal.dumps(made)
        if not self._counted:
            self._counted = True
            self._tidy(place.parent)
        draft = place.with_name(f".{secrets.token_hex(8)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
        os.replace(draft, place)

    def _tidy(self, folder: Path) -> None:
        with os.scandir(folder) as entries:
            files = sorted((entry.stat().st_mtime, entry.path) for entry in entries)
        for _, path in files[: len(files) // 2] if len(files) > _MOST else ():
            os.unlink(path)


def _is_private(folder: Path) -> bool:
    """Whether a folder is this user's alone, made if its parent is there."""
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        return _is_own(os.lstat(folder), stat.S_ISDIR)
    except OSError:
        return False


def _is_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return is_kind(found.st_mode) and found.st_uid == os.geteuid() and not shared


def _read(place: Path) -> Made | None:
    try:
        with open(place, "rb", buffering=0) as file:
            data = file.read() if _is_own(os.fstat(file.fileno()), stat.S_ISREG) else b""
    except OSError:
        return None
    body = data[_SUM:]
    if not body or hashlib.sha256(body).digest() != data[:_SUM]:
        return None
    code, is_marked = marshal.loads(body)  # noqa: S302  # written here, by this user, and whole
    return code, is_marked
