"""Tests of tasks: one by itself with inputs that a test gives, or several with a store that is gone afterwards.

from daicho.testing import run_task, temporary_store
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho import formats
from daicho._nearest import nearest
from daicho.config.project import find_project
from daicho.config.settings import compose
from daicho.engine.assignment import Assignment
from daicho.engine.execute import execute
from daicho.engine.report import Run
from daicho.errors import InputError, ProjectError, UsageError
from daicho.ledger.throwaway import Throwaway
from daicho.plan.plan import Plan
from daicho.runtime import activate
from daicho.task import graph
from daicho.task.graph import Edge, Node
from daicho.task.output import Output
from daicho.task.runtime import ProjectRuntime
from daicho.task.task import Task, declared_outputs
from daicho.verbs.load import load
from daicho.verbs.run import Options, run
from daicho.verbs.status import status

__all__ = ["Ran", "TemporaryStore", "run_task", "temporary_store"]


@dataclass(frozen=True)
class Ran:
    """What a task that was run by itself has made.

    Attributes:
        outputs: The value of each output, by attribute, as `load()` gives it.
        paths: The files, for as long as this value lives.
        metrics: The last value of each metric that it logged.
    """

    outputs: Mapping[str, Any]
    paths: Mapping[str, Path]
    metrics: Mapping[str, float]

    def __getitem__(self, output: str) -> Any:
        """The value of an output."""
        return self.outputs[output]


def run_task(
    task: Task | type[Task],
    *,
    inputs: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
) -> Ran:
    """Run one task in this process, without any store and without running what it depends on.

        ran = run_task(Total, inputs={"data.numbers": [1, 2, 3]})
        assert ran["total"] == 6

    Args:
        task: The task, or its class.
        inputs: What it reads of the tasks that it depends on, by attributes (`"data.numbers"`): values that are saved
            in the output's format, or a `Path` to a file or folder. What it does not read need not be given.
        params: Values by `"Task.parameter"`, for a class.
        folder: Where its sources are looked for: the project around this folder, or else the folder itself.
            The project's configuration holds, too.

    Raises:
        UsageError: If there are no such inputs, or the task cannot be built.
        Exception: Whatever the task raises, and daicho's own errors where it does not do what it declares.
    """
    project = find_project(Path(folder), bare=True)
    runtime = _Bench(project.root, compose(project, params=params))
    home = Path(tempfile.mkdtemp(prefix="daicho-")).resolve()
    with ExitStack() as stack, activate(runtime):
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        one = task() if isinstance(task, type) else task
        given = _given(one, inputs or {}, home)
        roles = {edge.task_id: edge.role for edge, _ in _readable(one)}
        assignment = Assignment(one.task_id, str(home / "out"), str(home / "log.txt"), given, roles)
        store = Throwaway(home / "mlflow")
        with store.serving() as ask:
            _, raised = execute(one, assignment, runtime, ask)
        if raised is not None:
            raise raised
        declared = declared_outputs(one)
        paths = {role: home / "out" / output.name for role, output in declared.items()}
        outputs = {
            role: formats.by_name(output.format).load(paths[role]) for role, output in declared.items()
        }
        ran = Ran(outputs, paths, store.metrics)
        weakref.finalize(ran, stack.pop_all().close)
        return ran


@dataclass(frozen=True)
class TemporaryStore:
    """A project's tasks with a store that is gone after the test. Tasks run in this process, one after the other.

    Attributes:
        folder: The project's folder.
        uri: The store's address.
    """

    folder: Path
    uri: str

    def run(self, target: object = None, *, params: Mapping[str, Any] | None = None) -> Run:
        """Run a target, as `daicho.run` does."""
        return run(target, params=params, folder=self.folder, options=Options(inline=True))

    def status(self, target: object = None, *, params: Mapping[str, Any] | None = None) -> Plan:
        """What would run, as `daicho.status` does."""
        return status(target, params=params, folder=self.folder)

    def load(self, task: str | type[Task], *, params: Mapping[str, Any] | None = None) -> Any:
        """The task whose result is there, as `daicho.load` does."""
        return load(task, params=params, folder=self.folder)


@contextmanager
def temporary_store(folder: str | Path = ".") -> Iterator[TemporaryStore]:
    """A store for the length of a block, for the project around a folder; where there is none, for a new one.

        with temporary_store() as store:
            assert store.run(Total).status == "done"
            assert store.load(Total).total.load() == 10

    MLFLOW_TRACKING_URI names the store meanwhile, so `mlflow` in the test sees the same runs.
    """
    with tempfile.TemporaryDirectory(prefix="daicho-") as temporary:
        home = Path(temporary).resolve()
        try:
            root = find_project(Path(folder)).root
        except ProjectError:
            root = home / "project"
            root.mkdir()
            (root / "luigi.toml").touch()
        uri = f"sqlite:///{home / 'mlflow.db'}"
        before = os.environ.get("MLFLOW_TRACKING_URI")
        os.environ["MLFLOW_TRACKING_URI"] = uri
        try:
            yield TemporaryStore(root, uri)
        finally:
            if before is None:
                del os.environ["MLFLOW_TRACKING_URI"]
            else:
                os.environ["MLFLOW_TRACKING_URI"] = before


class _Bench(ProjectRuntime):
    """What a task that is run by itself reaches."""

    def output_path(self, task: Any, name: str) -> Path:
        """As ever, but for what the test could have given."""
        edges = {} if self.work is None else {edge.task_id: edge for edge, _ in _readable(self.work.task)}
        edge = edges.get(task.task_id)
        counts = edge is not None and _counts(edge, name)
        if self.work is not None and counts and (task.task_id, name) not in self.work.inputs:
            assert edge is not None
            wanted = f"{edge.role}.{name}"
            raise InputError(
                f"`{self.work.task.get_task_family()}` reads `{wanted}`, which the test does not give",
                hints=(f'give it: run_task(…, inputs={{"{wanted}": …}})',),
            )
        return super().output_path(task, name)


def _readable(task: Task) -> Iterator[tuple[Edge, Node]]:
    """The tasks that a task may read, with the way to each, and which of their outputs."""
    built = graph.build(task)
    return ((edge, built.nodes[edge.task_id]) for edge in built.reads(task.task_id))


def _counts(edge: Edge, name: str) -> bool:
    """Whether an output may be read: a run would not give another."""
    return edge.reads is None or name in edge.reads


def _given(task: Task, inputs: Mapping[str, Any], home: Path) -> dict[tuple[str, str], str]:
    """Where the given inputs lie: values are saved first."""
    known: dict[str, tuple[Edge, Output[Any]]] = {
        f"{edge.role}.{role}": (edge, output)
        for edge, node in _readable(task)
        for role, output in node.outputs.items()
    }
    found: dict[tuple[str, str], str] = {}
    for place, (name, value) in enumerate(inputs.items()):
        if name not in known:
            raise UsageError(f"`{task.get_task_family()}` has no input `{name}`", hints=nearest(name, known))
        edge, output = known[name]
        if not _counts(edge, output.role):
            continue
        path = value
        if not isinstance(value, Path):
            path = home / "in" / str(place) / output.name
            (path if output.folder else path.parent).mkdir(parents=True)
            formats.by_name(output.format).save(value, path)
        found[edge.task_id, output.role] = str(path)
    return found
