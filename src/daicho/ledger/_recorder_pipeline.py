"""The pipeline run: opened with what is known at the start, closed so that it is complete by itself."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlflow.entities import DatasetInput

from daicho.ledger import _marks as marks
from daicho.ledger import _recorder_calls as calls
from daicho.ledger import _recorder_page as page
from daicho.ledger import _recorder_sources as sources
from daicho.ledger._recorder_book import Begun, Book
from daicho.ledger._trails import packed
from daicho.ledger.messages import ClosePipeline, OpenPipeline, PipelineClosed, PipelineOpened
from daicho.record import SourceRecord


def open_(book: Book, request: OpenPipeline) -> PipelineOpened:
    """Create the pipeline run, or take somebody's own as it."""
    begun = _create(book, request) if request.adopt is None else _adopt(book, request, request.adopt)
    book.pipeline = begun
    long = {name: value for name, value in request.params.items() if len(value) > marks.LONGEST_PARAM}
    if request.params:
        calls.batch(book.client, begun.run_id, params=request.params)
    texts = dict(request.texts)
    if long:
        texts["long-parameters.json"] = json.dumps(long, indent=2, ensure_ascii=False)
    begun.area.put_texts(texts)
    if request.snapshot is not None and request.snapshot_digest is not None:
        _keep(book, begun, Path(request.snapshot), request.snapshot_digest)
    sources.keep(book, begun, request.sources)
    return PipelineOpened(begun.run_id, begun.experiment_id)


def _create(book: Book, request: OpenPipeline) -> Begun:
    tags = {
        marks.USER: _user(),
        "mlflow.source.name": "daicho",
        "mlflow.source.type": "LOCAL",
        **request.tags,
        marks.TARGET: request.target,
    }
    return book.create(book.experiment.experiment_id, request.name, tags, request.started)


def _adopt(book: Book, request: OpenPipeline, run_id: str) -> Begun:
    """Take a run that somebody else began: our runs go to its experiment, unless that is another project's."""
    run = book.client.get_run(run_id)
    theirs = book.client.get_experiment(run.info.experiment_id)
    project = theirs.tags.get(marks.PROJECT)
    if project is None:
        book.client.set_experiment_tag(theirs.experiment_id, marks.PROJECT, book.opening.project)
    calls.batch(book.client, run.info.run_id, tags={marks.TARGET: request.target})
    ours = book.experiment if project not in (None, book.opening.project) else theirs
    begun = book.begun(run, {**run.data.tags, **request.tags}, adopted=True)
    return Begun(begun.run_id, ours.experiment_id, begun.artifact_uri, begun.area, begun.tags, adopted=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _keep(book: Book, begun: Begun, file: Path, digest: str) -> None:
    """Keep the sources of a tree, once per tree in the store."""
    if book.ledger.snapshot(digest) is not None:
        return
    begun.area.put_file(file, marks.SNAPSHOT_FILE)
    calls.batch(book.client, begun.run_id, tags={marks.SNAPSHOT: digest})
    calls.inputs(book.client, begun.run_id, [calls.mark(marks.SNAPSHOT, digest)])


def close(book: Book, request: ClosePipeline) -> PipelineClosed:
    """Complete the pipeline run with what its tasks have, reused ones too, and end it; the mark comes last."""
    begun = book.pipeline
    if begun is None:
        return PipelineClosed("")
    _end_tasks(book)
    rows = book.ledger.rows([line.run_id for line in request.lines if line.run_id])
    summary = page.summary(request.lines, {run: row.metrics for run, row in rows.items()})
    whole = page.table(request.lines, rows)
    begun.area.put_texts({**request.texts, "tasks.json": json.dumps(whole, indent=2, ensure_ascii=False)})
    tags = {marks.OUTCOMES: page.outcomes(request.lines)}
    if not begun.adopted:
        tags[marks.NOTE] = page.note(request.lines, rows, begun.experiment_id)
        if request.launch is not None:
            tags[marks.LAUNCH] = request.launch
    calls.batch(book.client, begun.run_id, params=summary.params, metrics=summary.metrics, tags=tags)
    if not begun.adopted:
        book.client.set_terminated(begun.run_id, request.status, end_time=int(time.time() * 1000))
        datasets = [*calls.sources(_distinct(request.sources)), *_marks(request)]
        calls.inputs(book.client, begun.run_id, datasets)
    book.pipeline = None
    return PipelineClosed(begun.run_id, summary.metrics)


def _marks(request: ClosePipeline) -> Iterator[DatasetInput]:
    """The marks of a launch that has nothing left to do, and of one whose keys can be kept."""
    if request.launch is None:
        return
    kept = packed(request.keys)
    yield calls.mark(marks.LAUNCH, request.launch, kept)
    if kept is not None:
        yield from (calls.mark(marks.DEEP, each) for each in request.deep)


def _distinct(sources: Iterable[SourceRecord]) -> list[SourceRecord]:
    """Each file once, however many tasks read it; a hundred are enough for a page."""
    return list({(source.place, source.digest): source for source in sources}.values())[:100]


def abandon(book: Book) -> None:
    """The parent is gone: end what it began."""
    _end_tasks(book)
    if book.pipeline is not None and not book.pipeline.adopted:
        book.client.set_terminated(book.pipeline.run_id, "KILLED", end_time=int(time.time() * 1000))


def _end_tasks(book: Book) -> None:
    for begun in book.tasks.values():
        book.client.set_terminated(begun.run_id, "KILLED", end_time=int(time.time() * 1000))
    book.tasks.clear()
