"""Undeclared reads: the project's files that a task opened while it ran, though it declares them nowhere.

Python tells an audit hook of every file that it opens. Libraries that open files in C (parquet readers, databases) and
programs that a task starts tell nothing: what is named here was read, but what is not named may have been read, too.
"""

from __future__ import annotations

import keyword
import os
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

import daicho.errors
from daicho.engine.assignment import Assignment
from daicho.task.run_task import RunTask

_DAICHO: Final = os.path.dirname(daicho.errors.__file__) + os.sep
_LIBRARY: Final = os.path.dirname(os.__file__) + os.sep
_MOST = 10  # files that are named; the rest is counted
_MANY = 5  # files in one folder from which on the folder is named in their place
_CODE: Final = (".pyc", ".pyi", ".so", ".pyd")
_SOURCE: Final = ".py"
_READERS_OF_CODE: Final = frozenset({"inspect.py", "linecache.py", "tokenize.py", "pdb.py", "pkgutil.py"})
"""Modules of Python that read a source for imports, tracebacks and debuggers."""
_ELSEWHERE: Final = frozenset(
    {".git", ".hg", ".svn", ".daicho", ".daicho-stage", ".venv", "__pycache__", "mlruns", "node_modules"}
)
_SETTINGS: Final = frozenset({"luigi.toml", "luigi.cfg", "client.cfg", "pyproject.toml"})
"""Files at the project's root that Luigi and daicho read themselves."""


@dataclass
class Reads:
    """The files below a folder that were opened, as they were opened, in their order."""

    root: str
    paths: dict[str, None] = field(default_factory=dict)
    since: float = field(default_factory=time.time)
    _written: set[str] = field(default_factory=set)

    def was_there(self, path: str) -> bool:
        """Whether a file was there, as it is, before the task began: else it is something that was made meanwhile."""
        try:
            found = os.stat(path)
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_mtime < self.since

    def opened(self, path: Any, flags: Any) -> None:
        """Python is about to open a file. Whatever is raised here would be raised by the task's `open`."""
        if not isinstance(path, str):
            if not isinstance(path, bytes | os.PathLike):
                return  # a descriptor: the file was opened before
            path = os.fsdecode(path)
        if path.endswith(_CODE):
            return
        if path[:1] != "/":
            path = os.path.abspath(path)
        if not path.startswith(self.root) or path in self.paths:
            return
        if path.endswith(_SOURCE) and not _is_data(sys._getframe(2)):
            return
        if isinstance(flags, int) and (flags & os.O_ACCMODE == os.O_WRONLY or flags & os.O_TRUNC):
            self._written.add(path)
        elif path not in self._written:
            self.paths[path] = None


def _is_data(frame: FrameType | None) -> bool:
    """Whether a source is read by the project's code, itself or by a library, and not to be imported or shown."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(("<frozen importlib", _DAICHO)) or os.path.basename(file) in _READERS_OF_CODE:
            return False
        if not file.startswith(("<frozen", _LIBRARY)) and "site-packages" not in file:
            break
        frame = frame.f_back
    return True


class _Hook:
    """The one hook of this process: Python can't take a hook out again, so it asks who is watching."""

    def __init__(self) -> None:
        self.reads: Reads | None = None
        self.put_in = False

    def put(self) -> None:
        """See that the hook is in place."""
        if not self.put_in:
            self.put_in = True
            sys.addaudithook(self._function())

    def _function(self) -> Callable[[str, tuple[Any, ...]], None]:
        def hook(
            event: str, arguments: tuple[Any, ...]
        ) -> None:  # a plain function: this runs at every event
            if event == "open" and self.reads is not None:
                self.reads.opened(arguments[0], arguments[2])

        return hook


_HOOK: Final = _Hook()


@contextmanager
def noting(root: Path) -> Iterator[Reads]:
    """Note which files below a folder are opened for reading in this process, by any thread of it."""
    _HOOK.put()
    before, _HOOK.reads = _HOOK.reads, Reads(str(root).rstrip("/") + "/")
    try:
        yield _HOOK.reads
    finally:
        _HOOK.reads = before


def undeclared(reads: Reads, assignment: Assignment) -> list[str]:
    """Which of these files a task had not been given: places below the project, in the order of reading.

    Neither code, nor what daicho, git or a virtual environment keep in the project, nor what the task has written.
    """
    given = [guard.path for guard in assignment.guards] + list(assignment.inputs.values())
    given.append(str(Path(assignment.stage).parents[1]))  # the folder of the launch
    found: dict[str, None] = {}
    for opened in reads.paths:
        path, whole = os.path.normpath(opened), os.path.realpath(opened)
        if (
            not path.startswith(reads.root)
            or _is_below(path, given)
            or _is_below(whole, given)
            or not reads.was_there(whole)
        ):
            continue
        place = path.removeprefix(reads.root)
        if not _is_apart(reads.root, place):
            found[place] = None
    return list(found)


def notes_of(kind: type, places: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each of these files, with the line to add; for a folder, where many of its files were read."""
    listed = list(places)
    folders = Counter(os.path.dirname(place) for place in listed)
    named: dict[str, int] = {}
    for place in listed:
        folder = os.path.dirname(place)
        many = bool(folder) and folders[folder] > _MANY
        named[folder if many else place] = folders[folder] if many else 1
    sentences = [_sentence(kind, place, count) for place, count in list(named.items())[:_MOST]]
    if len(named) > _MOST:
        sentences.append(
            f"`{kind.__name__}` read {len(named) - _MOST} more files of the project, which it does not declare"
        )
    return tuple(sentences)


def _sentence(kind: type, place: str, count: int) -> str:
    what = f"`{place}`" if count == 1 else f"{count:,} files in `{place}`"
    if issubclass(kind, RunTask):
        return f"`{kind.__name__}` read {what}, which is not among the inputs that it names by their paths"
    line = f'{_attribute(kind, place)}: Source = source("{place}")'
    return f"`{kind.__name__}` read {what}, which it does not declare: add `{line}`"


def _attribute(kind: type, place: str) -> str:
    """A name for the source that the class does not have yet."""
    stem = os.path.basename(place).lstrip(".").partition(".")[0]
    name = "".join(sign if sign.isalnum() else "_" for sign in stem).strip("_").lower()
    if not name.isidentifier() or keyword.iskeyword(name):
        name = f"file_{name}".rstrip("_")
    return f"{name}_file" if hasattr(kind, name) else name


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _is_apart(root: str, place: str) -> bool:
    """Whether a file of the project is no data of it."""
    parts = place.split("/")
    if place in _SETTINGS or _ELSEWHERE & set(parts):
        return True
    folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    return any(_is_environment(root + folder) for folder in folders)


@cache
def _is_environment(folder: str) -> bool:
    marks: Mapping[str, Callable[[str], bool]] = {"pyvenv.cfg": os.path.isfile, "conda-meta": os.path.isdir}
    return any(there(os.path.join(folder, name)) for name, there in marks.items())
