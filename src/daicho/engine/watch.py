"""First-party code in a process that runs tasks: loaded as it was planned, and watched while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import luigi

from daicho.fingerprint.code import Reader
from daicho.fingerprint.executed import Loaded, extra_of, install, watching
from daicho.fingerprint.own_formats import counted_of
from daicho.task.say import ignores_of, leaves_out
from daicho.task.task import Task


@dataclass
class CodeWatch:
    """What this process knows of the user's code. One for each process."""

    loaded: Loaded
    reader: Reader
    _known: dict[type, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def begin(cls, roots: Sequence[Path], expected: Mapping[str, str], memory: Path | None) -> CodeWatch:
        """From here on, first-party modules are what the plan was made of, or are refused.

        Args:
            roots: The folders whose code is first-party.
            expected: The SHA-256 of each file when the plan was made, by path.
            memory: A file in which what is read of the code is remembered; beside it, what was compiled is kept.

        Raises:
            InputError: If a module that is imported already is not what was planned.
        """
        kept = memory.with_name("compiled") if memory is not None else None
        return cls(install(roots, expected, kept), Reader(roots, memory))

    def end(self) -> None:
        """Let modules be imported as ever."""
        self.loaded.remove()

    def run(self, task: luigi.Task, body: Any, extra: dict[str, str]) -> None:
        """Run a task's body, and note in `extra` what of its code its key does not hold.

        Raises:
            InputError: If code was run that is not what was planned.
        """
        if not isinstance(task, Task):
            body()
            return
        with watching(self.loaded) as seen:
            body()
        kind = type(task)
        modules = [name for name in ignores_of(kind) if ":" not in name]
        found = extra_of(seen, self.reader, self._known_of(kind), modules)
        extra.update({name: now for name, now in found.items() if not leaves_out(kind, name)})

    def _known_of(self, kind: type) -> frozenset[str]:
        if kind not in self._known:
            # With what it ignores: that, and what only that leads to, shall not come in by this door.
            self._known[kind] = frozenset(
                self.reader.code_of(kind, uses=counted_of(kind, self.reader)).symbols
            )
        return self._known[kind]
