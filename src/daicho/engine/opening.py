"""What every launch opens before its first task: a folder, the recorder, the pipeline run; and how it closes them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from daicho._process import Child
from daicho.engine.books import Books
from daicho.engine.naming import new_name
from daicho.engine.outbox import LaunchFolder, new_folder
from daicho.engine.results import TaskResult
from daicho.engine.stop import Stop
from daicho.errors import ProjectError, of_disk
from daicho.fingerprint.parts import sources_of
from daicho.ledger import ClosePipeline, OpenPipeline, Recorder, Store, TaskLine, recorder, wal
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context, Prepared
from daicho.provenance import Origin, mask_arguments, mask_settings, read_origin, write_snapshot
from daicho.record import SourceRecord
from daicho.task.graph import secrets_of
from daicho.task.secret import hide


@dataclass(frozen=True)
class Opened:
    """What is open for one launch: the recorder's books, a folder of its own, and where its results come from."""

    books: Books
    launch: LaunchFolder
    origin: Origin
    name: str

    @property
    def folder(self) -> Path:
        """The launch's own folder."""
        return self.launch.path

    def close(self, request: ClosePipeline, stop: Stop | None = None) -> None:
        """Complete the pipeline run, and wait until it is, or until a person asks to stop."""
        self.books.close(request)
        while self.books.closed is None and self.books.error is None:
            self.books.read(stop)

    def release(self) -> None:
        """Let go of the recorder and of the folder; what could not be recorded stays where it is. Once is enough."""
        self.books.recorder.close(timeout=60)
        if self.books.complete:
            self.launch.remove()
        else:
            self.launch.lock.release()


@contextmanager
def early_recorder(store: Store, surely: bool) -> Iterator[Child | None]:
    """A recorder's process that imports MLflow while the plan is made, if something must surely run.

    One that has not ended by the end of the block is ended. Workers do not start early: they would import the user's
    modules beside this process, and what these do when they are imported would be done twice at once.
    """
    child = recorder.started(store) if surely else None
    try:
        yield child
    finally:
        if child is not None and child.alive:
            child.end()


def open_books(
    prepared: Prepared, plan: Plan, adopted: str | None = None, early: Child | None = None
) -> Opened:
    """Start a recorder and have it make the pipeline run; returns while it is still starting.

    Args:
        prepared: The target and its project.
        plan: What is going to be done.
        adopted: A run of somebody's own that is to be the pipeline run.
        early: A recorder's process that was started before.

    Raises:
        ProjectError: If the project's folder, or that of the artifacts, cannot be written to.
        StoreError: If the store is to be in WAL mode, and lies where it must not be.
    """
    context = prepared.context
    wal.check(context.store, context.settings)
    context.project.make_folder()
    launch = new_folder(context)
    recording = Recorder.start(
        context.store,
        project=context.name,
        experiment=context.experiment,
        description=context.settings.description or "",
        log=context.project.folder / "recorder.log",
        wal=context.settings.wal,
        tasks=plan.counts.total() - plan.counts["reuse"],
        early=early,
    )
    name = f"{family(plan)} {new_name()}"
    try:
        origin = read_origin(context.root, prepared.reader.files())
        request = _request(context, plan, origin, name, launch.path, adopted)
    except BaseException:
        recording.kill()
        launch.remove()
        raise
    books = Books(recording, request.provenance)
    books.ask(request)
    return Opened(books, launch, origin, name)


def family(plan: Plan) -> str:
    """What was asked for, by the names of the tasks."""
    return ", ".join(plan.graph.nodes[task_id].family for task_id in plan.graph.targets)


def lines(plan: Plan, results: Mapping[str, TaskResult], books: Books) -> tuple[TaskLine, ...]:
    """What became of each task, for the pipeline run's page."""
    return tuple(
        _line(plan, task_id, results[task_id], books)
        for task_id, node in plan.graph.nodes.items()
        if node.kind != "wrapper" and task_id in results
    )


def all_sources(plan: Plan) -> tuple[SourceRecord, ...]:
    """The sources of all tasks."""
    return tuple(source for parts in plan.parts.values() for source in parts.sources)


def _line(plan: Plan, task_id: str, result: TaskResult, books: Books) -> TaskLine:
    parts = plan.parts.get(task_id)
    run_id = result.record.run_id if result.record is not None else books.runs.get(task_id)
    return TaskLine(
        task=plan.graph.nodes[task_id].family,
        task_id=task_id,
        outcome=result.outcome,
        run_id=run_id,
        parameters=parts.shown if parts is not None else {},
        reason="; ".join(reason.text for reason in result.reasons),
        seconds=result.seconds,
        outputs=tuple(output.name for output in result.outputs),
    )


def _request(
    context: Context, plan: Plan, origin: Origin, name: str, folder: Path, adopted: str | None
) -> OpenPipeline:
    archive = folder / "snapshot.zip"
    try:
        write_snapshot(origin.snapshot, context.root, archive)
    except OSError as error:
        raise ProjectError(
            f"the snapshot of the code, `{archive}`, cannot be written: {of_disk(error) or error.strerror}",
            hints=("make room, then run again",),
        ) from error
    texts = {
        "plan.json": json.dumps(plan.to_json(), indent=1),
        "origin.json": json.dumps(origin.to_json(), indent=1),
    }
    if context.settings.text:
        texts["luigi.toml"] = mask_settings(context.settings.text)
    if origin.git.diff:
        texts["changes.diff"] = origin.git.diff
    return OpenPipeline(
        name=name,
        target=family(plan),
        tags={
            **origin.tags(),
            "mlflow.source.name": _command(plan),
            "mlflow.user": origin.machine.user,
        },
        texts=texts,
        snapshot=str(archive),
        snapshot_digest=origin.snapshot.digest,
        sources=dict(_to_keep(context, plan)),
        adopt=adopted,
        started=time.time(),
        provenance=origin.to_json(),
    )


def _to_keep(context: Context, plan: Plan) -> Iterator[tuple[str, str]]:
    """The sources whose bytes are to be kept in the store, by digest: small ones, and those that say so."""
    for task_id, parts in plan.parts.items():
        declared = dict(sources_of(plan.graph.nodes[task_id].task))
        for source in parts.sources:
            own = declared[source.role]
            if not own.remote and (own.keep or source.size <= context.settings.keep):
                yield source.digest, str(context.root / source.place)


def _command(plan: Plan) -> str:
    """The command line as a person typed it, without the path of the program, and without secrets."""
    program = Path(sys.argv[0])
    name = "daicho" if program.name in ("__main__.py", "daicho") else program.name
    secrets = list(secrets_of(plan.graph))
    words = (hide(word, secrets) for word in mask_arguments(sys.argv[1:]))
    return " ".join([name, *words])[:500]
