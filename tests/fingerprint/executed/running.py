"""A small project whose tasks are run in this process, and what a record of one of them would hold."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from daicho.fingerprint.code import Reader
from daicho.fingerprint.executed import Loaded, Seen, digest_now, extra_of, install, watching
from tests.fingerprint.code.project import Imported, write


class Running:
    """A project in this process."""

    def __init__(self, root: Path, loaded: Loaded) -> None:
        self.root = root
        self.loaded = loaded
        self.results: list[Any] = []

    def load(self, name: str = "tasks") -> ModuleType:
        """A module of the project."""
        return importlib.import_module(name)

    def known(self, name: str = "Trainer") -> dict[str, str]:
        """The code that a class of `tasks` can reach, as its files are now."""
        return Reader([self.root]).code_of(getattr(self.load(), name)).digests

    def extra(self, name: str = "Trainer", meanwhile: Callable[[], object] = int) -> dict[str, str]:
        """What running a class of `tasks` executes beside the code that it can reach."""
        known, kind = self.known(name), getattr(self.load(), name)
        with watching(self.loaded) as seen:
            self.results.append(kind().run())
            meanwhile()
        return extra_of(seen, Reader([self.root]), known)

    def outdated(self, extra: Mapping[str, str]) -> set[str]:
        """What of it is no longer the same."""
        reader = Reader([self.root])
        return {name for name, digest in extra.items() if digest_now(reader, name) != digest}

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace some text of a file; all of it, if `old` is empty."""
        path = self.root / file
        text = path.read_text() if path.exists() else ""
        assert old in text
        write(self.root, {file: text.replace(old, new, 1) if old else new})


@contextmanager
def running(
    root: Path, files: Mapping[str, str], expected: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Write a project, and take over its imports for a while."""
    write(root, files)
    with Imported(root):
        loaded = install([root], expected or {})
        try:
            yield Running(root, loaded)
        finally:
            loaded.remove()


def seen_of(project: Running, function: Callable[[], object]) -> Seen:
    """What a call executes."""
    with watching(project.loaded) as seen:
        function()
    return seen


def names(seen: Seen) -> set[str]:
    """The qualified names that were seen."""
    return {name for _, name, _ in seen.definitions}
