"""The end of a run, as it is printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views.run import failed, lines, warnings
from daicho.engine.report import Run
from tests.cli.values import FAILURE, HERE, done, task

FAILED = done(
    task("Preprocessor", "ran", "train.csv", seconds=0.4),
    task("Trainer", "failed", seconds=0.9, failure=FAILURE, run_id="e" * 32),
    task("Prediction", "not started"),
    status="failed",
)
UP_TO_DATE = done(
    *(task(name, "reused") for name in ("Preprocessor", "Trainer", "Prediction")),
    status="up to date",
    seconds=0.1,
)


def text(run: Run, width: int | None = 80) -> str:
    """The summary of a run."""
    return "\n".join(each.plain for each in lines(run, width=width, here=HERE))


@pytest.mark.parametrize("width", [60, 80, 140, None])
def test_the_summary_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """What was done, how good it is, and where it lies."""
    assert snapshot == text(done(), width)


@pytest.mark.parametrize(
    "run",
    [
        FAILED,
        replace(FAILED, status="interrupted", tasks=(task("Trainer", "interrupted", seconds=2.0),)),
        done(commit=None, dirty=False),
        done(task("Prediction", "ran", "prediction.csv", local=False), store="http://127.0.0.1:5000"),
        done(target="All"),
        done(dirty=False, seconds=7505.0),
    ],
    ids=["failed", "interrupted", "no git", "server", "wrapper", "long"],
)
def test_ends(run: Run, snapshot: SnapshotAssertion) -> None:
    """Each way in which a run ends has its own summary."""
    assert snapshot == text(run)


@pytest.mark.parametrize(
    ("expected", "known"),
    [
        ("Prediction is up to date: 3 of 3 reused from calm-harbour-41 (0.1 s)", {}),
        ("Prediction is up to date: 3 of 3 reused, recorded as calm-harbour-41 (0.1 s)", {"status": "done"}),
    ],
)
def test_nothing_to_do_is_one_line(expected: str, known: dict[str, Any]) -> None:
    """A run in which nothing was to do is said in exactly one line."""
    assert expected == text(replace(UP_TO_DATE, **known))


def test_results_that_wait_are_told() -> None:
    """Why results wait and what records them stands beside the summary, and so do notes."""
    waiting = done(
        task("A", "ran", waits="the disk is full"),
        task("B", "ran", waits="the disk is full"),
        problem="the disk is full",
    )
    told = "2 results wait to be recorded: the disk is full; the next run records what is kept"
    assert (told, "no commit") == warnings(replace(waiting, notes=("no commit",)))
    assert ("no commit",) == warnings(done(notes=("no commit",)))
    assert () == warnings(done())


def test_a_failure_has_a_name_to_look_closer() -> None:
    """The failed task is found by the run and its name, or by its own run where the name is not enough."""
    assert "calm-harbour-41/Trainer" == failed(FAILED)
    twice = replace(FAILED, tasks=(*FAILED.tasks, task("Trainer", "ran")))
    assert f"calm-harbour-41/{'e' * 32}" == failed(twice)
    assert failed(done()) is None
