"""What the classes of a plan are: their code, and what they and the project say counts beside it.

uses:sql/query.sql      the digest of a file that a class uses
ignores                 what it leaves out of its code
environment:LANG        the digest of a variable's value, which itself is written nowhere
python                  Python's minor version, where the project's policy says so
package:scikit-learn    a version, where the policy says so
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from daicho.digest import of_value
from daicho.errors import DeclarationError, SourceError
from daicho.fingerprint.code import Code, Reader, Symbol
from daicho.fingerprint.own_formats import counted_of
from daicho.provenance.packages import Packages
from daicho.remembered import Digests
from daicho.task.say import environment_of, ignores_of

USES: Final = "uses:"
IGNORES: Final = "ignores"
VARIABLE: Final = "environment:"
PYTHON: Final = "python"
PACKAGE: Final = "package:"


@dataclass
class Identity:
    """Asks each class once; lives as long as a plan is made.

    Attributes:
        reader: Reads code.
        root: The project's folder.
        digests: Digests of files, remembered.
        policy: What of the environment counts: `record` for nothing, `python`, or `packages` (and Python).
    """

    reader: Reader
    root: Path
    digests: Digests
    policy: str = "record"
    _codes: dict[type, Code] = field(default_factory=dict)
    _digests_of: dict[type, Mapping[str, str]] = field(default_factory=dict)
    _settings: dict[type, Mapping[str, str]] = field(default_factory=dict)
    _packages: Packages = field(default_factory=Packages)

    def code_of(self, kind: type) -> Code:
        """The code of a class.

        Raises:
            DeclarationError: If its source, or what it uses or ignores, cannot be found.
        """
        if kind not in self._codes:
            self._codes[kind] = self.reader.code_of(
                kind, uses=counted_of(kind, self.reader), ignores=ignores_of(kind)
            )
        return self._codes[kind]

    def digests_of(self, kind: type) -> Mapping[str, str]:
        """The digest of each symbol of its code.

        Raises:
            DeclarationError: As `code_of`.
        """
        if kind not in self._digests_of:
            self._digests_of[kind] = self.code_of(kind).digests
        return self._digests_of[kind]

    def symbols(self) -> Iterator[tuple[str, Symbol]]:
        """The symbols of all classes that were asked for, by name."""
        return (each for code in self._codes.values() for each in code.symbols.items())

    def settings_of(self, kind: type) -> Mapping[str, str]:
        """What is in its key beside code, parameters and content, by name.

        Raises:
            DeclarationError: If a file that it uses is not there.
        """
        if kind not in self._settings:
            self._settings[kind] = dict(self._all(kind))
        return self._settings[kind]

    def packages_of(self, kind: type) -> dict[str, str]:
        """The versions here of the distributions that the code of a class imports."""
        return self._packages.of(self.code_of(kind).foreign)

    def _all(self, kind: type) -> Iterator[tuple[str, str]]:
        for place in self.code_of(kind).files:
            yield f"{USES}{place}", self._file(kind, place)
        ignored = sorted(set(ignores_of(kind)))
        if ignored:
            yield IGNORES, ", ".join(ignored)
        for name in environment_of(kind):
            yield f"{VARIABLE}{name}", of_value((name, os.environ.get(name)))
        if self.policy != "record":
            yield PYTHON, minor(sys.version)
        if self.policy == "packages":
            for name, version in self.packages_of(kind).items():
                yield f"{PACKAGE}{name}", version

    def _file(self, kind: type, place: str) -> str:
        path = self.root / place
        try:
            return self.digests.of(path)
        except (OSError, SourceError) as error:
            why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
            raise DeclarationError(
                f"`{kind.__name__}.uses` names `{place}`, which is no module of the project, and as a file it {why}",
                hints=(f"looked for `{path}`",),
            ) from error


def minor(version: str) -> str:
    """`3.12` of `3.12.1`."""
    return ".".join(version.split(".")[:2])


def used_file(name: str) -> str | None:
    """The file that one of these settings is about: its place below the project."""
    return name.removeprefix(USES) if name.startswith(USES) else None


def is_code(name: str) -> bool:
    """Whether one of these settings says what the code is, not what surrounds it."""
    return name.startswith(USES) or name == IGNORES


def told(name: str, then: str | None, now: str | None) -> str:
    """What changed in one of these settings, for people."""
    kind, colon, rest = name.partition(":")
    change = "new" if then is None else "no longer" if now is None else "changed"
    if kind + colon == USES:
        return f"uses: {rest} {change}"
    if kind + colon == VARIABLE:
        return (
            f"environment variable {rest} changed"
            if change == "changed"
            else f"environment variable {rest}: {change}"
        )
    if name == IGNORES:
        return f"ignores: {then or 'nothing'} -> {now or 'nothing'}"
    what = "Python" if name == PYTHON else rest
    if then is not None and now is not None:
        return f"{what} {then} -> {now}"
    counts = "counts now" if then is None else "counts no longer"
    return f"{what} {now or then} {counts}"
