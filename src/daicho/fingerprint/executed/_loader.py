"""First-party modules are compiled from exactly the bytes that are hashed.

Python's own loader trusts a `.pyc` by whole seconds and size, and reads a file at another time than planning did:
either way code may run that no key tells of. Here a file is read once; what is hashed, compared with the plan and
compiled are the same bytes. Nothing is read from a `.pyc`, and none is written; see `_kept` for what is kept instead.

Modules that another special loader takes (pytest's, for its assertions) are left to it, and so are those that were
imported earlier: of these no more can be said than whether their files are still as planned.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.machinery import SOURCE_SUFFIXES, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, ClassVar, Final

from daicho.errors import InputError
from daicho.fingerprint.code._modules import Finder
from daicho.fingerprint.executed._kept import Kept, Made
from daicho.fingerprint.executed._marks import Mark, compile_marked, filled

monitoring: Final[Any] = getattr(sys, "monitoring", None)  # Python 3.12


class Loaded:
    """What was compiled here, one for a process."""

    # What files held when a module that others have loaded was first seen, with the import that it was seen by: a
    # process imports a module once, however many launches it makes. A reload is another import.
    _before: ClassVar[dict[str, tuple[object, str]]] = {}

    def __init__(self) -> None:
        self._finder = _Finder(self)
        self._kept = Kept(None)
        self._expected: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._files: tuple[Mapping[str, str], Mapping[str, str]] = {}, {}
        self.texts: dict[str, bytes] = {}
        self.marks: list[Mark] = []
        self.marked: set[str] = set()
        self.ran: list[str] = []

    def digests(self) -> dict[str, str]:
        """The SHA-256 of what was compiled here, by path."""
        return dict(self._digests)

    def remove(self) -> None:
        """Leave later imports to Python, and forget what was planned; what is loaded stays as it is."""
        self._expected = {}
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self._finder]

    def start(self, roots: Sequence[Path], expected: Mapping[str, str], kept: Path | None = None) -> None:
        """Take over imports below some roots; see `install`."""
        self._kept = Kept(kept)
        first_party = Finder(roots)
        self._files = {}, {}
        self.is_first_party = cache(lambda path: _is_ours(first_party, path))
        self._expected = {os.path.realpath(path): digest for path, digest in expected.items()}
        if self._finder not in sys.meta_path:
            sys.meta_path.insert(0, self._finder)
        for name, path in imported_files().items():
            if self.is_first_party(path):
                self._check_imported(name, path)

    def modules(self) -> Mapping[str, str]:
        """The paths of the first-party modules that are imported, by the name that they go by here."""
        files = imported_files()
        if files is not self._files[0]:
            own = {name: path for name, path in files.items() if self.is_first_party(path)}
            self._files = files, own
        return self._files[1]

    def compile(self, data: bytes, path: str) -> CodeType:
        """Compile the text of a module.

        Raises:
            InputError: If the plan was made of other text.
        """
        digest = hashlib.sha256(data).hexdigest()
        if self._expected.get(os.path.realpath(path), digest) != digest:
            raise InputError(
                f"`{os.path.basename(path)}` was edited between planning and starting",
                hints=("run again: the new plan takes it as it is now",),
            )
        code, is_marked = self._kept.of(digest, path, partial(_compiled, data, path))
        if is_marked:
            code, marks = filled(code)
            self.marks += marks
            self.marked.add(path)
        self._digests[path], self.texts[path] = digest, data
        return code

    def _check_imported(self, name: str, path: str) -> None:
        here = self._digests.get(path) or self._first_seen(name, path)
        wanted = self._expected.get(os.path.realpath(path), here)
        if here != wanted:
            raise InputError(
                f"`{os.path.basename(path)}` was edited after this process had imported it",
                hints=("reload the module, or start Python anew",),
            )

    def _first_seen(self, name: str, path: str) -> str:
        imported = getattr(sys.modules.get(name), "__spec__", None)
        known, digest = self._before.get(path, (self, ""))
        if known is not imported:
            try:
                digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            except OSError:
                digest = ""
            self._before[path] = imported, digest
        return digest


def install(roots: Sequence[Path], expected: Mapping[str, str] = {}, kept: Path | None = None) -> Loaded:
    """Compile first-party modules here from now on.

    To be called before the user's modules are imported; called again, it takes the new roots and expectations.

    Args:
        roots: The folders whose code is first-party, as for `Reader`.
        expected: The SHA-256 that files had when the plan was made, by path. Another file is not expected to be
            anything: it is compiled as it is.
        kept: A folder in which compiled code is kept, made if its parent is there. It may be deleted at any time.

    Raises:
        InputError: If a module that is imported already is not what was planned: it was compiled here from
            other text, or its file is another now. (That an earlier import took other text than the file held when
            the plan was made cannot be seen.) Its message and an import's name the file.
    """
    loaded = next(_present(), None) or Loaded()
    loaded.start(roots, expected, kept)
    return loaded


def _compiled(data: bytes, path: str) -> Made:
    marked = compile_marked(data, path) if monitoring is None else None
    if marked is not None:
        return marked, True
    code: CodeType = compile(data, path, "exec", dont_inherit=True)
    return code, False


def imported_files() -> Mapping[str, str]:
    """The source files of all imported modules, by name; the same mapping as long as these are the same."""
    now = sys.modules.copy()
    mark = list(now), list(map(id, now.values()))
    if mark != _last.mark:  # asked some times for each task, with thousands of modules
        _last.mark, _last.modules, _last.files = mark, now, dict(_sources(now))
    return _last.files


@dataclass
class _Imported:
    """What was imported when it was last asked. The modules are held: an `id` is good as long as they are there."""

    mark: tuple[list[str], list[int]]
    modules: Mapping[str, ModuleType]
    files: Mapping[str, str]


_last = _Imported(([], []), {}, {})


def _sources(modules: Mapping[str, ModuleType]) -> Iterator[tuple[str, str]]:
    for name, module in modules.items():
        path = getattr(module, "__dict__", {}).get("__file__")  # not by getattr: a module may answer any name
        if isinstance(path, str) and path.endswith(tuple(SOURCE_SUFFIXES)):
            yield name, _normal(path) if path.startswith("/") else os.path.abspath(path)


@cache
def _normal(path: str) -> str:
    return os.path.normpath(path)


def _present() -> Iterator[Loaded]:
    """What an earlier call made: its finder is in use, or modules know it."""
    yield from (finder.loaded for finder in sys.meta_path if isinstance(finder, _Finder))
    for module in list(sys.modules.values()):
        loader = getattr(getattr(module, "__dict__", {}).get("__spec__"), "loader", None)
        if isinstance(loader, _Loader):
            yield loader.loaded


def _is_ours(finder: Finder, path: str) -> bool:
    module = finder.at(path) if path.endswith(tuple(SOURCE_SUFFIXES)) else None
    return module is not None


class _Finder:
    """Stands in front of the other finders and asks them; of what they find it loads what is first-party."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module as the finders behind this one would."""
        finders = list(sys.meta_path)
        behind = finders[finders.index(self) + 1 :] if self in finders else []
        for finder in behind:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                return self._ours(spec)
        return None

    def _ours(self, spec: ModuleSpec) -> ModuleSpec:
        if type(spec.loader) is SourceFileLoader and self.loaded.is_first_party(spec.loader.path):
            spec.loader = _Loader(spec.name, spec.loader.path, self.loaded)
        return spec


class _Loader(SourceFileLoader):
    """Loads one module from its source alone."""

    def __init__(self, name: str, path: str, loaded: Loaded) -> None:
        super().__init__(name, path)
        self.loaded = loaded

    def get_code(self, fullname: str) -> CodeType:
        """Read the file once, and compile what was read."""
        path = self.get_filename(fullname)
        return self.loaded.compile(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's body."""
        self.loaded.ran.append(self.path)
        super().exec_module(module)
