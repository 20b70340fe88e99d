"""Plain Luigi in one process: what `luigi.build` and `luigi.run` get where daicho does not hold the reins.

The same keys, the same records. Each result is recorded before the task is done for Luigi, so that whatever is asked
next is answered from the ledger. Luigi's own worker processes cannot be served: they would share our pipes.
"""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from daicho.engine.assigning import Assigner
from daicho.engine.execute import execute
from daicho.engine.opening import Opened, all_sources, lines, open_books
from daicho.engine.outbox import settled, write_draft
from daicho.engine.records import complete, draft_of
from daicho.engine.results import TaskResult
from daicho.engine.watch import CodeWatch
from daicho.errors import UsageError
from daicho.ledger import BeginTask, ClosePipeline, Publish
from daicho.ledger.active import users_run
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context, Prepared, open_project, prepare
from daicho.record import Manifest
from daicho.runtime import Setting
from daicho.task import find
from daicho.task.runtime import ProjectRuntime


@cache
def runtime() -> StockRuntime:
    """The process's stock runtime, for the project around the current folder."""
    found = StockRuntime(open_project(Path.cwd(), bare=True))
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

    def section(self, family: str) -> Mapping[str, Setting]:
        """The configured values of a task class."""
        return self._project.section(family)

    def output_path(self, task: Any, name: str) -> Path:
        """Where an output lies: the running task's, one that it depends on, or a result that is there."""
        if self._project.work is not None:
            return self._project.output_path(task, name)
        decision = self._prepared_for(task).planner.decisions.get(task.task_id)
        record = decision.record if decision is not None else None
        record = self._results[task.task_id].record if task.task_id in self._results else record
        output = record.output(name) if record is not None else None
        if record is None or output is None:
            return self._project.output_path(task, name)
        return self.context.ledger.fetch(record, output)

    def writable_path(self, task: Any, name: str) -> Path:
        """Where the running task writes an output of its own."""
        return self._project.writable_path(task, name)

    def complete(self, task: Any) -> bool:
        """Whether a task's result is there, as far as that can be known before what it needs has run."""
        if self._project.work is not None:
            return self._project.complete(task)
        result = self._results.get(task.task_id)
        if result is not None and task.task_id not in self._targets:
            return result.outcome in ("ran", "reused")
        prepared = self._prepared_for(task, anew=task.task_id in self._targets)
        return prepared.planner.decisions[task.task_id].verdict == "reuse"

    def run(self, task: Any, body: Callable[[], Any]) -> Any:
        """Run a task's body if Luigi's turn for it has come and there is no equal result: early cutoff."""
        if self._project.work is not None:
            return self._project.run(task, body)
        if os.getpid() != self._process:
            raise UsageError(
                "luigi's own worker processes cannot record",
                hints=("use workers=1 here, or daicho run, which has workers of its own",),
            )
        prepared = self._prepared_for(task)
        decision = prepared.planner.turn(task.task_id)
        if decision.verdict == "reuse":
            self._results[task.task_id] = TaskResult(
                "reused", decision.reasons, decision.key, record=decision.record
            )
            return None
        self._recorded(task, prepared)
        return None

    def end(self) -> None:
        """Complete the pipeline run, if there is one. May be called twice."""
        opened, self._opened = self._opened, None
        if opened is None or self._plan is None or os.getpid() != self._process:
            return
        failed = any(result.outcome == "failed" for result in self._results.values())
        told = lines(self._plan, {**_reused(self._plan), **self._results}, opened.books)
        opened.close(ClosePipeline("FAILED" if failed else "FINISHED", told, sources=all_sources(self._plan)))
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

    def _recorded(self, task: Any, prepared: Prepared) -> None:
        """Run a task and wait until its result is in the ledger; what it raises is raised."""
        planner, opened = prepared.planner, self._open(prepared)
        decision, books = planner.decisions[task.task_id], opened.books
        assigner = Assigner(opened.folder, self.root, planner, self.context.ledger.fetch, prepared.digests)
        assignment = assigner.assign(task.task_id)
        provenance, folder = opened.origin.to_json(), assigner.task_folder(task.task_id)
        write_draft(draft_of(planner, task.task_id, decision, provenance), folder)
        label, tags = prepared.graph.label(task.task_id), opened.origin.tags()
        books.begin(BeginTask(task.task_id, task.get_task_family(), decision.key, label, tags, time.time()))
        done, raised = execute(
            task, assignment, self._project, lambda: books.reference(task.task_id), self._code
        )
        manifest = done.manifest
        if raised is not None:
            status = "KILLED" if manifest.outcome == "interrupted" else "FAILED"
            books.end(task.task_id, status, manifest.failure, assignment.log)
            self._results[task.task_id] = TaskResult(
                "failed", decision.reasons, decision.key, failure=manifest.failure
            )
            raise raised
        planner.runs.update(books.runs)
        record = complete(draft_of(planner, task.task_id, decision, provenance), manifest)
        books.publish(task.task_id, frozenset(), lambda: Publish(record, assignment.stage, assignment.log))
        self._wait_for_record(task.task_id)
        settled(folder)
        self._done(task, prepared, manifest)

    def _open(self, prepared: Prepared) -> Opened:
        """What a launch needs, opened at its first task; the code is compared with each new plan."""
        assert self._plan is not None
        if self._code is None:
            roots, memory = find.import_paths(self.root), self.context.project.folder / "code.db"
            self._code = CodeWatch.begin(roots, prepared.reader.digests(), memory)
        if self._opened is None:
            self._opened = open_books(prepared, self._plan, users_run())
        return self._opened

    def _done(self, task: Any, prepared: Prepared, manifest: Manifest) -> None:
        """A result is recorded: whoever depends on it reads it from the ledger."""
        assert self._opened is not None
        planner, written = prepared.planner, self._opened.books.records[task.task_id]
        decision = planner.decisions[task.task_id]
        planner.finished(task.task_id, manifest.outputs)
        planner.decisions[task.task_id] = replace(decision, verdict="reuse", record=written)
        self._results[task.task_id] = TaskResult(
            "ran",
            decision.reasons,
            decision.key,
            manifest.ended - manifest.started,
            record=written,
            outputs=manifest.outputs,
            notes=manifest.notes,
        )
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
