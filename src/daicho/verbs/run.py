"""Run a target: plan it, carry the plan out, record what happened."""

from __future__ import annotations

import getpass
import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from daicho import events
from daicho.digest import of_value
from daicho.engine.assigning import Assigner
from daicho.engine.books import Books
from daicho.engine.executor import Executor
from daicho.engine.inline import Inline
from daicho.engine.launch import Launch
from daicho.engine.naming import new_name
from daicho.engine.pool import Pool, setup
from daicho.engine.report import Run, RunTask, Status
from daicho.engine.results import TaskResult
from daicho.engine.stop import Stop
from daicho.errors import StoreError
from daicho.ledger import ClosePipeline, OpenPipeline, Recorder, TaskLine
from daicho.ledger.active import RunReference, users_run
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context, Prepared, open_project, prepare
from daicho.provenance import Origin, read_origin, write_snapshot
from daicho.record import Record


@dataclass(frozen=True)
class Options:
    """How a launch is carried out; none of it changes what is computed.

    Attributes:
        inline: Run tasks in this process, for debuggers.
        force: Run all tasks although equal results are there.
        stop_at_first: Start nothing more after a failure.
    """

    inline: bool = False
    force: bool = False
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
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    chosen = options or Options()
    context.ledger.check()
    prepared = prepare(context, target, force=chosen.force)
    plan = prepared.planner.plan()
    adopted = users_run()
    digest = _launch_digest(context, plan)
    if plan.nothing_to_do and adopted is None:
        known = context.ledger.launch(digest)
        if known is not None:
            prepared.digests.save()
            results = {task_id: _reused(decision) for task_id, decision in plan}
            return _report(
                prepared, results, began, "up to date", known.name, known.run_id, known.experiment_id
            )
    return _Carrying(prepared, plan, chosen, tuple(observers), began, digest, adopted).out()


