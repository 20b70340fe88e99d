"""What a task is told when it starts: where its inputs lie now, and what must not change while it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from daicho.engine.assignment import Assignment, Guard
from daicho.engine.stage import glance
from daicho.errors import InputError
from daicho.fingerprint.identity import used_file
from daicho.plan.planner import Planner
from daicho.record import OutputRecord, Record
from daicho.remembered import Digests
from daicho.task import plain

Fetch = Callable[[Record, OutputRecord], Path]


@dataclass
class Assigner:
    """Knows where all files of a launch are.

    Attributes:
        folder: The launch's own folder, on the file system of the artifacts where these are local.
        root: The project's folder.
        planner: What was decided.
        fetch: Gives the verified bytes of a recorded output.
        digests: Digests of files, remembered.
        staged: The staging folders of the tasks that have run in this launch.
    """

    folder: Path
    root: Path
    planner: Planner
    fetch: Fetch
    digests: Digests
    staged: dict[str, Path] = field(default_factory=dict)
    _glances: dict[Path, str] = field(default_factory=dict)

    def task_folder(self, task_id: str) -> Path:
        """The folder that holds all of one task: staging, log, manifest."""
        return self.folder / task_id

    def stage(self, task_id: str, outputs: Iterable[OutputRecord]) -> None:
        """A task of this launch has run: its dependants read what it has staged, as it is now."""
        folder = self.staged[task_id] = self.task_folder(task_id) / "out"
        self._glances |= {folder / output.name: glance(folder / output.name) for output in outputs}

    def assign(self, task_id: str) -> Assignment:
        """Everything that a task needs to start.

        Raises:
            InputError: If a source is no longer what it was when the plan was made.
            CorruptError: If an input's bytes are not right.
        """
        folder = self.task_folder(task_id)
        folder.mkdir(parents=True, exist_ok=True)
        inputs: dict[tuple[str, str], str] = {}
        roles: dict[str, str] = {}
        guards = [*self._sources(task_id), *self._plain(task_id)]
        for role, node in self.planner.graph.readable(task_id):
            roles[node.task_id] = role
            for output in self.planner.outputs.get(node.task_id, ()):
                path = self._place(node.task_id, output)
                inputs[node.task_id, output.role] = str(path)
                seen = self._glances.get(path) or glance(path)
                guards.append(Guard(f"`{role}.{output.role}`", str(path), output.digest, seen))
        return Assignment(task_id, str(folder / "out"), str(folder / "log.txt"), inputs, roles, tuple(guards))

    def _plain(self, task_id: str) -> Iterator[Guard]:
        """The files of plain Luigi tasks, which lie where anybody may change them."""
        for role, node in self.planner.graph.readable(task_id):
            if node.kind != "plain":
                continue
            seen = [(path, glance(path)) for path in plain.local_targets(node.task) or () if path.exists()]
            if self.planner.changed(node.task_id):
                raise InputError(
                    f"`{role}` changed since it was looked at",
                    hints=("run again: the new plan takes it as it is now",),
                )
            for path, look in seen:
                yield Guard(f"`{role}`", str(path), self.digests.of(path), look)

    def _place(self, task_id: str, output: OutputRecord) -> Path:
        staged = self.staged.get(task_id)
        if staged is not None:
            return staged / output.name
        record = self.planner.decisions[task_id].record
        assert record is not None  # a task without a record has run in this launch
        return self.fetch(record, output)

    def _files(self, task_id: str) -> Iterator[tuple[str, str, str]]:
        """The project's files that a task declares: a name for people, the place, the digest."""
        parts = self.planner.parts.get(task_id)
        if parts is None:
            return
        for source in parts.sources:
            if "://" not in source.place:
                yield f"the source `{source.place}`", source.place, source.digest
        for name, digest in parts.settings.items():
            place = used_file(name)
            if place is not None:
                yield f"`{place}`, which it uses,", place, digest

    def _sources(self, task_id: str) -> Iterator[Guard]:
        for name, place, digest in self._files(task_id):
            path = self.root / place
            try:
                seen = glance(path)
                actual = self.digests.of(path)
            except OSError as error:
                raise InputError(f"{name} is gone since the plan was made: {error}") from error
            if actual != digest:
                raise InputError(
                    f"{name} changed since the plan was made",
                    hints=("run again: the new plan takes it as it is now",),
                )
            yield Guard(name, str(path), digest, seen)
