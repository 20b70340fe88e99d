"""Which distribution a module comes from, and of which version: `sklearn` is scikit-learn 1.9.

`importlib.metadata.packages_distributions` reads every file list as a table (90 ms for 130 distributions). Here the
name is guessed first and looked up in one list; all lists are searched, as bytes, only where the guess is wrong.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daicho.provenance.environment import normal_name, read_distributions


@dataclass
class Packages:
    """The distributions on Python's path; looked at once, so it lives as long as a plan is made."""

    _found: dict[str, tuple[str, Path]] | None = None
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lists: dict[Path, bytes | None] = field(default_factory=dict)

    def of(self, modules: Iterable[str]) -> dict[str, str]:
        """Version by distribution of some top-level modules; Python's own and unknown ones are left out."""
        distributions = self._distributions()
        names = {name for module in modules for name in self._names(module)}
        return {name: distributions[name][0] for name in sorted(names)}

    def _names(self, module: str) -> tuple[str, ...]:
        if module in sys.stdlib_module_names:
            return ()
        if module not in self._known:
            self._known[module] = tuple(self._search(module))
        return self._known[module]

    def _search(self, module: str) -> Iterator[str]:
        distributions = self._distributions()
        guess = normal_name(module)
        held = self._holds(distributions[guess][1], module) if guess in distributions else False
        if held:
            yield guess
            return
        others = [name for name, (_, info) in distributions.items() if self._holds(info, module)]
        yield from others
        if not others and held is None:  # no list says: the name must do
            yield guess

    def _distributions(self) -> Mapping[str, tuple[str, Path]]:
        if self._found is None:
            self._found = {}
            for folder in sys.path:
                for name, version, info in read_distributions(folder):
                    self._found.setdefault(name, (version, info))
        return self._found

    def _holds(self, info: Path, module: str) -> bool | None:
        """Whether the list of a distribution's files names a module; None where there is no such list."""
        if info not in self._lists:
            self._lists[info] = _list_of(info)
        listed = self._lists[info]
        if listed is None:
            return None
        return (
            re.search(rb"^" + re.escape(module.encode()) + rb"(/|\.|,|\r?$)", listed, re.MULTILINE)
            is not None
        )


def _list_of(info: Path) -> bytes | None:
    """What a distribution says of its files: the installer's list, and the names that a builder put down."""
    found = b""
    for name in ("RECORD", "top_level.txt"):
        try:
            with open(os.path.join(info, name), "rb") as file:
                found += file.read() + b"\n"
        except OSError:
            continue
    return found or None
