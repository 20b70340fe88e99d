"""What is compared: a run with the records of all its tasks, or the project as it lies there now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from daicho.errors import UsageError
from daicho.fingerprint.executed import digest_now
from daicho.ledger import Ledger, history, named
from daicho.plan.prepare import Context, Prepared, prepare
from daicho.plan.snapshots import Snapshots
from daicho.provenance import read_environment, read_git, read_machine
from daicho.record import Record

WORK_TREE = "the work tree"
SEEN = "code:"
"""How the names of code begin that a task was seen to run, in its record's `extra`."""


@dataclass(frozen=True)
class Part:
    """A task of a side: its record (of the work tree: what is known before it runs), and what its run measured."""

    record: Record
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """One of the things that are compared.

    Attributes:
        name: What people call it.
        run_id: Its run; None for the work tree.
        target: What was asked for, or the task.
        started: Seconds since the epoch; 0 for the work tree.
        user: Who made it.
        commit, dirty: Where its code comes from.
        parts: Its tasks, each before those that read it.
        root: The folder of the work tree; None for a run, whose files are in a snapshot.
    """

    name: str
    run_id: str | None
    target: str
    started: float = 0.0
    user: str = ""
    commit: str | None = None
    dirty: bool = False
    parts: tuple[Part, ...] = ()
    root: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Who and what it is, as JSON takes it."""
        return {
            "name": self.name,
            "run_id": self.run_id,
            "target": self.target,
            "started": self.started,
            "user": self.user,
            "commit": self.commit,
            "dirty": self.dirty,
            "tasks": [part.record.task for part in self.parts],
        }


class Files:
    """Source files as each side has them."""

    def __init__(self, ledger: Ledger) -> None:
        self._snapshots = Snapshots(ledger)

    def of(self, side: Side, record: Record) -> Mapping[str, bytes]:
        """The files that a task of a side was made from, or would be: by name, as far as they are known."""
        return self._snapshots.of(record) if side.root is None else _Tree(side.root)


class _Tree(Mapping[str, bytes]):
    """The files below a folder, read when they are asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __getitem__(self, name: str) -> bytes:
        try:
            return (self._root / name).read_bytes()
        except OSError as error:
            raise KeyError(name) from error

    def __iter__(self) -> Iterator[str]:
        return (path.relative_to(self._root).as_posix() for path in self._root.rglob("*.py"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return (self._root / str(name)).is_file()


def side_of(ledger: Ledger, what: str, here: Path) -> Side:
    """A run by what a person calls it, with the records of all its tasks: its own and those that it stands on.

    Raises:
        NotFoundError: If there is no such run, or several.
        StoreError: If the store cannot be asked.
    """
    found = named.find(ledger, what, here=here)
    if found.record is None and found.pipeline is not None:
        return _of_pipeline(ledger, found.pipeline.run_id)
    assert found.record is not None
    record = history.whole(ledger, found.record)
    return _of_record(ledger, record, found.pipeline.name if found.pipeline is not None else None)


def _of_pipeline(ledger: Ledger, run_id: str) -> Side:
    entry = history.entry(ledger, run_id)
    assert entry is not None
    ids = [member.run_id for member in history.members(ledger, entry.launch) if member.run_id]
    launch = entry.launch
    return Side(
        _short(launch.name),
        run_id,
        entry.target,
        launch.started,
        launch.user,
        entry.commit,
        entry.dirty,
        _parts(ledger, history.records(ledger, ids)),
    )


def _of_record(ledger: Ledger, record: Record, pipeline: str | None) -> Side:
    parent = record.provenance.get("pipeline")
    launch = ledger.pipeline(parent) if pipeline is None and isinstance(parent, str) else None
    name = pipeline or (launch.name if launch is not None else None)
    run_id = str(record.run_id)
    git = record.provenance.get("git") or {}
    below = history.lineage(ledger, record)
    return Side(
        f"{_short(name)}/{record.task}" if name else f"{record.task} {run_id[:8]}",
        run_id,
        record.task,
        record.started,
        str(record.provenance.get("user") or ""),
        git.get("commit"),
        bool(git.get("dirty")),
        _parts(ledger, {**dict(reversed(below.items())), run_id: record}),
    )


def _parts(ledger: Ledger, records: Mapping[str, Record]) -> tuple[Part, ...]:
    metrics = ledger.metrics(records)
    return tuple(Part(record, metrics.get(run_id, {})) for run_id, record in records.items())


def work_tree(context: Context, like: Side) -> Side:
    """The project as it is now, for the task or the target of a run: what a run would be made from.

    Outputs and metrics are those of results that a run would reuse; what would run has none yet.

    Raises:
        UsageError: If the project, its configuration or the task is wrong, or there is no such task any more.
        StoreError: If the store cannot be asked.
    """
    targets = [name.strip() for name in like.target.split(",") if name.strip()]
    if not targets:
        raise UsageError(
            f"it is not known what `{like.name}` was asked for, so there is nothing to compare it with"
        )
    found: dict[str, Part] = {}
    for target in targets:
        prepared = prepare(context, target)
        found.update(_planned(prepared, like))
        prepared.digests.save()
    git = read_git(context.root)
    return Side(
        WORK_TREE,
        None,
        like.target,
        user=read_machine().user,
        commit=git.commit,
        dirty=git.dirty,
        parts=tuple(found.values()),
        root=context.root,
    )


def _planned(prepared: Prepared, like: Side) -> Iterator[tuple[str, Part]]:
    plan = prepared.planner.plan()
    ledger, root = prepared.context.ledger, prepared.context.root
    here = {"environment": read_environment(root).to_json(), "machine": read_machine().to_json()}
    reused = {task_id: each.record for task_id, each in plan if each.verdict == "reuse" and each.record}
    metrics = ledger.metrics([record.run_id for record in reused.values() if record.run_id is not None])
    for task_id, node in plan.graph.nodes.items():
        if node.kind != "task":
            continue
        draft = replace(prepared.planner.draft(task_id), extra=_seen_now(prepared, node.family, like))
        record = reused.get(task_id)
        if record is not None:
            draft = replace(
                draft, outputs=record.outputs, run_id=record.run_id, artifact_uri=record.artifact_uri
            )
        yield task_id, Part(replace(draft, provenance=here), metrics.get(draft.run_id or "", {}))


def _seen_now(prepared: Prepared, family: str, like: Side) -> dict[str, str]:
    """What the code that tasks of a family were seen to run has become."""
    seen = {
        name
        for part in like.parts
        if part.record.task == family
        for name in part.record.extra
        if name.startswith(SEEN)
    }
    return {name: digest_now(prepared.reader, name) or "" for name in sorted(seen)}


def _short(name: str) -> str:
    return name.rpartition(" ")[2]
