"""Run a target: plan it, carry the plan out, record what happened."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from daicho import events, runtime
from daicho._process import Child
from daicho.config.environment import exported, of_worker
from daicho.digest import of_value
from daicho.engine import copies, outbox
from daicho.engine.assigning import Assigner
from daicho.engine.books import Books
from daicho.engine.claims import Claims
from daicho.engine.debugger import look
from daicho.engine.demand import refuse_impossible, workers
from daicho.engine.ending import taken
from daicho.engine.executor import Executor
from daicho.engine.forecast import Forecast
from daicho.engine.inline import Inline
from daicho.engine.launch import Launch
from daicho.engine.opening import Opened, all_sources, early_recorder, lines, open_books
from daicho.engine.pool import Pool, setup
from daicho.engine.recover import recover
from daicho.engine.report import Run, RunTask, Status
from daicho.engine.results import TaskResult
from daicho.engine.stop import Stop
from daicho.engine.telling import Teller
from daicho.engine.watch import CodeWatch
from daicho.errors import UsageError
from daicho.ledger import ClosePipeline, wal
from daicho.ledger.active import users_run
from daicho.plan import trust
from daicho.plan.deep import left
from daicho.plan.grounds import grounds_of
from daicho.plan.names import remember_run
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context, Force, Prepared, open_project, prepare
from daicho.record import Record
from daicho.task import find
from daicho.task.luigi_settings import for_luigi
from daicho.task.patience import patience_of


@dataclass(frozen=True)
class Options:
    """How a launch is carried out; none of it changes what is computed.

    Attributes:
        jobs: How many tasks may run at once, each in a process of its own.
        inline: Run tasks in this process, for debuggers: one after the other, and without time limits.
        force: Run all tasks although equal results are there; or only those of the given names.
        stop_at_first: Start nothing more after a failure.
        pdb: Open Python's debugger where a task fails; tasks run inline then.
    """

    jobs: int = 1
    inline: bool = False
    force: Force = False
    stop_at_first: bool = False
    pdb: bool = False


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
    began, since = time.monotonic(), time.time_ns()
    _refuse_within()
    chosen = options or Options()
    chosen = replace(chosen, inline=chosen.inline or chosen.pdb)
    _refuse(chosen)
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    _ready(context)
    surely = (target is None or isinstance(target, str)) and (chosen.force is True or context.store.new)
    jobs = 0 if chosen.inline else chosen.jobs
    with early_recorder(context.store, surely) as early, copies.waiting(jobs) as crew:
        prepared = prepare(context, target, force=chosen.force, watch=bool(crew), here=chosen.inline)
        plan = prepared.planner.plan()
        adopted = users_run()
        if plan.nothing_to_do and adopted is None:
            equal = _up_to_date(prepared, plan, Path(folder), began, since)
            if equal is not None:
                return _told(equal, observers)
        refuse_impossible(plan, context.settings.resources)
        done = _Carrying(prepared, plan, chosen, tuple(observers), began, early, crew).out(adopted)
    remember_run(context.project.folder, done.name)
    return done


def _ready(context: Context) -> None:
    """See that results can be recorded, and record those that wait."""
    context.ledger.check()
    wal.check(context.store, context.settings)
    recover(context)


def _refuse(options: Options) -> None:
    if options.jobs < 1:
        raise UsageError(
            f"{options.jobs} jobs would run nothing",
            hints=("ask for one or more: daicho run -j 2",),
        )
    if options.inline and options.jobs > 1:
        raise UsageError(
            f"tasks run one after the other where they run inline, not {options.jobs} at once",
            hints=("leave out one of `--inline` and `-j`",),
        )


def _up_to_date(prepared: Prepared, plan: Plan, folder: Path, began: float, since: int) -> Run | None:
    """The earlier launch that came to the same, as the run that this one need not be."""
    context = prepared.context
    runs = {task_id: each.record.run_id for task_id, each in plan if each.record is not None}
    launch = _digest(context, plan, runs)
    known = prepared.planner.ahead.launch(launch) or context.ledger.launch(launch)
    if known is None:
        return None
    prepared.digests.save()
    results = {task_id: taken(decision) for task_id, decision in plan}
    run = _report(prepared, results, began, "up to date", known.name, known.run_id, known.experiment_id)
    also = outbox.places(context)
    # Looking what it rests on costs some milliseconds: that is left to who asks.
    return replace(run, grounds=lambda: grounds_of(prepared, plan, folder, since, launch=launch, also=also))


def _told(run: Run, observers: Sequence[events.Observer]) -> Run:
    for observer in observers:
        observer(events.RunEnded(run.status, run.exit_status, run.name, run.run_id, run.seconds))
    return run


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
    early: Child | None
    crew: deque[Child]

    def out(self, adopted: str | None) -> Run:
        """Do it: open what is needed, run, and close it again whatever happens."""
        context, planner = self.prepared.context, self.prepared.planner
        copies.lead(self.crew, self.prepared)  # before observers start threads
        self._tell_plan()
        stop = Stop()
        settings = context.settings
        with ExitStack() as stack:
            stack.enter_context(closing(stop))
            stack.enter_context(stop.listening())
            stack.enter_context(exported(settings.variables))
            stack.enter_context(for_luigi(settings))
            # Workers import while the rest is opened.
            pool = None if self.options.inline else stack.enter_context(closing(self._pool()))
            opened = open_books(self.prepared, self.plan, adopted, self.early)
            try:
                launch = self._launch(opened, stop, pool or self._inline(opened.books, stop))
                context.runtime.done = lambda task_id: planner.decisions[task_id].verdict == "reuse"
                launch.run()
                status = _status(launch)
                self._close(opened, launch, status)
                status = "interrupted" if opened.books.abandoned else status
                return _told(self._ended(opened, launch, status), self.observers)
            finally:
                opened.release()
                context.runtime.done = None
                self.prepared.digests.save()

    def _launch(self, opened: Opened, stop: Stop, executor: Executor) -> Launch:
        context, planner = self.prepared.context, self.prepared.planner
        assigner = Assigner(
            opened.folder, context.root, planner, partial(trust.fetch, context), self.prepared.digests
        )
        forecast = Forecast.of(planner, executor.size, planner.took) if self.observers else Forecast()
        return Launch(
            planner=planner,
            assigner=assigner,
            executor=executor,
            books=opened.books,
            claims=Claims.on(context.store, planner),
            runtime=context.runtime,
            stop=stop,
            provenance=opened.books.provenance,
            tags=opened.origin.tags(),
            teller=Teller(planner.graph, assigner.task_folder, self.observers, forecast),
            resources=context.settings.resources,
            stop_at_first=self.options.stop_at_first,
        )

    def _inline(self, books: Books, stop: Stop) -> Inline:
        context = self.prepared.context
        roots = find.import_paths(context.root)
        memory = context.project.folder / "code.db"
        code = CodeWatch.begin(roots, self.prepared.reader.digests(), memory)
        return Inline(context.runtime, books.reference, stop, code, look if self.options.pdb else None)

    def _pool(self) -> Pool:
        context = self.prepared.context
        size, ready = workers(self.plan, self.options.jobs)
        return Pool(
            size,
            setup(str(context.root), self.prepared.modules, context.settings, self.prepared.reader.digests()),
            of_worker(context.store.uri),
            ready=ready,
            copies=self.crew,
        )

    def _close(self, opened: Opened, launch: Launch, status: Status) -> None:
        ended = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}[status]
        whole = status == "done" and not opened.books.refused
        records = {
            task_id: result.record for task_id, result in launch.results.items() if result.record is not None
        }
        plan = self.prepared.planner.now()  # with all that tasks have yielded
        told = lines(plan, launch.results, opened.books)
        request = ClosePipeline(ended, told, sources=all_sources(plan))
        if whole:
            runs = {task_id: record.run_id for task_id, record in records.items()}
            digest = _digest(self.prepared.context, plan, runs)
            deep, keys = left(plan, {task_id: record.key for task_id, record in records.items()})
            request = replace(request, launch=digest, deep=deep, keys=keys)
        opened.close(request, launch.stop)

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
        notes = (*opened.origin.notes(), *dict.fromkeys(told), *self._unlimited(launch))
        return replace(report, commit=git.commit, dirty=git.dirty, problem=problem, notes=notes)

    def _unlimited(self, launch: Launch) -> Iterator[str]:
        """What has a time limit that is not enforced: nobody is there to interrupt this process."""
        tasks = {task_id: node.task for task_id, node in self.prepared.graph.nodes.items()}
        ran = (task_id for task_id, result in launch.results.items() if result.attempts)
        limited = {tasks[task_id].get_task_family() for task_id in ran if patience_of(tasks[task_id]).timeout}
        if self.options.inline and limited:
            yield f"time limits are not enforced inline: {', '.join(f'`{each}`' for each in sorted(limited))}"

    def _tell_plan(self) -> None:
        counts = self.plan.counts
        width = max((len(self.plan.label(task_id)) for task_id, _ in self.plan), default=0)
        event = events.Planned(
            self.prepared.target,
            counts["run"],
            counts["reuse"],
            counts["undecided"],
            width,
            workers(self.plan, self.options.jobs)[0],
        )
        for observer in self.observers:
            observer(event)


def _status(launch: Launch) -> Status:
    outcomes = {result.outcome for result in launch.results.values()}
    if launch.interrupted:
        return "interrupted"
    return "failed" if outcomes & {"failed", "timed out", "not started"} else "done"


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
