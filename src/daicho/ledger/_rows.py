"""What a reader of the store hands on: experiments and runs as plain rows, and what every reader can answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol


class Surprise(Exception):
    """A fast reader saw something that it does not know: MLflow's own client must be asked."""


@dataclass(frozen=True)
class Experiment:
    """A living experiment; `project` is what its tag says."""

    experiment_id: str
    name: str
    project: str | None


@dataclass(frozen=True)
class Mark:
    """A dataset that a run has as an input; its `profile` only where a question asks for it, or gets it anyhow."""

    name: str
    digest: str
    context: str | None
    profile: str | None = None


@dataclass(frozen=True)
class Row:
    """A run. Times are milliseconds since the epoch, 0 where there is none."""

    run_id: str
    experiment_id: str
    name: str
    status: str
    living: bool
    started: int
    ended: int
    artifact_uri: str
    tags: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)

    def marked(self, kind: str, digest: str | None = None) -> bool:
        """Whether it bears daicho's mark of that kind (of that short digest)."""
        return any(
            mark.name == kind and mark.context == kind and digest in (None, mark.digest)
            for mark in self.marks
        )


def with_mark(rows: Iterable[Row], kind: str, digests: Collection[str]) -> list[Row]:
    """Those that bear daicho's mark of that kind with one of these short digests."""
    wanted = set(digests)
    return [
        row
        for row in rows
        if any(mark.digest in wanted and row.marked(kind, mark.digest) for mark in row.marks)
    ]


class Reader(Protocol):
    """The few questions that daicho asks a store. Each may raise `Surprise` or a `StoreError`."""

    def experiments(self) -> list[Experiment]:
        """All living experiments."""

    def marked(self, experiments: Sequence[str], kind: str, digests: Collection[str]) -> list[Row]:
        """Living runs of these experiments with daicho's mark of that kind and one of these short digests."""

    def latest(
        self, experiments: Sequence[str], kind: str, digests: Collection[str], limit: int
    ) -> list[Row]:
        """The same as `marked` for a few digests, with the marks' profiles: the newest first, so many at most."""

    def newest(
        self, experiments: Sequence[str], tag: str, value: str, *, kind: str | None, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag has that value (and that bear a mark), the newest first."""

    def like(
        self, experiments: Sequence[str], attribute: Literal["run_id", "run_name"], pattern: str, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose id or name fits a pattern of SQL's LIKE, the newest first."""

    def holding(
        self, experiments: Sequence[str], tag: str, pattern: str, *, since: int, limit: int
    ) -> list[Row]:
        """Living runs of these experiments that began at that time (ms) or later and whose tag fits a pattern of LIKE.

        The newest first, each with its parameters, metrics and all tags.
        """

    def reading(self, experiments: Sequence[str], digest: str) -> list[Row]:
        """Living runs of these experiments that read something with this short digest of an input."""

    def run(self, run_id: str) -> Row | None:
        """One run by its id, with parameters, metrics and all tags, deleted or not; None if there is none."""

    def runs(self, experiments: Sequence[str], run_ids: Collection[str]) -> list[Row]:
        """Living runs of these experiments by id, with their metrics."""

    def download(self, uri: str, name: str, target: Path) -> bool:
        """Bring one artifact of a run with this artifact address here; whether it was there."""

    def close(self) -> None:
        """Let go of connections."""
