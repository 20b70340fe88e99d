"""Plain Luigi in one process: what `luigi.build` and `luigi.run` get where daicho does not hold the reins.

The same keys, the same records. Each result is recorded before the task is done for Luigi, so that whatever is asked
next is answered from the ledger. Luigi's own worker processes cannot be served: they would share our pipes.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from daicho.engine.assigning import Assigner
from daicho.engine.ending import not_there, ran
from daicho.engine.execute import execute
from daicho.engine.opening import Opened, all_sources, lines, open_books
from daicho.engine.outbox import settled, write_draft
from daicho.engine.records import complete, draft_of
from daicho.engine.results import TaskResult
from daicho.engine.watch import CodeWatch
from daicho.engine.yielded import given
from daicho.errors import TaskError, UsageError
from daicho.ledger import BeginTask, ClosePipeline, Publish
from daicho.ledger.active import users_run, users_store
from daicho.plan import trust
from daicho.plan.plan import Decision, Plan
from daicho.plan.prepare import Context, Prepared, open_project, prepare
from daicho.record import Manifest
from daicho.runtime import Setting
from daicho.task import find, plain
from daicho.task.graph import Graph
from daicho.task.runtime import ProjectRuntime
from daicho.task.task import declared_outputs


@cache
def runtime() -> StockRuntime:
    """The process's stock runtime, for the project around the current folder."""
    found = StockRuntime(open_project(Path.cwd(), bare=True, store=users_store()))
    atexit.register(found.end)
    return found


