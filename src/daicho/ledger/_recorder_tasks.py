"""A task's run: begun, then published with its result, or ended without one.

The order of publishing is what makes a kill at any instant harmless: outputs, record, log, one batch of parameters and
tags; then the end; and last one write that brings the inputs and the mark, without which nothing is ever found.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import DatasetInput

from daicho.digest import of_bytes
from daicho.ledger import _compact
from daicho.ledger import _marks as marks
from daicho.ledger import _recorder_calls as calls
from daicho.ledger._recorder_book import Begun, Book, name_of
from daicho.ledger._rows import Row
from daicho.ledger._text import plain
from daicho.ledger.ledger import Ledger
from daicho.ledger.messages import BeginTask, EndTask, Publish, Recorded, TaskBegun, TaskEnded
from daicho.provenance import mask_url
from daicho.record import Record

_INHERITED = ("mlflow.user", "mlflow.source.")


def begin(book: Book, request: BeginTask) -> TaskBegun:
    """Create the run of a task that is about to start."""
    begun = _create(book, request, request.started)
    book.tasks[request.task_id] = begun
    return TaskBegun(request.task_id, begun.run_id)


def _create(book: Book, request: BeginTask, started: float | None) -> Begun:
    above = book.pipeline
    tags = {**_inherited(above), **request.tags, marks.TASK: request.task}
    if above is not None:
        tags[marks.PARENT] = above.run_id
    if request.key is not None:
        tags[marks.KEY] = request.key
    place = book.experiment.experiment_id if above is None else above.experiment_id
    return book.create(place, request.name, tags, started)


def _inherited(above: Begun | None) -> dict[str, str]:
    tags = {} if above is None else above.tags
    return {name: value for name, value in tags.items() if name.startswith(_INHERITED)}


def publish(book: Book, request: Publish) -> None:
    """Publish a result in the run that its task was begun with, or in another one if that is gone."""
    begun = book.tasks.get(name_of(request)) or _again(book, request.record)
    book.done(begun, request, write(book.client, book.ledger, begun, request))


def write(client: MlflowClient, ledger: Ledger, begun: Begun, request: Publish) -> tuple[Record, ...]:
    """Put a result in place, write its record, end its run, mark it. To do so once more changes nothing.

    Returns:
        The results that it replaces.
    """
    record = begun.of(request)
    replaced = _rivals(record, _found(ledger, [record])) if record.supersedes else []
    document = json.dumps(record.to_json(), indent=2, ensure_ascii=False, default=str).encode()
    texts = {"record.json": document, **_log(request.log)}
    with begun.area.putting(Path(request.stage), record.outputs, texts) as warnings:
        tags = _tags(record, of_bytes(document), warnings)
        calls.batch(client, begun.run_id, params=_params(record.parameters), tags=tags)
    client.set_terminated(begun.run_id, "FINISHED", end_time=int(record.ended * 1000))
    calls.inputs(client, begun.run_id, _inputs(record))
    return tuple(replaced)


def settle(book: Book) -> list[Recorded]:
    """What became of all that was published since the last time, by few questions for all of it."""
    published = [record for record, _ in book.published]
    found = _found(book.ledger, published)
    rows = book.ledger.rows([record.run_id or "" for record in published])
    told = [
        _recorded(record, replaced, _rivals(record, found), rows.get(record.run_id or ""))
        for record, replaced in book.published
    ]
    book.published.clear()
    return told


def unsettled(book: Book) -> list[Recorded]:
    """What was published, where the store cannot be asked what else there is."""
    told = [_recorded(record, replaced, [], None) for record, replaced in book.published]
    book.published.clear()
    return told


def _recorded(record: Record, replaced: Iterable[Record], rivals: list[Record], row: Row | None) -> Recorded:
    first = rivals[0] if rivals else record
    return Recorded(
        record,
        {} if row is None else dict(row.metrics),
        winner=None if first.run_id == record.run_id else first,
        differing=tuple(each for each in (*replaced, *rivals) if not _equal(each, record)),
    )


def _found(ledger: Ledger, records: Iterable[Record]) -> dict[str, list[Record]]:
    keys = {record.key for record in records if record.key is not None}
    return ledger.find(keys) if keys else {}


def _rivals(record: Record, found: Mapping[str, list[Record]]) -> list[Record]:
    """The records of the same key and of what was seen to matter, the earliest first."""
    return [each for each in found.get(record.key or "", ()) if each.extra == record.extra]


def _equal(one: Record, other: Record) -> bool:
    """Whether two results have the same bytes."""
    first, second = ({(each.name, each.digest) for each in record.outputs} for record in (one, other))
    return first == second


def _again(book: Book, record: Record) -> Begun:
    """The run for a result that waited while the store was away: its old one if it lives, else a new one."""
    if record.run_id is not None and book.ledger.row(record.run_id) is not None:
        return book.begun(book.client.get_run(record.run_id), {})
    request = BeginTask(record.task_id, record.task, record.key, record.task)
    return _create(book, request, record.started)


def _log(path: str | None) -> dict[str, bytes]:
    if path is None:
        return {}
    try:
        text = Path(path).read_bytes().decode("utf-8", "surrogateescape")
        return {"log.txt": mask_url(text).encode("utf-8", "surrogateescape")} if text else {}
    except FileNotFoundError:
        return {}


def _tags(record: Record, document_digest: str, warnings: list[str]) -> dict[str, str]:
    tags = {marks.RECORD: _compact.encode(record, document_digest)}
    if record.reasons:
        tags[marks.NOTE] = "Why it ran: " + "; ".join(record.reasons)
    if record.supersedes:
        tags[marks.SUPERSEDES] = " ".join(record.supersedes)
    if warnings:
        tags[marks.WARNING] = "; ".join(warnings)
    return tags


def _params(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: plain(value) for name, value in parameters.items()}


def _inputs(record: Record) -> list[DatasetInput]:
    """What was read, by name, and last the mark."""
    read = calls.sources(record.sources)
    read += [
        calls.dataset(item.name, marks.of_input(item.digest), "input", json.dumps({"run_id": item.run_id}))
        for item in record.inputs
    ]
    return read if record.key is None else [*read, calls.mark(marks.RESULT, record.key)]


def end(book: Book, request: EndTask) -> TaskEnded:
    """End the run of a task that did not run to its end, with what it printed and why it failed."""
    begun = book.tasks[request.task_id]
    texts = _log(request.log)
    if request.failure is not None:
        story = request.failure.traceback or f"{request.failure.error}: {request.failure.message}"
        texts["traceback.txt"] = mask_url(story).encode("utf-8", "backslashreplace")
    try:
        begun.area.put_texts(texts)
    finally:
        book.client.set_terminated(begun.run_id, request.status, end_time=int(time.time() * 1000))
    book.tasks.pop(request.task_id, None)
    return TaskEnded(request.task_id)
