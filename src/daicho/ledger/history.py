"""The memory looked back on: all pipeline runs, the tasks of one, and everything that a result stands on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from daicho.ledger import _marks as marks
from daicho.ledger._launches import Entry, Launch, Marks
from daicho.ledger._rows import Row
from daicho.ledger.ledger import Ledger
from daicho.record import Record

MOST = 50_000
"""The most runs that one question may ask for."""

_DEEPEST = 500  # results below one that are followed
_LONG = '{"v":_,"d":%'  # the tag of a record that is too long for one: its document must be read
_LONGEST = 200  # of those


@dataclass(frozen=True)
class Member:
    """A task of a pipeline run, as that run's page says: `outcome` is `ran`, `reused`, `failed`, ..."""

    task: str
    outcome: str
    run_id: str | None = None
    reason: str = ""
    seconds: float | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


def entries(
    ledger: Ledger, *, target: str | None = None, since: float = 0.0, limit: int = MOST
) -> list[Entry]:
    """The pipeline runs of the project, the newest first.

    Args:
        ledger: Where to look.
        target: Only those whose target has this in its name.
        since: Only those that began then or later, in seconds since the epoch.
        limit: How many at most.

    Raises:
        StoreError: If the store cannot be asked.
    """
    pattern = "%" if target is None else f"%{target}%"
    return [Entry.of(row) for row in _holding(ledger, marks.TARGET, pattern, int(since * 1000), limit)]


def entry(ledger: Ledger, run_id: str) -> Entry | None:
    """One pipeline run with all that its page says; None if it is gone.

    Raises:
        StoreError: If the store cannot be asked.
    """
    row = ledger.row(run_id)
    return Entry.of(row) if row is not None and marks.TARGET in row.tags else None


def marks_of(ledger: Ledger, run_id: str) -> Marks:
    """What people have put on a run; nothing if it is gone.

    Raises:
        StoreError: If the store cannot be asked.
    """
    row = ledger.row(run_id)
    return Marks() if row is None else Marks.of(row)


def members(ledger: Ledger, launch: Launch) -> list[Member]:
    """The tasks of a pipeline run, reused ones too; of one that goes on, or was cut off, those that have a run.

    Raises:
        StoreError: If the store cannot be asked.
    """
    data = ledger.artifact(launch, marks.TASKS_FILE)
    try:
        listed = json.loads(data)["tasks"] if data is not None else None
    except (TypeError, ValueError, KeyError):
        listed = None
    if listed is not None:
        return [_member(each) for each in listed]
    runs = ledger.tasks_of(launch.run_id)
    return [Member(record.task, _outcome(record), record.run_id) for record in runs]


def _member(each: Mapping[str, Any]) -> Member:
    return Member(
        str(each.get("task", "")),
        str(each.get("outcome", "")),
        each.get("run_id"),
        str(each.get("reason") or ""),
        each.get("seconds"),
        dict(each.get("parameters") or {}),
    )


def _outcome(record: Record) -> str:
    status = str(record.provenance.get("status", ""))
    return {"FINISHED": "ran", "FAILED": "failed", "KILLED": "interrupted"}.get(status, "running")


def records(ledger: Ledger, run_ids: Iterable[str]) -> dict[str, Record]:
    """The records of task runs in full, by id; those that are gone are left out.

    One that failed, or whose document is gone, is as its run's tags have it.

    Raises:
        StoreError: If the store cannot be asked.
    """
    found = ((record, record.run_id) for record in light(ledger, run_ids))
    return {run_id: whole(ledger, record) for record, run_id in found if run_id is not None}


def light(ledger: Ledger, run_ids: Iterable[str]) -> list[Record]:
    """The records of task runs as their tags have them, in the order of their ids; those that are gone are left out.

    Raises:
        StoreError: If the store cannot be asked.
    """
    wanted = list(dict.fromkeys(run_ids))
    rows = ledger.rows(wanted)
    return ledger._tasks(rows[each] for each in wanted if each in rows and marks.TASK in rows[each].tags)


def whole(ledger: Ledger, record: Record) -> Record:
    """A record in full, with what only its run says of it (who withdrew it, its status).

    Raises:
        StoreError: If the store cannot be asked.
    """
    found = ledger.details(record)
    if found is None:
        return record
    at = replace(
        found, run_id=record.run_id, artifact_uri=record.artifact_uri, experiment_id=record.experiment_id
    )
    return replace(at, provenance={**record.provenance, **at.provenance})


def lineage(ledger: Ledger, record: Record) -> dict[str, Record]:
    """The records that one stands on, near ones first, by the ids of their runs; those that are gone are left out.

    Raises:
        StoreError: If the store cannot be asked.
    """
    found: dict[str, Record] = {}
    waiting = list(_below([record]))
    while waiting and len(found) < _DEEPEST:
        level = records(ledger, (each for each in waiting if each not in found))
        found.update(level)
        waiting = [each for each in _below(level.values()) if each not in found]
    return found


def _below(some: Iterable[Record]) -> Iterator[str]:
    return iter(dict.fromkeys(item.run_id for record in some for item in record.inputs if item.run_id))


def writers(ledger: Ledger, digest: str) -> list[Record]:
    """The task runs that wrote something with this digest (or one that begins so), the newest first. Light records.

    Raises:
        StoreError: If the store cannot be asked.
    """
    for pattern, limit in ((f'%"{digest}%', MOST), (_LONG, _LONGEST)):
        found = [
            record
            for record in ledger._records(_holding(ledger, marks.RECORD, pattern, 0, limit))
            if any(output.digest.startswith(digest) for output in record.outputs)
        ]
        if found:
            return found
    return []


def readers(ledger: Ledger, digest: str) -> list[Record]:
    """The task runs that read a source or an output with this digest. Light records, in no order.

    Raises:
        StoreError: If the store cannot be asked.
    """
    if not ledger._exists():
        return []
    short = marks.of_input(digest)
    rows = ledger._ask(lambda reader: reader.reading(ledger._experiments(reader), short))
    return ledger._tasks(row for row in rows if marks.TASK in row.tags)


def of_key(ledger: Ledger, key: str) -> list[Record]:
    """The task runs whose key begins so, the newest first, results or not. Light records.

    Raises:
        StoreError: If the store cannot be asked.
    """
    return ledger._tasks(_holding(ledger, marks.KEY, f"{key}%", 0, MOST))


def tagged(ledger: Ledger, name: str, value: str) -> list[Row]:
    """The runs, of tasks and of pipelines, on which a person's tag has this value, the newest first.

    Raises:
        StoreError: If the store cannot be asked.
    """
    rows = ledger._newest(name, value, None, MOST)
    return [row for row in rows if marks.TASK in row.tags or marks.TARGET in row.tags]


def _holding(ledger: Ledger, tag: str, pattern: str, since: int, limit: int) -> list[Row]:
    if not ledger._exists():
        return []
    return ledger._ask(
        lambda reader: reader.holding(ledger._experiments(reader), tag, pattern, since=since, limit=limit)
    )
