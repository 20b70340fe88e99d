"""The state of a project's source files, as one digest and one for each file."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from daicho import digest
from daicho.errors import InputError, ProjectError, Where
from daicho.provenance.first_party import relative_name


@dataclass(frozen=True)
class Snapshot:
    """The source files of a project at one moment.

    Args:
        digest: The digest of the names and contents of all files, those that git ignores too: that of a
            folder which holds just these.
        files: Each file's name (relative to the root, `/` between folders, Unicode in NFC) and the SHA-256
            of its bytes, sorted by name.
        ignored: The names among them that git ignores: their digest is known, their content is not stored.
    """

    digest: str
    files: Mapping[str, str]
    ignored: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the value as JSON takes it."""
        return {"digest": self.digest, "files": dict(self.files), "ignored": list(self.ignored)}


def take_snapshot(
    root: Path, files: Iterable[Path], *, ignored: Callable[[Path], bool] | None = None
) -> Snapshot:
    """Hash the given files of a project.

    Args:
        root: The project's folder.
        files: Files below it, in any order.
        ignored: Says of a path, as it was given, whether git ignores it; `git_ignored(...).__contains__`
            is one. Without it no file counts as ignored.

    Raises:
        ProjectError: If a file lies outside the root, or its name cannot be written down.
        InputError: If a file cannot be read.
    """
    digests: dict[str, str] = {}
    hidden: set[str] = set()
    for name, file in sorted((_name(root, file), file) for file in frozenset(files)):
        if digests.setdefault(name, content := _digest(file)) != content:
            raise _clash(name, file)
        if ignored is not None and ignored(file):
            hidden.add(name)
    return Snapshot(digest.of_names(digests), digests, tuple(sorted(hidden)))


def _digest(path: Path) -> str:
    try:
        return digest.of_file(path)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> InputError:
    """Return the error for a source file that is gone or may not be read."""
    return InputError(
        f"the source file `{path.name}` cannot be read: {error.strerror or error}",
        where=Where(str(path)),
        hints=("leave the project's files in place while it runs, then run again",),
    )


def _name(root: Path, file: Path) -> str:
    relative = relative_name(root, file)
    if relative is None:
        raise ProjectError(
            f"the source file `{file}` does not lie below the project's folder",
            where=Where(str(root)),
            hints=("name files of the project only",),
        )
    name = unicodedata.normalize("NFC", relative.as_posix())
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ProjectError(
            f"the name of the source file {name!r} is not valid UTF-8",
            where=Where(str(root)),
            hints=("rename the file",),
        ) from error
    return name


def _clash(name: str, file: Path) -> ProjectError:
    return ProjectError(
        f"two different source files are both called `{name}` once Unicode is normalised",
        where=Where(str(file)),
        hints=("rename one of them",),
    )
