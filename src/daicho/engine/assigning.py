"""What a task is told when it starts: where its inputs lie now, and what must not change while it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from daicho.engine import view
from daicho.engine.assignment import Assignment, Guard, TasksGiven
from daicho.engine.stage import glance, writing
from daicho.errors import InputError
from daicho.fingerprint.identity import used_file
from daicho.plan.planner import Planner
from daicho.record import OutputRecord, Record
from daicho.remembered import Digests
from daicho.task import plain
from daicho.task.graph import Edge, Node
from daicho.task.run_task import RunTask

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
            TaskError: If the task's folder cannot be written to.
        """
        folder = self.task_folder(task_id)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        inputs: dict[tuple[str, str], str] = {}
        roles: dict[str, str] = {}
        guards = list(self._sources(task_id))
        views: dict[str, str] = {}
        graph = self.planner.graph
        for edge in graph.through(graph.nodes[task_id].edges):  # what it yields is given then, and not before
            node = graph.nodes[edge.task_id]
            roles[node.task_id] = edge.role
            guards += self._plain(edge.role, node)
            read: dict[str, Path] = {}
            for output, path, guard in self._read(edge):
                read[output.name] = path
                inputs[node.task_id, output.role] = str(path)
                guards.append(guard)
            if read and edge.reads is not None:
                by_path = isinstance(self.planner.graph.nodes[task_id].task, RunTask)
                with writing(folder):
                    shown = view.make(folder / "in" / (node.family if by_path else node.task_id), read)
                views[node.family if by_path else edge.role] = str(shown)
                if not by_path:  # what lies beside an input does not count, so it is not there
                    inputs.update(_within(shown, node, read))
        stage, log = str(folder / "out"), str(folder / "log.txt")
        return Assignment(task_id, stage, log, inputs, roles, tuple(guards), folders=views)

    def given(self, task_id: str, roles: Collection[str]) -> TasksGiven:
        """What a task that runs may read of tasks that it yields, all of which are there.

        Args:
            task_id: The task that runs.
            roles: The ways to the tasks.

        Raises:
            CorruptError: If an input's bytes are not right.
        """
        inputs: dict[tuple[str, str], str] = {}
        guards: list[Guard] = []
        graph = self.planner.graph
        edges = [edge for edge in graph.nodes[task_id].yields if edge.role in roles]
        for edge in graph.through(edges):
            guards += self._plain(edge.role, graph.nodes[edge.task_id])
            for output, path, guard in self._read(edge):
                inputs[edge.task_id, output.role] = str(path)
                guards.append(guard)
        contents = {edge.task_id: self.planner.contents[edge.task_id] for edge in edges}
        return TasksGiven(True, inputs, tuple(guards), contents)

    def _read(self, edge: Edge) -> Iterator[tuple[OutputRecord, Path, Guard]]:
        """The outputs that may be read by one way, where they lie, and what must not change."""
        for output in self.planner.outputs.get(edge.task_id, ()):
            if edge.reads is None or output.role in edge.reads:
                path = self._place(edge.task_id, output)
                seen = self._glances.get(path) or glance(path)
                yield output, path, Guard(f"`{edge.role}.{output.role}`", str(path), output.digest, seen)

    def _plain(self, role: str, node: Node) -> Iterator[Guard]:
        """The files of a plain Luigi task, which lie where anybody may change them; nothing for other tasks."""
        if node.kind != "plain":
            return
        seen = [(path, glance(path)) for path in plain.local_targets(node.task) or () if path.exists()]
        if self.planner.changed(node.task_id):
            raise InputError(
                f"`{role}` changed since it was looked at",
                hints=("run again: the new plan takes it as it is now",),
            )
        for path, look in seen:
            yield Guard(f"`{role}`", str(path.absolute()), self.digests.of(path), look)

    def _place(self, task_id: str, output: OutputRecord) -> Path:
        staged = self.staged.get(task_id)
        if staged is not None:
            return staged / output.name
        folder = self.planner.graph.nodes[task_id].pin
        if folder is not None:
            return self._pinned(folder / output.name, output)
        record = self.planner.decisions[task_id].record
        assert record is not None  # a task without a record has run in this launch
        return self.fetch(record, output)

    def _pinned(self, path: Path, output: OutputRecord) -> Path:
        """A file that the configuration pins a task to: it lies where anybody may change it."""
        try:
            actual = self.digests.of(path)
        except OSError as error:
            raise InputError(f"`{path}`, to which a task is pinned, is gone: {error}") from error
        if actual != output.digest:
            raise InputError(
                f"`{path}`, to which a task is pinned, changed since the plan was made",
                hints=("run again: the new plan takes it as it is now",),
            )
        return path

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


def _within(folder: Path, node: Node, names: Iterable[str]) -> dict[tuple[str, str], str]:
    """Where a task's outputs of some names lie in a folder, by the task's id and attribute."""
    return {
        (node.task_id, role): str(folder / output.name)
        for role, output in node.outputs.items()
        if output.name in names
    }
