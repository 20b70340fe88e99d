"""Before a launch plans: record what an earlier one has finished and could not record, and keep the cache small."""

from __future__ import annotations

from functools import partial

from daicho.engine.books import Books
from daicho.engine.claims import leases_of
from daicho.engine.outbox import LaunchFolder, Waiting, left_behind, waiting
from daicho.ledger import BeginTask, ClosePipeline, OpenPipeline, Publish, Recorder, TaskLine
from daicho.ledger.cache import keep_small
from daicho.ledger.leases import Leases
from daicho.plan.prepare import Context


def recover(context: Context) -> int:
    """Record the results that wait, under a pipeline run of their own.

    Returns:
        How many were recorded. What the store refuses again, or cannot be read now, goes on waiting.
    """
    keep_small(context.project.folder / "cache", context.settings.cache_size)
    leases = leases_of(context.store)
    try:
        return sum(_recovered(context, folder, leases) for folder in left_behind(context))
    finally:
        leases.close()


def _recovered(context: Context, folder: LaunchFolder, leases: Leases) -> int:
    """Record what waits in one folder, but for what another launch is computing now; how many were recorded."""
    try:
        wanted = [each for each in waiting(folder) if not context.ledger.holds(each.record)]
    except (OSError, ValueError, KeyError, TypeError):
        folder.lock.release()
        return 0
    ours = [each for each in wanted if each.record.key is None or leases.take(each.record.key)]
    recorded = 0
    if ours:
        context.project.make_folder()
        books = _books(context, len(ours))
        _publish(books, ours)
        recorded = len(books.records)
        books.recorder.close(timeout=60)
    for each in ours:
        leases.release(each.record.key or "", tell=True)
    _release(folder, keep=recorded < len(wanted))
    return recorded


def _books(context: Context, tasks: int) -> Books:
    recorder = Recorder.start(
        context.store,
        project=context.name,
        experiment=context.experiment,
        log=context.project.folder / "recorder.log",
        wal=context.settings.wal,
        tasks=tasks,
    )
    return Books(recorder)


def _publish(books: Books, results: list[Waiting]) -> None:
    books.ask(OpenPipeline(name="recovered results", target="recovered"))
    for each in results:
        record = each.record
        books.begin(BeginTask(record.task_id, record.task, record.key, record.task))
        log = str(each.log) if each.log.exists() else None
        books.publish(record.task_id, frozenset(), partial(Publish, record, str(each.stage), log))
    while books.waiting and books.error is None:
        books.read()
    lines = tuple(
        TaskLine(
            record.task, task_id, "ran", record.run_id, record.parameters, "finished by an earlier launch"
        )
        for task_id, record in books.records.items()
    )
    books.close(ClosePipeline("FINISHED", lines))
    while books.closed is None and books.error is None:
        books.read()


def _release(folder: LaunchFolder, *, keep: bool) -> None:
    if keep:
        folder.lock.release()
    else:
        folder.remove()
