"""The reader of an SQLite store: plain `sqlite3`, read only, and only where the schema is one that is known.

It takes 20 ms where MLflow's client takes seconds to import. Whatever it does not expect is a `Surprise`.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from daicho.errors import StoreError
from daicho.ledger._marks import CONTEXT, NOTE, PROJECT, READ
from daicho.ledger._rows import Experiment, Mark, Row, Surprise, with_mark

KNOWN_SCHEMAS = frozenset({"dc11669786a5"})
"""The heads of MLflow's migrations that the queries below were written for (MLflow 3.17)."""

_BATCH = 400
_RUN = "r.run_uuid, r.experiment_id, r.name, r.status, r.start_time, r.end_time, r.artifact_uri"
_MARKED = (
    "SELECT i.destination_id FROM datasets d JOIN inputs i ON i.source_type='DATASET'"
    " AND i.source_id=d.dataset_uuid AND i.destination_type='RUN'"
)
_NEWEST = "ORDER BY r.start_time DESC, r.run_uuid LIMIT ?"


def connect(database: Path) -> sqlite3.Connection:
    """Open a database file for reading alone; waits a little where somebody writes.

    Raises:
        StoreError: If it is in WAL mode, and the files that this needs cannot be made.
        sqlite3.Error: If it is not there or cannot be opened.
    """
    connection = connected(database, "ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if _lacks_log(database, str(error)):
            raise _no_log(database) from error
        if "readonly" not in str(error):
            raise
        # A writer was killed between two pages: what it had begun is taken back, which takes the right to write.
        with closing(connected(database, "rw")) as other:
            other.execute("SELECT 1 FROM sqlite_master").fetchone()
        return connected(database, "ro")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connected(database: Path, mode: Literal["ro", "rw"], patience: float = 20) -> sqlite3.Connection:
    """A connection to a database file that is there; `patience` is seconds for others to let go of it."""
    address = f"file:{quote(str(database))}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)


def _lacks_log(database: Path, said: str) -> bool:
    """Whether it cannot be read because in WAL mode even readers need files beside it, which cannot be made.

    It must not be looked into: whoever closes a file that SQLite has open in the same process takes its locks away.
    """
    helpless = "readonly" in said or "unable to open" in said
    return (
        helpless
        and os.access(database, os.R_OK, effective_ids=True)
        and not os.access(database.parent, os.W_OK, effective_ids=True)
        and not os.path.exists(f"{database}-journal")
    )


def _no_log(database: Path) -> StoreError:
    name, back = database.name, 'sqlite3 {} "PRAGMA journal_mode=delete"'
    return StoreError(
        f"`{database}` cannot be read: it seems to be in SQLite's WAL mode, for which there must be"
        f" `{name}-wal` and `{name}-shm`, and its folder cannot be written to",
        hints=(f"where it can be written to, take it out of that mode: {back.format(name)}",),
    )


def schema(connection: sqlite3.Connection) -> str | None:
    """The version of the schema, or None where MLflow never made one.

    Raises:
        sqlite3.Error: If the file is not a database, or cannot be read.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if "alembic_version" not in tables:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


class SQLiteReader:
    """Answers from the database file."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def experiments(self) -> list[Experiment]:
        """All living experiments."""
        rows = self._ask(
            "SELECT e.experiment_id, e.name, t.value FROM experiments e LEFT JOIN experiment_tags t"
            " ON t.experiment_id=e.experiment_id AND t.key=? WHERE e.lifecycle_stage='active'",
            [PROJECT],
        )
        return [Experiment(str(number), name, project) for number, name, project in rows]

    def marked(self, experiments: Sequence[str], kind: str, digests: Collection[str]) -> list[Row]:
        """Living runs of these experiments with daicho's mark of that kind and one of these short digests."""
        found: dict[str, Any] = {}
        for some in _batches(sorted(set(digests))):
            found.update((row[0], row) for row in self._ask(*_bearing(experiments, kind, some)))
        whole = self._whole(found.values())
        return [row for row in whole if any(row.marked(kind, mark.digest) for mark in row.marks)]

    def latest(
        self, experiments: Sequence[str], kind: str, digests: Collection[str], limit: int
    ) -> list[Row]:
        """The newest living runs of these experiments with daicho's mark of that kind and one of a few digests."""
        question, values = _bearing(experiments, kind, list(digests))
        rows = self._whole(self._ask(f"{question} {_NEWEST}", [*values, limit]), profiles=True)
        return with_mark(rows, kind, digests)

    def newest(
        self, experiments: Sequence[str], tag: str, value: str, *, kind: str | None, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag has that value (and that bear a mark), the newest first."""
        marked = "" if kind is None else f" AND r.run_uuid IN ({_MARKED} WHERE d.name=?)"
        rows = self._ask(
            f"SELECT {_RUN} FROM runs r JOIN tags t ON t.run_uuid=r.run_uuid AND t.key=? AND t.value=?"
            f" WHERE r.lifecycle_stage='active' AND r.experiment_id IN ({_marks(experiments)}){marked} {_NEWEST}",
            [tag, value, *_numbers(experiments), *([] if kind is None else [kind]), limit],
        )
        return self._whole(rows)

    def like(
        self, experiments: Sequence[str], attribute: Literal["run_id", "run_name"], pattern: str, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose id or name fits a pattern of SQL's LIKE, the newest first."""
        column = {"run_id": "r.run_uuid", "run_name": "r.name"}[attribute]
        rows = self._ask(
            f"SELECT {_RUN} FROM runs r WHERE r.lifecycle_stage='active' AND {column} LIKE ?"
            f" AND r.experiment_id IN ({_marks(experiments)}) {_NEWEST}",
            [pattern, *_numbers(experiments), limit],
        )
        return self._whole(rows)

    def holding(
        self, experiments: Sequence[str], tag: str, pattern: str, *, since: int, limit: int
    ) -> list[Row]:
        """Living runs of these experiments whose tag fits a pattern of SQL's LIKE, with all that is known of each."""
        rows = self._ask(
            f"SELECT {_RUN} FROM runs r JOIN tags t ON t.run_uuid=r.run_uuid AND t.key=? AND t.value LIKE ?"
            f" WHERE r.lifecycle_stage='active' AND r.start_time>=? AND r.experiment_id IN"
            f" ({_marks(experiments)}) {_NEWEST}",
            [tag, pattern, since, *_numbers(experiments), limit],
        )
        return self._whole(rows, metrics=True, whole=True)

    def reading(self, experiments: Sequence[str], digest: str) -> list[Row]:
        """Living runs of these experiments that read something with this short digest of an input."""
        rows = self._ask(
            f"SELECT {_RUN} FROM runs r WHERE r.lifecycle_stage='active' AND r.experiment_id IN"
            f" ({_marks(experiments)}) AND r.run_uuid IN ({_MARKED} WHERE d.digest=?)",
            [*_numbers(experiments), digest],
        )
        return self._whole(rows)

    def run(self, run_id: str) -> Row | None:
        """One living run by its id, with parameters, metrics and all tags; None if there is none."""
        question = f"SELECT {_RUN} FROM runs r WHERE r.lifecycle_stage='active' AND r.run_uuid=?"
        return next(iter(self._whole(self._ask(question, [run_id]), metrics=True, whole=True)), None)

    def runs(self, experiments: Sequence[str], run_ids: Collection[str]) -> list[Row]:
        """Living runs of these experiments by id, with their metrics."""
        found: list[Any] = []
        for some in _batches(sorted(set(run_ids))):
            found += self._ask(
                f"SELECT {_RUN} FROM runs r WHERE r.lifecycle_stage='active' AND r.run_uuid IN ({_marks(some)})"
                f" AND r.experiment_id IN ({_marks(experiments)})",
                [*some, *_numbers(experiments)],
            )
        return self._whole(found, metrics=True)

    def download(self, uri: str, name: str, target: Path) -> bool:
        """Artifacts are not for this reader to fetch."""
        raise Surprise("artifacts that only MLflow's client can fetch")

    def _whole(
        self, rows: Iterable[Any], *, metrics: bool = False, whole: bool = False, profiles: bool = False
    ) -> list[Row]:
        """The rows with what is asked for: metrics, and as a whole also parameters and tags that are not ours."""
        rows = list(rows)
        tags: defaultdict[str, dict[str, str]] = defaultdict(dict)
        marks: defaultdict[str, list[Mark]] = defaultdict(list)
        values: defaultdict[str, dict[str, float]] = defaultdict(dict)
        params: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for some in _batches([row[0] for row in rows]):
            for run, key, value in self._tags(some, whole=whole):
                tags[run][key] = value
            for run, *mark in self._marks_of(some, profiles=profiles):
                marks[run].append(Mark(*mark))
            for run, key, number, is_nan in self._metrics(some) if metrics else ():
                values[run][key] = float("nan") if is_nan else number
            for run, key, value in self._params(some) if whole else ():
                params[run][key] = value
        return [_row(row, tags[row[0]], tuple(marks[row[0]]), values[row[0]], params[row[0]]) for row in rows]

    def _tags(self, runs: Sequence[str], *, whole: bool) -> Iterator[Any]:
        # The description is long, and nobody who reads here asks for it.
        which, values = ("key<>?", [NOTE]) if whole else (f"key IN ({_marks(READ)})", list(READ))
        return self._ask(
            f"SELECT run_uuid, key, value FROM tags WHERE run_uuid IN ({_marks(runs)}) AND {which}",
            [*runs, *values],
        )

    def _params(self, runs: Sequence[str]) -> Iterator[Any]:
        return self._ask(f"SELECT run_uuid, key, value FROM params WHERE run_uuid IN ({_marks(runs)})", runs)

    def _marks_of(self, runs: Sequence[str], *, profiles: bool) -> Iterator[Any]:
        profile = ", d.dataset_profile" if profiles else ""
        return self._ask(
            f"SELECT i.destination_id, d.name, d.digest, t.value{profile} FROM inputs i JOIN datasets d"
            " ON d.dataset_uuid=i.source_id LEFT JOIN input_tags t ON t.input_uuid=i.input_uuid AND t.name=?"
            f" WHERE i.destination_type='RUN' AND i.source_type='DATASET' AND i.destination_id IN ({_marks(runs)})"
            " AND d.name LIKE 'daicho.%'",
            [CONTEXT, *runs],
        )

    def _metrics(self, runs: Sequence[str]) -> Iterator[Any]:
        return self._ask(
            f"SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE run_uuid IN ({_marks(runs)})",
            runs,
        )

    def _ask(self, question: str, values: Sequence[Any]) -> Iterator[Any]:
        try:
            yield from self._open().execute(question, values)
        except sqlite3.Error as error:
            self.close()
            raise Surprise(str(error)) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = connect(self._database)
            version = schema(connection)
            if version not in KNOWN_SCHEMAS:
                connection.close()
                raise Surprise(f"a schema that is not known: {version}")
            self._connection = connection
        return self._connection


def _row(
    row: Sequence[Any],
    tags: dict[str, str],
    marks: tuple[Mark, ...],
    metrics: dict[str, float],
    params: dict[str, str],
) -> Row:
    run, experiment, name, status, started, ended, place = row
    return Row(
        run_id=run,
        experiment_id=str(experiment),
        name=name or "",
        status=status,
        living=True,
        started=started or 0,
        ended=ended or 0,
        artifact_uri=place or "",
        tags=tags,
        marks=marks,
        metrics=metrics,
        params=params,
    )


def _bearing(experiments: Sequence[str], kind: str, digests: Sequence[str]) -> tuple[str, list[Any]]:
    """The question for living runs with a mark: experiment, name and digest are the primary key, one step for each."""
    question = (
        f"SELECT {_RUN} FROM runs r WHERE r.lifecycle_stage='active' AND r.experiment_id IN"
        f" ({_marks(experiments)}) AND r.run_uuid IN ({_MARKED} WHERE d.experiment_id IN"
        f" ({_marks(experiments)}) AND d.name=? AND d.digest IN ({_marks(digests)}))"
    )
    return question, [*_numbers(experiments), *_numbers(experiments), kind, *digests]


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def _numbers(experiments: Sequence[str]) -> list[int]:
    return [int(number) for number in experiments]


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