@dataclass
class _Carrying:
    """A plan that is being carried out: what has to be opened for it, and closed again."""

    prepared: Prepared
    plan: Plan
    options: Options
    observers: tuple[events.Observer, ...]
    began: float
    digest: str
    adopted: str | None

    def out(self) -> Run:
        """Do it."""
        context, planner = self.prepared.context, self.prepared.planner
        context.project.make_folder()
        self._tell_plan()
        recorder = Recorder.start(
            context.store,
            project=context.name,
            experiment=context.experiment,
            description=context.settings.description or "",
            log=context.project.folder / "recorder.log",
        )
        books, stop = Books(recorder), Stop()
        folder = _launch_folder(context)
        executor: Executor | None = None
        try:
            folder.mkdir(parents=True)
            executor = self._executor(books, stop)
            origin = read_origin(context.root, self.prepared.reader.files())
            name = new_name()
            books.ask(self._opening(name, origin, folder))
            launch = Launch(
                planner=planner,
                assigner=Assigner(folder, context.root, planner, context.ledger.fetch, self.prepared.digests),
                executor=executor,
                books=books,
                runtime=context.runtime,
                stop=stop,
                complete=lambda draft: replace(draft, provenance=origin.to_json()),
                tags=origin.tags(),
                observers=self.observers,
                stop_at_first=self.options.stop_at_first,
            )
            context.runtime.done = lambda task_id: planner.decisions[task_id].verdict == "reuse"
            launch.run()
            status = _status(launch)
            self._close(books, launch.results, status)
            return self._ended(launch, status, f"{self._family} {name}", origin)
        finally:
            if executor is not None:
                executor.close()
            books.recorder.close(timeout=60)
            stop.close()
            context.runtime.done = None
            self.prepared.digests.save()
            if not books.refused and books.error is None:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def _family(self) -> str:
        return ", ".join(self.plan.graph.nodes[task_id].family for task_id in self.plan.graph.targets)

    def _executor(self, books: Books, stop: Stop) -> Executor:
        context = self.prepared.context
        if self.options.inline:

            def ask(task_id: str) -> RunReference:
                while task_id not in books.runs:
                    if books.error is not None or task_id in books.refused:
                        raise StoreError("MLflow's store is away: there is no run to log to")
                    books.read()
                return RunReference(books.runs[task_id], books.experiment_id)

            return Inline(context.runtime, ask, stop)
        environment = {
            "MLFLOW_TRACKING_URI": context.store.uri,
            "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MPLBACKEND": "agg",  # a worker has no screen
        }
        modules = self.prepared.modules
        return Pool(1, setup(str(context.root), modules, context.settings), environment)

    def _opening(self, name: str, origin: Origin, folder: Path) -> OpenPipeline:
        context = self.prepared.context
        archive = folder / "snapshot.zip"
        write_snapshot(origin.snapshot, context.root, archive)
        texts = {
            "plan.json": json.dumps(self.plan.to_json(), indent=1),
            "environment.json": json.dumps(origin.environment.to_json(), indent=1),
            "origin.json": json.dumps(origin.to_json(), indent=1),
        }
        if context.settings.text:
            texts["luigi.toml"] = context.settings.text
        if origin.git.diff:
            texts["changes.diff"] = origin.git.diff
        return OpenPipeline(
            name=f"{self._family} {name}",
            target=self._family,
            tags={**origin.tags(), "mlflow.source.name": _command(), "mlflow.user": getpass.getuser()},
            texts=texts,
            snapshot=str(archive),
            snapshot_digest=origin.snapshot.digest,
            adopt=self.adopted,
        )

    def _close(self, books: Books, results: Mapping[str, TaskResult], status: Status) -> None:
        lines = tuple(
            self._line(task_id, results[task_id], books)
            for task_id, node in self.plan.graph.nodes.items()
            if node.kind != "wrapper" and task_id in results
        )
        ended = {"done": "FINISHED", "up to date": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
        whole = status == "done" and not books.refused
        digest = _results_digest(self.prepared.context, self.plan, results) if whole else None
        books.close(ClosePipeline(ended[status], lines, launch=digest))
        while books.closed is None and books.error is None:
            books.read()

    def _line(self, task_id: str, result: TaskResult, books: Books) -> TaskLine:
        parts = self.plan.parts.get(task_id)
        run_id = result.record.run_id if result.record is not None else books.runs.get(task_id)
        return TaskLine(
            task=self.plan.graph.nodes[task_id].family,
            task_id=task_id,
            outcome=result.outcome,
            run_id=run_id,
            parameters=parts.shown if parts is not None else {},
            reason="; ".join(reason.text for reason in result.reasons),
            seconds=result.seconds,
            outputs=tuple(output.name for output in result.outputs),
        )

    def _ended(self, launch: Launch, status: Status, name: str, origin: Origin) -> Run:
        report = _report(
            self.prepared,
            launch.results,
            self.began,
            status,
            name,
            launch.books.pipeline,
            launch.books.experiment_id,
        )
        waits = next((result.waits for result in launch.results.values() if result.waits), None)
        error = launch.books.error
        return replace(
            report,
            commit=origin.git.commit,
            dirty=origin.git.dirty,
            problem=waits or (error.message if error is not None else None),
        )

    def _tell_plan(self) -> None:
        counts = self.plan.counts
        width = max((len(self.plan.label(task_id)) for task_id, _ in self.plan), default=0)
        event = events.Planned(
            self.prepared.target, counts["run"], counts["reuse"], counts["undecided"], width
        )
        for observer in self.observers:
            observer(event)


def _reused(decision: Any) -> TaskResult:
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


def _launch_digest(context: Context, plan: Plan) -> str:
    runs = {task_id: decision.record.run_id for task_id, decision in plan if decision.record is not None}
    return _digest(context, plan, runs)


def _results_digest(context: Context, plan: Plan, results: Mapping[str, TaskResult]) -> str:
    runs = {task_id: result.record.run_id for task_id, result in results.items() if result.record is not None}
    return _digest(context, plan, runs)


def _digest(context: Context, plan: Plan, runs: Mapping[str, str | None]) -> str:
    """By which an equal launch with nothing to do is found: target, configuration, experiment, and the results."""
    return of_value(("launch", context.name, context.experiment, plan.graph.targets, dict(runs)))


def _launch_folder(context: Context) -> Path:
    """A folder of this launch's own, beside the artifacts where these are local, so that publishing is a link."""
    place = context.store.artifacts or context.project.folder
    return place / ".daicho-stage" / f"{time.strftime('%Y%m%dT%H%M%S')}-{new_name()}"


def _command() -> str:
    """The command line as a person typed it, without the path of the program."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:500]
