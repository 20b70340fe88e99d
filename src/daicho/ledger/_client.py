"""The reader of every other store, and the way out for the fast readers: MLflow's own client."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from daicho.ledger import _filters as filters
from daicho.ledger._errors import explained
from daicho.ledger._first import opened
from daicho.ledger._marks import CONTEXT, PROJECT
from daicho.ledger._rows import Experiment, Mark, Row, Surprise, with_mark
from daicho.ledger.store import Store

_PAGE = 1_000


class ClientReader:
    """Answers through `MlflowClient`, which is imported at the first question."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: Any = None

    def close(self) -> None:
        """Let go of the client."""
        self._made = None

    @property
    def client(self) -> Any:
        """MLflow's client.

        Raises:
            StoreError: If the store cannot be opened.
        """
        if self._made is None:
            with explained(self._store):
                self._made = opened(self._store)
        return self._made

    def experiments(self) -> list[Experiment]:
        """All living experiments."""
        found = []
        with explained(self._store):
            token = None
            while True:
                page = self.client.search_experiments(max_results=_PAGE, page_token=token)
                found += [Experiment(item.experiment_id, item.name, item.tags.get(PROJECT)) for item in page]
                token = page.token
                if not token:
                    return found

    def marked(self, experiments: Sequence[str], kind: str, digests: Collection[str]) -> list[Row]:
        """Living runs of these experiments with daicho's mark of that kind and one of these short digests."""
        rows = [
            row for text in filters.digests(digests) for row in self._search(experiments, text, filters.MOST)
        ]
        return with_mark(rows, kind, digests)

    def latest(
        self, experiments: Sequence[str], kind: str, digests: Collection[str], limit: int
    ) -> list[Row]:
        """The newest living runs of these experiments with daicho's mark of that kind and one of a few digests."""
        rows = [row for text in filters.digests(digests) for row in self._search(experiments, text, limit)]
        return with_mark(rows, kind, digests)

    def newest(
        self, experiments: Sequence[str], tag: str, value: str, *, kind: str | None, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag has that value (and that bear a mark), the newest first."""
        return list(self._search(experiments, filters.tagged(tag, value, kind), limit))

    def like(
        self, experiments: Sequence[str], attribute: Literal["run_id", "run_name"], pattern: str, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose id or name fits a pattern of SQL's LIKE, the newest first."""
        return list(self._search(experiments, filters.like(attribute, pattern), limit))

    def holding(
        self, experiments: Sequence[str], tag: str, pattern: str, *, since: int, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag fits a pattern of SQL's LIKE, with all that is known of each."""
        return list(self._search(experiments, filters.holding(tag, pattern, since), limit))

    def reading(self, experiments: Sequence[str], digest: str) -> list[Row]:
        """Living runs of these experiments that read something with this short digest of an input."""
        return [
            row for text in filters.digests([digest]) for row in self._search(experiments, text, filters.MOST)
        ]

    def run(self, run_id: str) -> Row | None:
        """One run by its id, with parameters, metrics and all tags, deleted or not; None if there is none."""
        with explained(self._store):
            try:
                return row_of(self.client.get_run(run_id))
            except Exception as error:
                if getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
                    return None
                raise

    def runs(self, experiments: Sequence[str], run_ids: Collection[str]) -> list[Row]:
        """Living runs of these experiments by id, with their metrics."""
        return [
            row for text in filters.run_ids(run_ids) for row in self._search(experiments, text, filters.MOST)
        ]

    def download(self, uri: str, name: str, target: Path) -> bool:
        """Artifacts are not for this reader to fetch."""
        raise Surprise("artifacts that only MLflow's client can fetch")

    def _search(self, experiments: Sequence[str], text: str, limit: int) -> Iterator[Row]:
        with explained(self._store):
            page = self.client.search_runs(list(experiments), filter_string=text, max_results=limit)
        yield from map(row_of, page)


def row_of(run: Any) -> Row:
    """A run of MLflow's client as a row."""
    return Row(
        run_id=run.info.run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name or "",
        status=run.info.status,
        living=run.info.lifecycle_stage == "active",
        started=run.info.start_time or 0,
        ended=run.info.end_time or 0,
        artifact_uri=run.info.artifact_uri or "",
        tags=dict(run.data.tags),
        marks=tuple(_mark(item) for item in run.inputs.dataset_inputs) if run.inputs else (),
        metrics=dict(run.data.metrics),
        params=dict(run.data.params),
    )


def _mark(item: Any) -> Mark:
    context = next((tag.value for tag in item.tags if tag.key == CONTEXT), None)
    return Mark(item.dataset.name, item.dataset.digest, context, item.dataset.profile)
