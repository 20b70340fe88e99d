"""Finding the file of a module without importing it, and telling the project's own files from all others.

What is imported already is taken from where it was imported: that is what runs. Else the first part of a dotted
name is looked up on Python's path, asked of import hooks, and looked up in the roots and their `src`. Further
parts are looked up in the folders, in Python's order: package, extension, source, bytecode.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Final

import daicho.errors
from daicho._realpath import remembering

_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_SUFFIXES: Final = (*EXTENSION_SUFFIXES, *SOURCE_SUFFIXES, *BYTECODE_SUFFIXES)
_STANDARD: Final = os.path.dirname(os.path.realpath(os.__file__))
_DAICHO: Final = os.path.dirname(os.path.realpath(daicho.errors.__file__))


@dataclass(frozen=True, eq=False)
class Module:
    """A first-party module, or a namespace package (which has folders but no file).

    Attributes:
        path: Its file.
        name: Its dotted name, by its place below its root: it does not depend on how it was imported.
        file: Its file relative to the root, with `/`.
        folders: Where its submodules lie, if it is a package.
    """

    path: str
    name: str
    file: str
    folders: tuple[str, ...]

    @property
    def is_source(self) -> bool:
        """Whether its text can be read."""
        return self.path.endswith(tuple(SOURCE_SUFFIXES))


@dataclass(frozen=True)
class _Place:
    """Where something importable lies: a file, or the folders of a namespace package."""

    path: str
    folders: tuple[str, ...]


_BUILT_IN: Final = _Place("", ())  # found, and not ours


class Finder:
    """Finds first-party modules below some roots; remembers folders, so it lives as long as a plan is made."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [os.path.abspath(root) for root in roots]
        self._path = [os.path.abspath(entry) for entry in sys.path]
        self._by_path: dict[str, Module | None] = {}
        self._namespaces: dict[tuple[str, ...], Module | None] = {}
        self._tops: dict[str, _Place | None] = {}
        self._absolute: dict[str, Module | None] = {}
        self._entries = cache(_entries)
        self._foreign = cache(_is_foreign)
        self._real = remembering()

    def at(self, path: str) -> Module | None:
        """The module of a file, if it is first-party."""
        if path not in self._by_path:
            self._by_path[path] = self._module(path)
        return self._by_path[path]

    def named(self, name: str) -> Module | None:
        """The module that has this name by its place, whatever is imported or on Python's path; or of this file."""
        for root in self._roots:
            rest = name.removeprefix(os.path.basename(root) + ".")
            for place in dict.fromkeys((name, rest)):
                for base in (root, os.path.join(root, "src")):
                    found = self._placed(os.path.join(base, *place.split(".")), name)
                    if found is not None:
                        return found
            if os.path.isfile(os.path.join(root, name)):
                return self.at(os.path.join(root, name))
        return None

    def _placed(self, path: str, name: str) -> Module | None:
        for stem in (os.path.join(path, "__init__"), path):
            for suffix in _SUFFIXES:
                if os.path.basename(stem) + suffix in self._entries(os.path.dirname(stem)):
                    module = self.at(stem + suffix)
                    if module is not None and module.name == name:
                        return module
        return None

    def inside(self, package: Module) -> list[str]:
        """The names of the modules that lie in a package, sorted."""
        names: set[str] = set()
        for folder in package.folders:
            for entry in self._entries(folder) - {"__pycache__"}:
                stem, _, suffix = entry.partition(".")
                if "." + suffix in _SUFFIXES or "__init__.py" in self._entries(os.path.join(folder, entry)):
                    names.add(stem)
        return sorted(names - {"__init__"})

    def absolute(self, dotted: str, importer: Module | None) -> Module | None:
        """The first-party module of a dotted name, as seen from another module."""
        if dotted not in self._absolute:
            top, *rest = dotted.split(".")
            self._absolute[dotted] = self._descend(self._module_at(self._top(top)), rest)
        found = self._absolute[dotted]
        if found is None and importer is not None and self._top(dotted.partition(".")[0]) is None:
            # Beside the file that imports it: a script's own folder is on Python's path only while it runs.
            top, *rest = dotted.split(".")
            return self._descend(self._module_at(self._search([self._base(importer)], top)), rest)
        return found

    def relative(self, importer: Module, level: int, dotted: str) -> Module | None:
        """The first-party module of a relative import; by folders, whatever the packages are called today."""
        folder = os.path.dirname(importer.path)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return self._descend(self._package(folder), dotted.split(".") if dotted else [])

    def child(self, parent: Module, name: str) -> Module | None:
        """A submodule of a package."""
        return self._module_at(self._search(parent.folders, name))

    def parents(self, module: Module) -> Iterator[Module]:
        """The packages around a module, whose files run before it."""
        folder = os.path.dirname(module.path)
        if module.folders:
            folder = os.path.dirname(folder)
        while "__init__.py" in self._entries(folder):
            package = self.at(os.path.join(folder, "__init__.py"))
            if package is None:
                return
            yield package
            folder = os.path.dirname(folder)

    def is_stray(self, top: str) -> bool:
        """Whether a module is neither first-party nor installed nor Python's: its changes would go unseen."""
        place = self._top(top)
        if place is None or not place.path.endswith(_SUFFIXES) or self.at(place.path) is not None:
            return False
        real = os.path.realpath(place.path)
        known = any(real.startswith(folder + os.sep) for folder in (_STANDARD, _DAICHO))
        return not known and not _INSTALLED & set(Path(place.path).parts)

    # ------------------------------------------------------------------------------ looking

    def _top(self, name: str) -> _Place | None:
        if name not in self._tops:
            found = _imported(name) or self._search(self._path, name) or _hooked(name)
            folders = (folder for root in self._roots for folder in (root, os.path.join(root, "src")))
            self._tops[name] = found or self._search(folders, name)
        return self._tops[name]

    def _base(self, module: Module) -> str:
        """The folder from which a module can be imported."""
        folder = os.path.dirname(module.path)
        while "__init__.py" in self._entries(folder):
            folder = os.path.dirname(folder)
        return folder

    def _search(self, folders: Iterable[str], name: str) -> _Place | None:
        portions = []
        for folder in folders:
            entries = self._entries(folder)
            inside = os.path.join(folder, name)
            if name in entries:
                for suffix in _SUFFIXES:
                    if "__init__" + suffix in self._entries(inside):
                        return _Place(os.path.join(inside, "__init__" + suffix), (inside,))
            for suffix in _SUFFIXES:
                if name + suffix in entries:
                    return _Place(inside + suffix, ())
            if name in entries and os.path.isdir(inside):
                portions.append(inside)
        return _Place("", tuple(portions)) if portions else None

    def _descend(self, module: Module | None, names: Iterable[str]) -> Module | None:
        for name in names:
            module = module and self.child(module, name)
        return module

    def _package(self, folder: str) -> Module | None:
        """The package that a folder is, with its file or without."""
        if "__init__.py" in self._entries(folder):
            return self.at(os.path.join(folder, "__init__.py"))
        return self._module_at(_Place("", (folder,)))

    def _module_at(self, place: _Place | None) -> Module | None:
        if place is None:
            return None
        if place.path:
            return self.at(place.path)
        if place.folders not in self._namespaces:
            ours = any(map(self._home, place.folders))
            self._namespaces[place.folders] = Module("", "", "", place.folders) if ours else None
        return self._namespaces[place.folders]

    # ------------------------------------------------------------------------------ belonging

    def _module(self, path: str) -> Module | None:
        path = os.path.abspath(path)
        home = self._home(path) or self._home(self._real(path))
        if home is None:
            return None
        root, relative = home
        folder, name = os.path.split(path)
        is_package = name.startswith("__init__.")
        return Module(path, self._name(root, relative), relative, (folder,) if is_package else ())

    def _home(self, path: str) -> tuple[str, str] | None:
        """The root that a path lies below and its name there; nothing for what is installed or in an environment."""
        for root in self._roots:
            if path.startswith(root + os.sep):
                relative = path[len(root) + 1 :]
                inner = relative.split(os.sep)[:-1]
                folders = (os.path.join(root, *inner[: depth + 1]) for depth in range(len(inner)))
                if any(map(self._foreign, folders)):
                    return None
                return root, "/".join((*inner, os.path.basename(path)))
            if path == root:
                return root, ""
        return None

    def _name(self, root: str, relative: str) -> str:
        parts = relative.split("/")
        parts[-1] = parts[-1].partition(".")[0]
        # `src` is no package, unless dropping it gives the name of another file.
        if parts[0] == "src" and len(parts) > 1 and not os.path.exists(os.path.join(root, relative[4:])):
            parts = parts[1:]
        if parts[-1] == "__init__" and len(parts) > 1:
            parts.pop()
        earlier = self._roots[: self._roots.index(root)]
        if any(os.path.exists(os.path.join(other, relative)) for other in earlier):
            parts.insert(0, os.path.basename(root))
        return ".".join(parts)


def _entries(folder: str) -> frozenset[str]:
    # A listing, not `exists`: on a file system that ignores case, `Helpers.py` is not the module `helpers`.
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _is_foreign(folder: str) -> bool:
    if os.path.basename(folder) in _INSTALLED:
        return True
    if os.path.exists(os.path.join(folder, "pyvenv.cfg")) or os.path.isdir(
        os.path.join(folder, "conda-meta")
    ):
        return True
    return os.path.realpath(folder) in {_STANDARD, _DAICHO}


def _imported(name: str) -> _Place | None:
    if name in sys.builtin_module_names:
        return _BUILT_IN
    module = sys.modules.get(name)
    return None if module is None or name == "__main__" else _place(module)


def _place(module: ModuleType) -> _Place | None:
    path = vars(module).get("__file__")  # not by getattr: a module may answer any name
    folders = vars(module).get("__path__")
    if not path and folders is None:
        return _BUILT_IN
    return _Place(path or "", tuple(folders or ()))


def _hooked(name: str) -> _Place | None:
    """What import hooks know: editable installs, archives. Asked last, as they stand behind Python's own path."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    path = spec.origin if spec.has_location else None
    return _Place(path or "", tuple(spec.submodule_search_locations or ()))
