"""What a project has in its store, and how what nobody needs leaves it: by MLflow's own deletion, in two steps.

Deleted runs can be brought back, and a launch that has just chosen one can still read it. What is final comes later,
when it was deleted long enough ago, and only where this machine reaches the database itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from daicho.errors import StoreError
from daicho.ledger import _compact
from daicho.ledger import _marks as marks
from daicho.ledger._client import row_of
from daicho.ledger._errors import explained
from daicho.ledger._first import opened
from daicho.ledger._launches import Marks
from daicho.ledger._rows import Row
from daicho.ledger.store import Store

DELETED = "daicho.gc"
_PAGE = 1_000
_GC = """
import os, sys
from mlflow.cli import gc
gc(["--backend-store-uri", os.environ["MLFLOW_TRACKING_URI"], *sys.argv[1:]])
"""
"""The command `mlflow gc`, with the address from the environment: other users of the machine see arguments."""
_HELD = (marks.SNAPSHOT, marks.KEPT, marks.KEPT_FOLDER)


@dataclass(frozen=True)
class Stored:
    """A run of this project.

    Attributes:
        run_id: Its id.
        name: A pipeline run's name, a task's family.
        pipeline: Whether it is a pipeline run.
        parent: The pipeline run above it.
        started: Seconds since the epoch.
        running: Whether MLflow takes it for running.
        size: The bytes of its outputs, as recorded.
        wanted: Why it is to be kept by itself; empty if for no reason.
        holds: Whether it holds sources that other runs may stand on.
    """

    run_id: str
    name: str
    pipeline: bool
    parent: str | None
    started: float
    running: bool
    size: int
    wanted: str = ""
    holds: bool = False


def survey(store: Store, project: str) -> list[Stored]:
    """All living runs that daicho made for a project, the oldest first; somebody's own are left out.

    Raises:
        StoreError: If the store cannot be asked.
    """
    with explained(store):
        client = opened(store)
        models = {version.run_id for version in _pages(client.search_model_versions)}
        rows = [row_of(run) for run in _runs(client, project, deleted=False)]
    return sorted((_stored(row, models) for row in rows), key=lambda each: each.started)


def delete(store: Store, run_ids: Collection[str]) -> None:
    """Delete runs as MLflow's page does: they can be brought back, and their artifacts are still there.

    Raises:
        StoreError: If the store refuses.
    """
    if not run_ids:
        return
    with explained(store):
        client = opened(store)
        for run_id in run_ids:
            client.set_tag(run_id, DELETED, str(int(time.time())))
            client.delete_run(run_id)


def due(store: Store, project: str, grace: float) -> list[str]:
    """The runs of a project that `delete` has deleted at least `grace` seconds ago.

    Raises:
        StoreError: If the store cannot be asked.
    """
    with explained(store):
        found = list(_runs(opened(store), project, deleted=True))
    limit = time.time() - grace
    return [run.info.run_id for run in found if float(run.data.tags.get(DELETED, "inf")) <= limit]


def finish(store: Store, run_ids: Collection[str]) -> None:
    """Delete runs for good, with their artifacts: by `mlflow gc`, since MLflow has no other way.

    Raises:
        StoreError: If it fails.
    """
    environment = {**os.environ, "MLFLOW_TRACKING_URI": store.uri, "PYTHONSAFEPATH": "1"}
    for some in _portions(list(run_ids), 200):
        done = subprocess.run(
            [sys.executable, "-c", _GC, "--run-ids", ",".join(some)],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise StoreError(f"`mlflow gc` failed on `{store}`: {last[:300]}")


def _stored(row: Row, models: Collection[str]) -> Stored:
    pipeline = marks.TARGET in row.tags
    said = Marks.of(row)
    wanted = "pinned" if said.pinned else "noted" if said.notes else ""
    if marks.PROCESS not in row.tags:
        wanted = "somebody's own"
    elif row.run_id in models:
        wanted = "a registered model"
    elif not wanted and pipeline and said.tags:
        wanted = "tagged"
    return Stored(
        run_id=row.run_id,
        name=row.name if pipeline else row.tags.get(marks.TASK, ""),
        pipeline=pipeline,
        parent=row.tags.get(marks.PARENT),
        started=row.started / 1000,
        running=row.status == "RUNNING",
        size=_size(row),
        wanted=wanted,
        holds=any(row.marked(kind) for kind in _HELD),
    )


def _size(row: Row) -> int:
    try:
        record = _compact.decode(row)
    except (TypeError, ValueError, KeyError):
        return 0
    return 0 if record is None or isinstance(record, str) else sum(each.size for each in record.outputs)


def _runs(client: Any, project: str, *, deleted: bool) -> Iterator[Any]:
    from mlflow.entities import ViewType

    ours = [each for each in _pages(client.search_experiments) if each.tags.get(marks.PROJECT) == project]
    kind = ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY
    ids = [each.experiment_id for each in ours]
    if not ids:
        return
    for run in _pages(client.search_runs, experiment_ids=ids, run_view_type=kind):
        if marks.TASK in run.data.tags or marks.TARGET in run.data.tags:
            yield run


def _pages(ask: Any, **details: Any) -> Iterator[Any]:
    token = None
    while True:
        page = ask(max_results=_PAGE, page_token=token, **details)
        yield from page
        token = page.token
        if not token:
            return


def _portions(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def read_json(data: bytes | None) -> dict[str, Any]:
    """A JSON artifact of a run; an empty one where it is not there or damaged."""
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
