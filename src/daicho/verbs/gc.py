"""Housekeeping: free what no kept result needs, on this machine and in the store. What would go is shown first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from daicho.errors import UsageError
from daicho.ledger import Launch, Ledger
from daicho.ledger import cache as local
from daicho.ledger.housekeeping import Stored, delete, due, finish, read_json, survey
from daicho.plan.prepare import Context, open_project
from daicho.record import Record

SCHEMA = "daicho.gc/1"
DAY = 24 * 3600.0
GRACE = 7 * DAY
"""Seconds for which a deleted run can be brought back, before its artifacts go for good."""

Needs = Callable[[Stored], Iterable[str]]


@dataclass(frozen=True)
class Going:
    """A run that goes. `size` is in bytes, `started` in seconds since the epoch."""

    run_id: str
    name: str
    pipeline: bool
    started: float
    size: int


@dataclass(frozen=True)
class Housekeeping:
    """What was freed, or would be.

    Attributes:
        done: Whether it was; False where it was only looked for.
        cache_bytes, cache_freed: The bytes of the local copy of what was fetched, and of what goes of it.
        cache_limit: How large it may be.
        keep_days: How old a pipeline run may become; None if the store was not looked at.
        going: The runs that are deleted: they can be brought back for a week.
        kept: How many runs stay.
        final: How many runs that were deleted a week ago go for good, with their artifacts.
        remote: Whether only who runs the server can do that (`mlflow gc`).
    """

    done: bool
    cache_bytes: int
    cache_freed: int
    cache_limit: int
    keep_days: int | None = None
    going: tuple[Going, ...] = ()
    kept: int = 0
    final: int = 0
    remote: bool = False

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to free."""
        return not (self.cache_freed or self.going or (self.final and not self.remote))

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        values = {name: value for name, value in asdict(self).items() if name != "going"}
        return {"schema": SCHEMA, **values, "going": [asdict(each) for each in self.going]}


def gc(
    *,
    keep_days: int | None = None,
    yes: bool = False,
    folder: str | Path = ".",
    config: str | Path | None = None,
) -> Housekeeping:
    """Free the local cache down to its limit and, if asked to, what old pipeline runs have left in the store.

    Kept are: pipeline runs of the last days and all that they ran or reused; what is running; what is pinned, tagged or
    noted; what a registered model came from; and everything that a kept result was made from. Results that wait to be
    recorded are never touched, nor is anything of another project.

    Args:
        keep_days: How many days of pipeline runs to keep; None to leave the store alone.
        yes: Whether to do it; otherwise it is only looked for.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        UsageError: If no day is to be kept.
        StoreError: If the store cannot be asked, or refuses.
    """
    if keep_days is not None and keep_days < 1:
        raise UsageError(
            "at least the pipeline runs of one day are kept", hints=("say --keep-days 1 or more",)
        )
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    return _carried_out(context, keep_days, yes)


def _carried_out(context: Context, keep_days: int | None, yes: bool) -> Housekeeping:
    entries = local.entries(context.project.folder / "cache")
    limit = context.settings.cache_size
    gone = local.to_go(entries, limit, time.time())
    going: tuple[Going, ...] = ()
    kept, final = 0, list[str]()
    if keep_days is not None:
        context.ledger.check()
        going, kept, final = _in_store(context, keep_days)
    if yes:
        local.remove(gone)
        delete(context.store, [each.run_id for each in going])
        if context.store.kind != "http":
            finish(context.store, final)
    return Housekeeping(
        done=yes,
        cache_bytes=sum(each.size for each in entries),
        cache_freed=sum(each.size for each in gone),
        cache_limit=limit,
        keep_days=keep_days,
        going=going,
        kept=kept,
        final=len(final),
        remote=context.store.kind == "http",
    )


def _in_store(context: Context, keep_days: int) -> tuple[tuple[Going, ...], int, list[str]]:
    if context.ledger.experiment_id() is None:
        return (), 0, []
    found = survey(context.store, context.name)
    keep = needed(found, since=time.time() - keep_days * DAY, needs=_Needs(context.ledger))
    going = tuple(
        Going(each.run_id, each.name, each.pipeline, each.started, each.size)
        for each in found
        if each.run_id not in keep
    )
    return going, len(found) - len(going), due(context.store, context.name, GRACE)


def needed(found: Iterable[Stored], *, since: float, needs: Needs) -> set[str]:
    """The ids of the runs that stay: those that are wanted by themselves, and all that they stand on.

    Args:
        found: All runs.
        since: What started at or after this moment is wanted.
        needs: Gives the runs that a run stands on by what is recorded of it.
    """
    runs = {each.run_id: each for each in found}
    below: dict[str, list[str]] = {}
    for each in runs.values():
        if each.parent is not None:
            below.setdefault(each.parent, []).append(each.run_id)
    whole = [each.run_id for each in runs.values() if each.started >= since or each.running or each.wanted]
    kept: set[str] = set()
    while whole:
        run_id = whole.pop()
        if run_id in kept or run_id not in runs:
            continue
        kept.add(run_id)
        run = runs[run_id]
        whole.extend(needs(run))
        if run.pipeline:
            whole.extend(below.get(run_id, ()))
    # A page needs the one above it, but not all that ran there; and the sources of others stay where they are.
    above = {runs[run_id].parent for run_id in kept} - {None}
    return kept | {each.run_id for each in runs.values() if each.holds or each.run_id in above}


@dataclass(frozen=True)
class _Needs:
    """What runs stand on, read from their artifacts."""

    ledger: Ledger

    def __call__(self, run: Stored) -> Iterable[str]:
        return self._pipeline(run) if run.pipeline else self._task(run)

    def _task(self, run: Stored) -> Iterable[str]:
        record = self.ledger.run(run.run_id)
        whole = self.ledger.details(record) if record is not None else None
        inputs = whole.inputs if isinstance(whole, Record) else ()
        return [each.run_id for each in inputs if each.run_id]

    def _pipeline(self, run: Stored) -> Iterable[str]:
        """What it ran and reused: at its end that is in one artifact, while it runs in its plan."""
        row = self.ledger.row(run.run_id)
        if row is None:
            return []
        launch = Launch.of(row)
        documents: list[Mapping[str, Any]] = [
            read_json(self.ledger.artifact(launch, f"daicho/{name}")) for name in ("tasks.json", "plan.json")
        ]
        tasks = [task for each in documents for task in each.get("tasks", ()) if isinstance(task, dict)]
        return [str(task["run_id"]) for task in tasks if task.get("run_id")]
