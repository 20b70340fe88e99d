"""A snapshot's files as one zip archive: written the same each time, read without trust."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from daicho import digest
from daicho.errors import CorruptError, InputError, Where
from daicho.provenance.snapshot import Snapshot, unreadable

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first time that a zip archive can hold
_UNIX = 3
_ENCRYPTED = 0x1


def write_snapshot(snapshot: Snapshot, root: Path, target: Path) -> None:
    """Write the files of a snapshot, but for those that git ignores, to a zip archive.

    The same snapshot gives the same bytes (with the same version of zlib): names are sorted; times, owners
    and modes are fixed. The archive appears whole or not at all.

    Args:
        snapshot: What `take_snapshot` returned.
        root: The project's folder, where the files are read again.
        target: The archive; its folder must exist, and a file that is there is replaced.

    Raises:
        InputError: If a file is no longer what the snapshot says; nothing is written then.
    """
    import zipfile

    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in sorted(snapshot.files.keys() - frozenset(snapshot.ignored)):
                content = _content(root, name, snapshot.files[name])
                archive.writestr(_entry(name), content, zipfile.ZIP_DEFLATED, 9)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _entry(name: str) -> ZipInfo:
    from zipfile import ZipInfo

    entry = ZipInfo(name, _EARLIEST)
    entry.create_system = _UNIX
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry


def _content(root: Path, name: str, expected: str) -> bytes:
    path = _find(root, name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if digest.of_bytes(content) != expected:
        raise InputError(
            f"the source file `{name}` changed while the run was being recorded",
            where=Where(str(path)),
            hints=("let the project's files rest while it runs, then run again",),
        )
    return content


def _find(root: Path, name: str) -> Path:
    """Find a file by its normalised name: the file system may spell it in another Unicode form."""
    path = root / name
    if path.exists() or name.isascii():
        return path
    path = root
    for part in name.split("/"):
        path = next((there for there in _listed(path) if _nfc(there.name) == part), path / part)
    return path


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def read_snapshot(path: Path) -> dict[str, bytes]:
    """Read an archive that `write_snapshot` wrote: name to content, sorted; nothing is unpacked.

    Raises:
        CorruptError: If it is no such archive, is damaged, or holds anything but plain files with names
            that stay below a folder: no `..`, no absolute name, no link, no name twice.
    """
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            return _contents(archive, path)
    except CorruptError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise _corrupt(path, str(error) or "it is cut short") from error


def _contents(archive: ZipFile, path: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        reason = "a name stands in it twice" if entry.filename in contents else _unsafe(entry)
        if reason:
            raise _corrupt(path, f"{reason}: {entry.orig_filename!r}")
        contents[entry.filename] = archive.read(entry)
    return contents


def _unsafe(entry: ZipInfo) -> str:
    """Say what is wrong with an entry of an archive, or nothing."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if name != entry.orig_filename or any(part in ("", ".", "..") for part in name.split("/")):
        return "a name leads out of the folder or is no file's"  # "/x" and "x/" have an empty part
    if kind not in (0, stat.S_IFREG):
        return "an entry is a link or another thing than a file"
    return "an entry is encrypted" if entry.flag_bits & _ENCRYPTED else ""


def _corrupt(path: Path, reason: str) -> CorruptError:
    return CorruptError(
        f"the snapshot `{path.name}` cannot be used: {reason}",
        where=Where(str(path)),
        hints=("fetch it again from the ledger, or use the git commit that is recorded with the run",),
    )
