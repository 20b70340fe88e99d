"""Housekeeping: what goes, what stays, and that nothing is final at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow import MlflowClient

from daicho.errors import UsageError
from daicho.ledger import TaskLine, housekeeping, resolve
from daicho.record import InputRecord, Record
from daicho.verbs.gc import DAY, gc, needed
from tests.ledger.scene import Scene


def _run(
    number: int, parent: int | None = None, *, started: float = 0.0, **facts: bool
) -> housekeeping.Stored:
    above = None if parent is None else str(parent)
    return housekeeping.Stored(
        str(number), "n", parent is None, above, started, facts.get("running", False), 1
    )


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 10), st.booleans()), max_size=8),
    st.sets(st.tuples(st.integers(10, 17), st.integers(10, 17)), max_size=12),
)
def test_what_a_kept_result_stands_on_is_kept(
    tasks: list[tuple[int, float, bool]], reads: set[tuple[int, int]]
) -> None:
    """Whatever the graph: a kept task's inputs are kept, a kept recent pipeline's tasks, and all that is recent."""
    pipelines = [_run(number, started=number * 3) for number in range(4)]
    found = [*pipelines]
    for place, (above, started, running) in enumerate(tasks):
        found.append(_run(10 + place, above, started=started, running=running))
    present = {each.run_id for each in found}
    below = {run: [str(read) for user, read in reads if str(user) == run] for run in present}
    kept = needed(found, since=5.0, needs=lambda run: below[run.run_id])
    for each in found:
        if each.started >= 5.0 or each.running:
            assert each.run_id in kept
        if each.run_id in kept and not each.pipeline:
            assert {read for read in below[each.run_id] if read in present} <= kept
            assert each.parent in kept
        if each.parent is not None and float(each.parent) * 3 >= 5.0:
            assert each.run_id in kept
    assert kept <= present


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Scene]:
    """A project's store of the test's own."""
    (tmp_path / "luigi.toml").write_text(
        '[RunConfig]\nexperiment_name = "ships"\n[daicho]\nproject = "ships"\n'
    )
    made = Scene(tmp_path, resolve(tmp_path, None), "ships", tmp_path / "recorder.log")
    yield made
    made.stop()


def _pipeline(own: Scene, name: str, tasks: int, reused: tuple[str, ...] = (), **facts: Any) -> list[Record]:
    """A pipeline run with some tasks, that has ended; its tasks."""
    own.open(f"{name} calm-harbour-1")
    made = [own.publish(**facts) for _ in range(tasks)]
    lines = [TaskLine("Trainer", record.task_id, "ran", record.run_id) for record in made]
    lines += [TaskLine("Trainer", "t", "reused", run_id) for run_id in reused]
    own.close(*lines)
    return made


def _read(record: Record) -> tuple[InputRecord, ...]:
    return (InputRecord("data.scores", "scores.csv", "csv", "d" * 64, "Trainer", record.run_id),)


@pytest.mark.slow
def test_a_store_that_is_cleaned(own: Scene) -> None:
    """Old runs go unless something kept stands on them or somebody wants them; for good only a week later."""
    unused, read, pinned_below = _pipeline(own, "Old", 3)
    _pipeline(own, "Gone", 1)
    (reused,) = _pipeline(own, "Elder", 1)
    marked = _pipeline(own, "Pinned", 1, reused=(str(pinned_below.run_id),))
    client = MlflowClient(own.store.uri)
    experiment = client.get_experiment_by_name("ships")
    assert experiment is not None
    ids = [experiment.experiment_id]
    names = {run.info.run_id: run.info.run_name for run in client.search_runs(ids)}
    pinned = next(run for run, name in names.items() if name.startswith("Pinned"))
    client.set_tag(pinned, "daicho.pin", "ana, 2026-11-24T07:09:15Z")
    users = client.create_run(experiment.experiment_id).info.run_id
    with closing(sqlite3.connect(own.root / "mlflow.db", timeout=30)) as store, store:
        store.execute("UPDATE runs SET start_time = ?", (int((time.time() - 40 * DAY) * 1000),))
    fresh = _pipeline(own, "New", 1, reused=(str(reused.run_id),), inputs=_read(read))
    own.stop()

    shown = gc(keep_days=30, folder=own.root)
    going = {each.run_id for each in shown.going}
    assert {"Trainer", "Gone calm-harbour-1"} == {each.name for each in shown.going}
    assert (3, 8, False) == (len(going), shown.kept - 1, shown.done)
    assert unused.run_id in going
    everything = {run.info.run_id for run in client.search_runs(ids)}
    assert len(names) + 3 == len(everything)

    done = gc(keep_days=30, yes=True, folder=own.root)
    assert (True, going) == (done.done, {each.run_id for each in done.going})
    left = {run.info.run_id for run in client.search_runs(ids)}
    assert everything - going == left
    assert {users, read.run_id, reused.run_id, fresh[0].run_id, marked[0].run_id, pinned_below.run_id} <= left
    assert unused.key not in own.ledger().find([unused.key or ""])
    path = own.ledger().path(unused, unused.outputs[0])
    assert path is not None
    assert path.exists()
    client.restore_run(str(unused.run_id))  # it was only put aside
    assert unused.key in own.ledger().find([unused.key or ""])

    client.set_tag(str(unused.run_id), housekeeping.DELETED, str(int(time.time() - 8 * DAY)))
    client.delete_run(str(unused.run_id))
    final = gc(keep_days=30, yes=True, folder=own.root)
    assert (1, ()) == (final.final, final.going)
    assert not path.exists()
    assert client.search_runs(ids, "attributes.run_id = 'x'") == []
    with pytest.raises(Exception, match="not found"):
        client.get_run(str(unused.run_id))


def test_no_day_is_refused(tmp_path: Path) -> None:
    """A policy that would keep nothing is a mistake."""
    with pytest.raises(UsageError, match="at least"):
        gc(keep_days=0, folder=tmp_path)


def test_a_project_without_a_store(tmp_path: Path) -> None:
    """Where nothing is recorded there is nothing to free, and no store is made."""
    (tmp_path / "luigi.toml").write_text("")
    found = gc(keep_days=1, yes=True, folder=tmp_path)
    assert found.nothing
    assert ["luigi.toml"] == [path.name for path in tmp_path.iterdir()]
