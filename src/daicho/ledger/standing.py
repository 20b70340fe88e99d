"""Whether results on a tracking server still stand: one question for all of them, by bare HTTP.

Asked again before an answer that was given earlier is given once more, so nothing heavy is imported here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from http.client import HTTPException

from daicho.ledger._http import Connection, unusual

MOST = 2_000
"""The most digests that one question may name."""

_SEARCH = "/api/2.0/mlflow/runs/search"
_OURS = "daicho."
_CHANGING = ("daicho.beat", "daicho.notes", "daicho.pin")
"""Tags that say nothing about whether a result counts."""


def question(experiments: Sequence[str], digests: Collection[str]) -> str:
    """The question for the living runs of some experiments that bear one of these marks, as JSON on one line."""
    listed = ",".join(f"'{each}'" for each in sorted(set(digests)))
    asked = {
        "experiment_ids": sorted(experiments),
        "filter": f"dataset.digest IN ({listed})",
        "max_results": 50_000,
    }
    return json.dumps(asked)


def answered(uri: str, asked: str) -> str | None:
    """A digest of what the server says to a question: which runs, with what daicho has written on them.

    None if it does not say, or not in one piece, or must be asked in some way that only MLflow's client knows.
    """
    if unusual(uri) is not None:
        return None
    connection = Connection(uri)
    try:
        response = connection.send("POST", _SEARCH, asked.encode())
        text = response.read()
        answer = json.loads(text) if response.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    if not isinstance(answer, dict) or answer.get("next_page_token"):
        return None
    runs = sorted(
        (run["info"]["run_id"], run["info"].get("lifecycle_stage", ""), _tags(run))
        for run in answer.get("runs", ())
    )
    return hashlib.sha256(repr(runs).encode()).hexdigest()


def _tags(run: dict[str, dict[str, list[dict[str, str]]]]) -> list[tuple[str, str]]:
    tags = run.get("data", {}).get("tags", [])
    return sorted(
        (tag["key"], tag.get("value", ""))
        for tag in tags
        if tag["key"].startswith(_OURS) and tag["key"] not in _CHANGING
    )
