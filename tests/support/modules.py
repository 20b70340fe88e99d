"""Modules of projects that a test imports into its own process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


@contextmanager
def forgotten(folder: Path) -> Iterator[None]:
    """After the block nothing that was imported from below a folder is there, and the path is what it was."""
    modules, paths = set(sys.modules), list(sys.path)
    try:
        yield
    finally:
        for name in set(sys.modules) - modules:
            if any(Path(each).is_relative_to(folder) for each in _places(sys.modules[name])):
                del sys.modules[name]
        sys.path[:] = paths


def _places(module: ModuleType) -> list[str]:
    """The file that a module is from, or the folders of a package that has none."""
    file = getattr(module, "__file__", None)
    return [file] if file is not None else list(getattr(module, "__path__", ()))
