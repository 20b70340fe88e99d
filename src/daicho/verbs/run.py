"""Run a target: plan it, carry the plan out, record what happened."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from daicho import events, runtime
from daicho.digest import of_value
from daicho.engine.assigning import Assigner
from daicho.engine.books import Books
from daicho.engine.executor import Executor
from daicho.engine.inline import Inline
from daicho.engine.launch import Launch
from daicho.engine.opening import Opened, all_sources, lines, open_books
from daicho.engine.pool import Pool, setup
from daicho.engine.recover import recover
from daicho.engine.report import Run, RunTask, Status
from daicho.engine.results import TaskResult
from daicho.engine.stop import Stop
from daicho.engine.watch import CodeWatch
from daicho.errors import UsageError
from daicho.ledger import ClosePipeline
from daicho.ledger.active import users_run
from daicho.plan.plan import Decision, Plan
from daicho.plan.prepare import Context, Force, Prepared, open_project, prepare
from daicho.record import Record
from daicho.task import find


@dataclass(frozen=True)
class Options:
    """How a launch is carried out; none of it changes what is computed.

    Attributes:
        inline: Run tasks in this process, for debuggers.
        force: Run all tasks although equal results are there; or only those of the given names.
        stop_at_first: Start nothing more after a failure.
    """

    inline: bool = False
    force: Force = False
    stop_at_first: bool = False


def run(
    target: object = None,
    *,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
    options: Options | None = None,
    observers: Sequence[events.Observer] = (),
) -> Run:
    """Run a target and all that it needs, as far as there is no equal result yet.

    Args:
        target: A task's name, class or instance, or several instances; by default what `[RunConfig] task` names.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line.
        options: How to carry it out.
        observers: Functions that are told what happens.

    Returns:
        The run, also when tasks failed: see its `status` and `exit_status`.

    Raises:
        UsageError: If the project, its configuration or the target is wrong. Nothing has run then.
        StoreError: If the store cannot be used. Nothing has run then.
    """
    began = time.monotonic()
    _refuse_within()
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    chosen = options or Options()
    context.ledger.check()
    recover(context)
    prepared = prepare(context, target, force=chosen.force, watch=chosen.inline)
    plan = prepared.planner.plan()
    adopted = users_run()
    if plan.nothing_to_do and adopted is None:
        runs = {task_id: each.record.run_id for task_id, each in plan if each.record is not None}
        known = context.ledger.launch(_digest(context, plan, runs))
        if known is not None:
            prepared.digests.save()
            results = {task_id: _reused(decision) for task_id, decision in plan}
            return _report(
                prepared, results, began, "up to date", known.name, known.run_id, known.experiment_id
            )
    return _Carrying(prepared, plan, chosen, tuple(observers), began).out(adopted)


def _refuse_within() -> None:
    """A launch inside of another would start itself again and again: a worker loads the script that began it."""
    if runtime._current.get() is not None:
        raise UsageError(
            "`daicho.run` was called where a launch is going on already",
            hints=(
                'in a script, put it below `if __name__ == "__main__":`, for workers load the script as well',
                "in a task, depend on the other task: daicho runs it first",
            ),
        )


@dataclass
class _Carrying:
    """A plan that is being carried out."""

    prepared: Prepared
    plan: Plan
    options: Options
    observers: tuple[events.Observer, ...]
    began: float

    def out(self, adopted: str | None) -> Run:
        """Do it: open what is needed, run, and close it again whatever happens."""
        context, planner = self.prepared.context, self.prepared.planner
        self._tell_plan()
        stop = Stop()
        with closing(stop), stop.listening():
            opened = open_books(self.prepared, self.plan, adopted)
            try:
                launch = self._launch(opened, stop)
                context.runtime.done = lambda task_id: planner.decisions[task_id].verdict == "reuse"
                launch.run()
                status = _status(launch)
                self._close(opened, launch, status)
                return self._ended(opened, launch, "interrupted" if opened.books.abandoned else status)
            finally:
                opened.release()
                context.runtime.done = None
                self.prepared.digests.save()

    def _launch(self, opened: Opened, stop: Stop) -> Launch:
        context, planner = self.prepared.context, self.prepared.planner
        return Launch(
            planner=planner,
            assigner=Assigner(
                opened.folder, context.root, planner, context.ledger.fetch, self.prepared.digests
            ),
            executor=self._executor(opened.books, stop),
            books=opened.books,
            runtime=context.runtime,
            stop=stop,
            provenance=opened.origin.to_json(),
            tags=opened.origin.tags(),
            observers=self.observers,
            stop_at_first=self.options.stop_at_first,
        )

    def _executor(self, books: Books, stop: Stop) -> Executor:
        context = self.prepared.context
        if self.options.inline:
            roots = find.import_paths(context.root)
            memory = context.project.folder / "code.db"
            code = CodeWatch.begin(roots, self.prepared.reader.digests(), memory)
            return Inline(context.runtime, books.reference, stop, code)
        environment = {
            "MLFLOW_TRACKING_URI": context.store.uri,
            "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MPLBACKEND": "agg",  # a worker has no screen
        }
        return Pool(
            1,
            setup(str(context.root), self.prepared.modules, context.settings, self.prepared.reader.digests()),
            environment,
        )

    def _close(self, opened: Opened, launch: Launch, status: Status) -> None:
        ended = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}[status]
        whole = status == "done" and not opened.books.refused
        runs = {
            task_id: result.record.run_id
            for task_id, result in launch.results.items()
            if result.record is not None
        }
        digest = _digest(self.prepared.context, self.plan, runs) if whole else None
        told = lines(self.plan, launch.results, opened.books)
        opened.close(ClosePipeline(ended, told, launch=digest, sources=all_sources(self.plan)), launch.stop)

    def _ended(self, opened: Opened, launch: Launch, status: Status) -> Run:
        books, git = opened.books, opened.origin.git
        report = _report(
            self.prepared,
            launch.results,
            self.began,
            status,
            opened.name,
            books.pipeline,
            books.experiment_id,
        )
        waits = next((result.waits for result in launch.results.values() if result.waits), None)
        problem = waits or (books.error.message if books.error is not None else None)
        told = (note for result in launch.results.values() for note in result.notes)
        notes = (*opened.origin.notes(), *dict.fromkeys(told))
        return replace(report, commit=git.commit, dirty=git.dirty, problem=problem, notes=notes)

    def _tell_plan(self) -> None:
        counts = self.plan.counts
        width = max((len(self.plan.label(task_id)) for task_id, _ in self.plan), default=0)
        event = events.Planned(
            self.prepared.target, counts["run"], counts["reuse"], counts["undecided"], width
        )
        for observer in self.observers:
            observer(event)


def _reused(decision: Decision) -> TaskResult:
    return TaskResult(
        "reused", decision.reasons, decision.key, record=decision.record, outputs=decision.outputs
    )


def _status(launch: Launch) -> Status:
    outcomes = {result.outcome for result in launch.results.values()}
    if launch.interrupted:
        return "interrupted"
    return "failed" if outcomes & {"failed", "not started"} else "done"


def _report(
    prepared: Prepared,
    results: Mapping[str, TaskResult],
    began: float,
    status: Status,
    name: str,
    run_id: str | None,
    experiment_id: str | None,
) -> Run:
    graph, ledger = prepared.graph, prepared.context.ledger
    parts = prepared.planner.parts

    def places(record: Record | None) -> dict[str, str]:
        if record is None:
            return {}
        found = {output.role: ledger.path(record, output) for output in record.outputs}
        return {role: str(path) for role, path in found.items() if path is not None}

    tasks = tuple(
        RunTask(
            node.family,
            graph.label(task_id),
            task_id,
            node.kind,
            parts[task_id].shown if task_id in parts else {},
            results[task_id],
            places(results[task_id].record),
        )
        for task_id, node in graph.nodes.items()
        if task_id in results
    )
    seconds = time.monotonic() - began
    return Run(
        prepared.target, status, name, run_id, experiment_id, tasks, seconds, str(prepared.context.store)
    )


def _digest(context: Context, plan: Plan, runs: Mapping[str, str | None]) -> str:
    """By which an equal launch with nothing to do is found: target, configuration, experiment, and the results."""
    return of_value(("launch", context.name, context.experiment, plan.graph.targets, dict(runs)))
