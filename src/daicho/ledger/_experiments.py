"""The experiments that count, known for a moment: else every question to a server would be two."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from daicho.ledger._rows import Experiment, Reader

_MOMENT = 10.0  # seconds in which others may make a further experiment of the same project


@dataclass
class Experiments:
    """Those of a store.

    Attributes:
        own: The name of the experiment that new runs go to.
        project: The project whose experiments count.
        share: Names of further projects or experiments that count; `*` is all of them.
        near: Whether asking costs nothing: then nothing is remembered.
    """

    own: str
    project: str
    share: frozenset[str]
    near: bool
    _known: list[Experiment] = field(default_factory=list)
    _until: float = 0.0

    def all(self, reader: Reader, *, anew: bool = False) -> list[Experiment]:
        """All living ones, as they were a moment ago; as they are now while there is none of our own yet."""
        if anew or time.monotonic() >= self._until:
            self._known = reader.experiments()
            there = any(each.name == self.own for each in self._known)
            self._until = time.monotonic() + _MOMENT if there and not self.near else 0.0
        return self._known

    def counting(self, reader: Reader, *, everywhere: bool = False) -> list[str]:
        """The ids of those that count, or of all."""
        names = self.share | {self.own}
        projects = self.share | {self.project}
        return [
            found.experiment_id
            for found in self.all(reader)
            if everywhere or "*" in names or found.name in names or found.project in projects
        ]

    def id(self, reader: Reader) -> str | None:
        """The id of our own; None if there is none yet."""
        return next((each.experiment_id for each in self.all(reader) if each.name == self.own), None)

    def project_of(self, reader: Reader, experiment_id: str) -> str | None:
        """The project that one belongs to; None if it has none."""
        found = next((each for each in self.all(reader) if each.experiment_id == experiment_id), None)
        if found is None:
            return None
        return self.project if found.name == self.own else found.project
