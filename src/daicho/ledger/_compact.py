"""A record as one short tag, which is all that planning needs, and back.

Where the tag would be too long it holds the digest of the JSON artifact instead, which is then read and verified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from daicho.ledger._marks import KEY, LONGEST_RECORD, PARENT, RECORD, RESULT, SUPERSEDES, TASK, USER, VERIFIED
from daicho.ledger._rows import Row
from daicho.ledger.checked import Checked
from daicho.ledger.withdrawal import Withdrawal
from daicho.record import OutputRecord, Record

VERSION = 1


def encode(record: Record, document_digest: str) -> str:
    """The tag of a record; `document_digest` is that of its JSON artifact."""
    whole = _dump(
        {
            "v": VERSION,
            "o": [list(astuple(output)) for output in record.outputs],
            "x": dict(record.extra),
            "p": record.summary,
        }
    )
    return whole if len(whole) <= LONGEST_RECORD else _dump({"v": VERSION, "d": document_digest})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(row: Row) -> Record | str | None:
    """The light record of a run; the digest of its JSON artifact where that must be read; None if it has none.

    A tag of a version that is not known, or that is damaged, is no record.
    """
    try:
        compact = json.loads(row.tags[RECORD])
        if compact["v"] != VERSION:
            return None
        if "d" in compact:
            return str(compact["d"])
        return light(row, tuple(OutputRecord(*item) for item in compact["o"]), compact["x"], compact["p"])
    except (KeyError, TypeError, ValueError):
        return None


def light(
    row: Row, outputs: tuple[OutputRecord, ...], extra: Mapping[str, str], some_parts: Mapping[str, str]
) -> Record:
    """The light record: what a run's row and tags say, and these details."""
    provenance: dict[str, Any] = {
        "user": row.tags.get(USER, ""),
        "pipeline": row.tags.get(PARENT),
        "parts": dict(some_parts),
        "status": row.status,
        "marked": row.marked(RESULT),
    }
    withdrawal = Withdrawal.of(row.tags)
    if withdrawal is not None:
        provenance["forgotten"] = withdrawal.to_json()
    verified = Checked.of(row.tags, VERIFIED)
    if verified is not None:
        provenance["verified"] = verified.to_json()
    return Record(
        task=row.tags.get(TASK, ""),
        task_id="",
        key=row.tags.get(KEY),
        outputs=outputs,
        extra=dict(extra),
        supersedes=tuple(row.tags.get(SUPERSEDES, "").split()),
        provenance=provenance,
        started=row.started / 1000,
        ended=row.ended / 1000,
        run_id=row.run_id,
        experiment_id=row.experiment_id,
        artifact_uri=row.artifact_uri,
    )


def from_document(row: Row, record: Record) -> Record | None:
    """The light record of a run whose tag was too long, from the whole one; None if that is of another key."""
    if row.tags.get(KEY) != record.key:
        return None
    return light(row, record.outputs, record.extra, record.summary)