@dataclass
class StockRuntime:
    """Plans when Luigi asks whether a task is complete, and records when Luigi runs it."""

    context: Context
    _prepared: Prepared | None = None
    _plan: Plan | None = None
    _opened: Opened | None = None
    _code: CodeWatch | None = None
    _results: dict[str, TaskResult] = field(default_factory=dict)
    _told: str | None = None
    _process: int = field(default_factory=os.getpid)

    @property
    def _project(self) -> ProjectRuntime:
        return self.context.runtime

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.context.root

    @property
    def instances(self) -> dict[object, Any]:
        """Task instances by class and values."""
        return self._project.instances

    @property
    def paths(self) -> Mapping[str, Setting]:
        """What `[PathConfig]` says."""
        return self._project.paths

    def folder(self, task: Any, name: str) -> Path | None:
        """Where the running task finds the files of a task."""
        return self._project.folder(task, name)

    def section(self, family: str, *, loosely: bool = False) -> Mapping[str, Setting]:
        """The configured values of a task class."""
        return self._project.section(family, loosely=loosely)

    def output_path(self, task: Any, name: str) -> Path:
        """Where an output lies: the running task's, one that it depends on, or a result that is there."""
        if self._project.work is not None:
            return self._project.output_path(task, name)
        prepared = self._prepared_for(task)
        decision, folder = (
            prepared.planner.decisions.get(task.task_id),
            prepared.graph.nodes[task.task_id].pin,
        )
        if folder is not None:
            return folder / declared_outputs(task)[name].name
        record = decision.record if decision is not None else None
        record = self._results[task.task_id].record if task.task_id in self._results else record
        output = record.output(name) if record is not None else None
        if record is None or output is None:
            return self._project.output_path(task, name)
        return trust.fetch(self.context, record, output)

    def writable_path(self, task: Any, name: str) -> Path:
        """Where the running task writes an output of its own."""
        return self._project.writable_path(task, name)

    def report_progress(self, done: float, total: float | None = None) -> None:
        """Nobody watches: Luigi says itself what it does."""

    def complete(self, task: Any) -> bool:
        """Whether a task's result is there, as far as that can be known before what it needs has run."""
        if self._project.work is not None:
            return self._project.complete(task)
        result = self._results.get(task.task_id)
        if result is not None and task.task_id not in self._targets:
            return result.outcome in ("ran", "reused")
        prepared = self._prepared_for(task, anew=task.task_id in self._targets)
        there = prepared.planner.decisions[task.task_id].verdict == "reuse"
        if there and task.task_id in self._targets:
            self._tell_reused(prepared)
        return there

    def run(self, task: Any, body: Callable[[], Any]) -> Any:
        """Run a task's body if Luigi's turn for it has come and there is no equal result: early cutoff."""
        if self._project.work is not None:
            return self._project.run(task, body)
        if os.getpid() != self._process:
            raise UsageError(
                "luigi's own worker processes cannot record",
                hints=("use workers=1 here, or daicho run, which has workers of its own",),
            )
        self._finish(task.task_id, self._prepared_for(task))
        return None

    def _finish(self, task_id: str, prepared: Prepared) -> None:
        """Reuse or run a task, all that it declares being there; what it yields comes before it, in this process.

        Luigi itself would build what is yielded again from texts, which not all values come back from.
        """
        planner = prepared.planner
        while (decision := planner.turn(task_id)).verdict == "undecided":
            self._have(task_id, prepared)
        if decision.verdict == "reuse":
            self._results[task_id] = TaskResult(
                "reused", decision.reasons, decision.key, record=decision.record
            )
            return
        planner.begin(task_id)
        begun = False
        while not self._ran(task_id, prepared, begun=begun):
            begun = True
            self._have(task_id, prepared)

    def _have(self, task_id: str, prepared: Prepared) -> None:
        """Have the results of what a task yields, and of all that this needs."""
        planner = prepared.planner
        graph = planner.graph
        yielded = tuple(edge.task_id for edge in graph.nodes[task_id].yields)
        for each in Graph(yielded, graph.nodes).pruned().nodes:
            if not planner.done(each):
                self._finish(each, prepared)

    def end(self) -> None:
        """Complete the pipeline run, if there is one. May be called twice."""
        opened, self._opened = self._opened, None
        if opened is None or self._prepared is None or os.getpid() != self._process:
            return
        failed = any(result.outcome == "failed" for result in self._results.values())
        plan = self._prepared.planner.now()  # with all that tasks have yielded
        told = lines(plan, {**_reused(plan), **self._results}, opened.books)
        opened.close(ClosePipeline("FAILED" if failed else "FINISHED", told, sources=all_sources(plan)))
        opened.release()

    @property
    def _targets(self) -> tuple[str, ...]:
        return self._prepared.graph.targets if self._prepared is not None else ()

    def _prepared_for(self, task: Any, *, anew: bool = False) -> Prepared:
        """A plan that has the task in it: the one at hand, or a new one of which it is the target."""
        if anew or self._prepared is None or task.task_id not in self._prepared.graph.nodes:
            self._results = {}
            self._code = None  # what is imported must be what this plan is made of
            self._prepared = prepare(self.context, task)
            self._plan = self._prepared.planner.plan()
        return self._prepared

    def _ran(self, task_id: str, prepared: Prepared, *, begun: bool) -> bool:
        """Run a task and wait until its result is in the ledger; what it raises is raised.

        Args:
            task_id: The task.
            prepared: What is planned.
            begun: Whether it has its MLflow run already: it starts over.

        Returns:
            Whether it has run to its end; else it has yielded what must run before it starts over.
        """
        planner, opened = prepared.planner, self._open(prepared)
        node, books, decision = prepared.graph.nodes[task_id], opened.books, planner.decisions[task_id]
        task: Any = node.task
        if node.kind == "plain" and plain.external(task):
            raise TaskError(not_there(node).message)
        assigner = Assigner(
            opened.folder, self.root, planner, partial(trust.fetch, self.context), prepared.digests
        )
        assignment = assigner.assign(task_id)
        if node.kind == "task":
            draft = draft_of(planner, task_id, decision, opened.books.provenance)
            write_draft(draft, assigner.task_folder(task_id))
            if not begun:
                label, tags = prepared.graph.label(task_id), opened.origin.tags()
                books.begin(BeginTask(task_id, node.family, decision.key, label, tags, time.time()))
        want = partial(given, planner, assigner, self.context.settings.resources, task_id)
        done, raised = execute(
            task, assignment, self._project, lambda: books.reference(task_id), self._code, want
        )
        if done.suspended:
            shutil.rmtree(assignment.stage, ignore_errors=True)
        elif raised is not None:
            self._fail(task_id, decision, done.manifest, assignment.log)
            raise raised
        elif node.kind == "task":
            self._record(task_id, prepared, done.manifest, assigner)
        else:
            planner.finished(task_id, ())
        return not done.suspended

    def _fail(self, task_id: str, decision: Decision, manifest: Manifest, log: str) -> None:
        """A task did not run to its end, and neither does its MLflow run."""
        assert self._opened is not None
        status = "KILLED" if manifest.outcome == "interrupted" else "FAILED"
        self._opened.books.end(task_id, status, manifest.failure, log)
        self._results[task_id] = TaskResult(
            "failed", decision.reasons, decision.key, failure=manifest.failure
        )

    def _record(self, task_id: str, prepared: Prepared, manifest: Manifest, assigner: Assigner) -> None:
        """Put the result of a task into the ledger, and wait until it is there."""
        assert self._opened is not None
        planner, books, folder = prepared.planner, self._opened.books, assigner.task_folder(task_id)
        planner.runs.update(books.runs)
        draft = draft_of(planner, task_id, planner.decisions[task_id], self._opened.books.provenance)
        record = complete(draft, manifest)
        books.publish(
            task_id, frozenset(), lambda: Publish(record, str(folder / "out"), str(folder / "log.txt"))
        )
        self._wait_for_record(task_id)
        settled(folder)
        self._done(prepared.graph.nodes[task_id].task, prepared, manifest)

    def _tell_reused(self, prepared: Prepared) -> None:
        """A run of somebody's own in which nothing has to be done shows what there is, once."""
        active = users_run()
        if active is None or active == self._told or self._opened is not None or self._plan is None:
            return
        self._told = active
        self._opened = open_books(prepared, self._plan, active)
        self.end()

    def _open(self, prepared: Prepared) -> Opened:
        """What a launch needs, opened at its first task; the code is compared with each new plan."""
        assert self._plan is not None
        if self._code is None:
            roots, memory = find.import_paths(self.root), self.context.project.folder / "code.db"
            self._code = CodeWatch.begin(roots, prepared.reader.digests(), memory)
        if self._opened is None:
            self._told = users_run()
            self._opened = open_books(prepared, self._plan, self._told)
        return self._opened

    def _done(self, task: Any, prepared: Prepared, manifest: Manifest) -> None:
        """A result is recorded: whoever depends on it reads it from the ledger."""
        assert self._opened is not None
        planner, written = prepared.planner, self._opened.books.records[task.task_id]
        decision = planner.decisions[task.task_id]
        planner.finished(task.task_id, manifest.outputs)
        planner.decisions[task.task_id] = replace(decision, verdict="reuse", record=written)
        self._results[task.task_id] = replace(ran(decision, manifest), record=written)
        for note in manifest.notes:
            logging.getLogger("daicho").warning(note)
        if task.task_id in self._targets:
            self.end()

    def _wait_for_record(self, task_id: str) -> None:
        """Wait until a result is in the ledger; what the recorder refuses is the task's error for Luigi."""
        assert self._opened is not None
        books = self._opened.books
        while task_id not in books.records:
            error = books.error or books.refused.get(task_id)
            if error is not None:
                raise error
            books.read()


def _reused(plan: Plan) -> dict[str, TaskResult]:
    """The tasks that Luigi has not asked for, because their results were there."""
    return {
        task_id: TaskResult(
            "reused", decision.reasons, decision.key, record=decision.record, outputs=decision.outputs
        )
        for task_id, decision in plan
        if decision.verdict == "reuse"
    }
