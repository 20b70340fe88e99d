"""The memory, as it is read: which records there are, what is known of them, and where their bytes lie.

Two questions must be fast, for they are asked each time: which keys have a result, and is there an equal launch.
SQLite and HTTP answer them without MLflow; whatever the fast readers do not know is asked through MLflow's client.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Literal, TypeVar

from daicho.digest import of_bytes, of_file
from daicho.errors import CorruptError, NotFoundError
from daicho.ledger import _artifacts, _check, _compact
from daicho.ledger import _marks as marks
from daicho.ledger._artifacts import State
from daicho.ledger._client import ClientReader
from daicho.ledger._errors import explained
from daicho.ledger._experiments import Experiments
from daicho.ledger._fetch import Fetcher
from daicho.ledger._launches import Launch
from daicho.ledger._readers import fast
from daicho.ledger._rows import Reader, Row, Surprise
from daicho.ledger._trails import Trail
from daicho.ledger.store import Store
from daicho.ledger.withdrawal import Withdrawal
from daicho.record import OutputRecord, Record

T = TypeVar("T")
_RUN_ID = re.compile(r"[0-9a-f]{6,32}")
_MANY = 50_000
Name = Literal["run_id", "run_name"]


class Ledger:
    """The records of one project in one store.

    Args:
        store: Where they are.
        project: The project whose experiments count (those with its tag).
        experiment: The experiment that new runs go to; it counts in any case.
        share: Names of further projects or experiments that count; `*` is all of them.
        cache: A folder for what was fetched from elsewhere, by content; it may be deleted at any time.
    """

    def __init__(
        self, store: Store, *, project: str, experiment: str, share: tuple[str, ...] = (), cache: Path
    ) -> None:
        self.store = store
        self._known = Experiments(experiment, project, frozenset(share), near=store.kind == "sqlite")
        self._client = ClientReader(store)
        self._reader: Reader = fast(store) or self._client
        self._fetcher = Fetcher(store, self._reader, self._client, cache)
        self._withdrawn: dict[str, Withdrawal] = {}

    def check(self) -> None:
        """See within seconds that the store can be used. One that does not exist yet can be.

        Raises:
            StoreUnreachableError: If it does not answer.
            StoreError: If it cannot be used: no permission, another version of MLflow, not a store at all.
        """
        if self.store.kind == "sqlite":
            _check.sqlite_file(self.store)
        elif self.store.kind == "other":
            _check.address(self.store)
        if self._exists():
            self._ask(lambda reader: self._known.all(reader, anew=True))

    def find(self, keys: Collection[str]) -> dict[str, list[Record]]:
        """The records of these keys that count, the earliest first; keys without one are left out.

        What counts: it bears the mark, its whole key is equal, its run is neither deleted nor withdrawn, and no
        other marked run says that it supersedes it. The records are light: outputs, `extra`, and where they are.

        Raises:
            StoreError: If the store cannot be asked.
        """
        asked = frozenset(keys)
        rows = self._marked(marks.RESULT, {marks.short(key) for key in asked})
        superseded = {run for row in rows for run in row.tags.get(marks.SUPERSEDES, "").split()}
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.started, row.run_id)):
            key = row.tags.get(marks.KEY, "")
            if key in asked and row.run_id not in superseded and row.marked(marks.RESULT, marks.short(key)):
                withdrawal = Withdrawal.of(row.tags)
                if withdrawal is None:
                    found[key].extend(self._records([row]))
                else:
                    self._withdrawn[key] = withdrawal
        return {key: records for key, records in found.items() if records}

    def withdrawn(self, key: str) -> Withdrawal | None:
        """Who withdrew the newest withdrawn result of a key, and why, as `find` saw it when it was last asked."""
        return self._withdrawn.get(key)

    def newest(self, task: str, limit: int = 20) -> list[Record]:
        """The newest records of a task's family, the newest first, whatever their keys. Light ones.

        Withdrawn ones are among them: `provenance["forgotten"]` says so.

        Raises:
            StoreError: If the store cannot be asked.
        """
        rows = self._newest(marks.TASK, task, marks.RESULT, limit)
        return self._records(row for row in rows if row.marked(marks.RESULT))

    def holds(self, record: Record) -> bool:
        """Whether this very execution is recorded, withdrawn or not: of its key, and ended when it did."""
        rows = self._marked(marks.RESULT, [marks.short(record.key)]) if record.key is not None else []
        return any(row.ended == int(record.ended * 1000) for row in rows)

    def attempts(self, task: str, limit: int = 20) -> list[Record]:
        """The newest runs of a task's family, failed ones too (light, without outputs), the newest first."""
        return self._tasks(self._newest(marks.TASK, task, None, limit))

    def details(self, record: Record) -> Record | None:
        """The whole record, from its JSON artifact; None if that is gone or cannot be read.

        Raises:
            StoreError: If the store cannot be asked.
        """
        data = self.artifact(record, marks.RECORD_FILE)
        try:
            return None if data is None else Record.from_json(json.loads(data))
        except (TypeError, ValueError, KeyError):
            return None

    def artifact(self, run: Record | Launch, name: str) -> bytes | None:
        """The bytes of any artifact of a run, `daicho/log.txt` for example; None if it is not there.

        Raises:
            StoreError: If the store cannot be asked.
        """
        return self._fetcher.bytes_of(run.run_id or "", run.artifact_uri or "", name)

    def launch(self, digest: str) -> Launch | None:
        """The newest living pipeline run that is marked as an equal launch which has nothing left to do.

        Raises:
            StoreError: If the store cannot be asked.
        """
        return self._holder(marks.LAUNCH, digest)

    def launched(self, digests: Collection[str], limit: int) -> list[Trail]:
        """What launches have left that are done, alive, and marked with one of some digests: the newest first.

        Args:
            digests: A few of those that `daicho.plan.deep` gives for a graph.
            limit: How many launches at most.

        Raises:
            StoreError: If the store cannot be asked.
        """
        short = [marks.short(each) for each in digests]

        def question(reader: Reader) -> list[Row]:
            return reader.latest(self._experiments(reader), marks.DEEP, short, limit)

        return [Trail.of(row) for row in self._ask(question)] if self._exists() else []

    def snapshot(self, digest: str) -> Launch | None:
        """The pipeline run whose artifact `daicho/snapshot.zip` holds the sources of a tree digest.

        Raises:
            StoreError: If the store cannot be asked.
        """
        return self._holder(marks.SNAPSHOT, digest)

    def pipeline(self, name_or_id: str) -> Launch | None:
        """A pipeline run by its id or the first six or more digits of it, its name, or the second half of that.

        Where several have that name it is the newest.

        Raises:
            NotFoundError: If an id's first digits fit several runs.
            StoreError: If the store cannot be asked.
        """
        if _RUN_ID.fullmatch(name_or_id):
            rows = [row for row in self._like("run_id", f"{name_or_id}%") if marks.TARGET in row.tags]
            if len(rows) > 1:
                raise NotFoundError(
                    f"several runs begin with `{name_or_id}`",
                    hints=("give more of the id: " + ", ".join(row.run_id[:12] for row in rows[:5]),),
                )
            if rows:
                return Launch.of(rows[0])
        rows = self._like("run_name", f"%{name_or_id}")
        fits = [
            row
            for row in rows
            if marks.TARGET in row.tags and (row.name == name_or_id or row.name.endswith(f" {name_or_id}"))
        ]
        return Launch.of(fits[0]) if fits else None

    def tasks_of(self, run_id: str) -> list[Record]:
        """The tasks that ran below a pipeline run, the earliest first, failed ones too (light, without outputs).

        `provenance["status"]` is MLflow's status, `provenance["marked"]` whether the result counts.

        Raises:
            StoreError: If the store cannot be asked.
        """
        rows = self._newest(marks.PARENT, run_id, None, _MANY)
        return self._tasks(row for row in reversed(rows) if marks.TASK in row.tags)

    def run(self, run_id: str) -> Record | None:
        """The record of one living task run by its id (light); None if it is none of ours, deleted or gone.

        Raises:
            StoreError: If the store cannot be asked.
        """
        row = self.row(run_id)
        return None if row is None else self._record(row)

    def task_runs(self, first_digits: str) -> list[Record]:
        """The living task runs whose ids begin so, also failed ones and those of other projects (light).

        Raises:
            StoreError: If the store cannot be asked.
        """
        rows = self._like("run_id", f"{first_digits}%", everywhere=True)
        return self._tasks(row for row in rows if marks.TASK in row.tags)

    def project_of(self, experiment_id: str) -> str | None:
        """The project that an experiment belongs to; None if it has none.

        Raises:
            StoreError: If the store cannot be asked.
        """
        if not self._exists():
            return None
        return self._ask(lambda reader: self._known.project_of(reader, experiment_id))

    def metrics(self, run_ids: Collection[str]) -> dict[str, dict[str, float]]:
        """The newest value of each metric, by run and name, in one question for many.

        Raises:
            StoreError: If the store cannot be asked.
        """
        return {run_id: dict(row.metrics) for run_id, row in self.rows(run_ids).items()}

    def row(self, run_id: str) -> Row | None:
        """One living run by its id, with its metrics: cheaper than asking for many.

        Raises:
            StoreError: If the store cannot be asked.
        """
        row = self._ask(lambda reader: reader.run(run_id)) if self._exists() else None
        return row if row is not None and row.living else None

    def rows(self, run_ids: Collection[str]) -> dict[str, Row]:
        """Living runs by id, with their metrics, in one question for many.

        Raises:
            StoreError: If the store cannot be asked.
        """
        if not run_ids or not self._exists():
            return {}
        rows = self._ask(lambda reader: reader.runs(self._experiments(reader, everywhere=True), run_ids))
        return {row.run_id: row for row in rows}

    def experiment_id(self) -> str | None:
        """The id of the experiment that new runs go to; None if there is none yet.

        Raises:
            StoreError: If the store cannot be asked.
        """
        return self._ask(self._known.id) if self._exists() else None

    def state(self, record: Record) -> State:
        """What a look at the file system says of a record's outputs; always `ok` for what lies elsewhere."""
        states = {_state(self.path(record, output), output) for output in record.outputs}
        return "missing" if "missing" in states else "changed" if "changed" in states else "ok"

    def path(self, record: Record, output: OutputRecord) -> Path | None:
        """Where an output's bytes belong on this machine, whether or not they are there; None if elsewhere."""
        folder = _artifacts.local(record.artifact_uri or "", self.store)
        return None if folder is None else folder / output.name

    def is_here(self, record: Record, output: OutputRecord) -> bool:
        """Whether an output can be had without fetching it: the store is on this machine, or it was fetched before."""
        return self.path(record, output) is not None or self._fetcher.has(output)

    def fetch(self, record: Record, output: OutputRecord, digest_of: Callable[[Path], str] = of_file) -> Path:
        """An output's bytes on this machine, verified: in place, or brought into the cache.

        Args:
            record: The record that holds it.
            output: Which output.
            digest_of: What gives a file's digest; one that remembers may take its place.

        Raises:
            CorruptError: If the bytes are not there, or are not those that were recorded.
            StoreError: If the store cannot be asked.
        """
        place = self.path(record, output)
        if place is None:
            return self._fetcher.cached(record, output, digest_of)
        actual = _artifacts.digest(place, output.folder, digest_of)
        if actual != output.digest:
            raise _corrupt(record, output, place, actual)
        return place

    def verify(
        self, record: Record, output: OutputRecord, digest_of: Callable[[Path], str] = of_file
    ) -> State:
        """Whether what lies in the store is what was recorded, byte by byte; fetches what lies elsewhere anew.

        Raises:
            StoreError: If the store cannot be asked.
        """
        place = self.path(record, output)
        if place is None:
            return self._fetcher.verify(record, output, digest_of)
        actual = _artifacts.digest(place, output.folder, digest_of)
        return "ok" if actual == output.digest else "changed" if place.exists() else "missing"

    def close(self) -> None:
        """Let go of connections; the next question opens them again."""
        self._reader.close()
        self._client.close()

    def _exists(self) -> bool:
        # Looking must not make a store: an empty file is one that MLflow would fill.
        with explained(self.store):
            return not self.store.new

    def _ask(self, question: Callable[[Reader], T]) -> T:
        try:
            return question(self._reader)
        except Surprise:
            self._reader = self._client
            return question(self._client)

    def _experiments(self, reader: Reader, *, everywhere: bool = False) -> list[str]:
        return self._known.counting(reader, everywhere=everywhere)

    def _marked(self, kind: str, digests: Collection[str]) -> list[Row]:
        if not digests or not self._exists():
            return []
        return self._ask(lambda reader: reader.marked(self._experiments(reader), kind, digests))

    def _newest(self, tag: str, value: str, kind: str | None, limit: int) -> list[Row]:
        if not self._exists():
            return []
        return self._ask(
            lambda reader: reader.newest(self._experiments(reader), tag, value, kind=kind, limit=limit)
        )

    def _like(self, attribute: Name, pattern: str, *, everywhere: bool = False) -> list[Row]:
        def question(reader: Reader) -> list[Row]:
            return reader.like(self._experiments(reader, everywhere=everywhere), attribute, pattern, _MANY)

        return self._ask(question) if self._exists() else []

    def _holder(self, kind: str, digest: str) -> Launch | None:
        rows = self._marked(kind, [marks.short(digest)])
        whole = [row for row in rows if row.tags.get(kind) == digest]
        return Launch.of(max(whole, key=lambda row: (row.started, row.run_id))) if whole else None

    def _records(self, rows: Iterable[Row]) -> list[Record]:
        return [record for record in map(self._record, rows) if record is not None]

    def _tasks(self, rows: Iterable[Row]) -> list[Record]:
        return [
            record for row in rows for record in self._records([row]) or [_compact.light(row, (), {}, {})]
        ]

    def _record(self, row: Row) -> Record | None:
        known = _compact.decode(row)
        if not isinstance(known, str):
            return known
        data = self._fetcher.bytes_of(row.run_id, row.artifact_uri, marks.RECORD_FILE)
        if data is None or of_bytes(data) != known:
            return None
        return _compact.from_document(row, Record.from_json(json.loads(data)))


def _state(place: Path | None, output: OutputRecord) -> State:
    return "ok" if place is None else _artifacts.state(place, output)


def _corrupt(record: Record, output: OutputRecord, place: Path, actual: str | None) -> CorruptError:
    what = "is not there" if actual is None else f"has the digest {actual[:12]}, not {output.digest[:12]}"
    return CorruptError(
        f"`{output.name}` of {record.task}, recorded in run {record.run_id}, {what}: `{place}`",
        hints=("the next run computes it anew",),
    )
