"""What is recorded, as it is printed."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views.show import lines
from daicho.ledger import Marks
from daicho.record import InputRecord
from daicho.verbs.show import Shown
from tests.cli.compared import entry
from tests.cli.values import ESCAPE, HERE, RECORD, shown_pipeline, shown_task

TRACEBACK = """Traceback (most recent call last):
  File "/x/site-packages/daicho/engine/execute.py", line 57, in execute
    task.run()
  File "/projects/titanic/tasks.py", line 34, in run
    frame["Agee"]
    ~~~~~^^^^^^^^
KeyError: 'Agee'
"""


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are shown in the local zone: here it is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def text(shown: Shown, width: int | None = 80, *, whole: bool = False) -> str:
    """It as text."""
    return "\n".join(each.plain for each in lines(shown, width=width, here=HERE, whole=whole))


@pytest.mark.parametrize("width", [60, 80, 140, None])
def test_a_result_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """All that made a result, under headings."""
    assert snapshot == text(shown_task(), width)


@pytest.mark.parametrize("width", [60, 80, None])
def test_a_pipeline_run_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """The tasks that ran in it, with what they measured or how they ended."""
    assert snapshot == text(shown_pipeline(), width)


def test_the_whole(snapshot: SnapshotAssertion) -> None:
    """With -v the log is there too."""
    assert snapshot == text(shown_task(log="epoch 1\nepoch 2\n"), whole=True)


def test_a_failure(snapshot: SnapshotAssertion) -> None:
    """A failure shows the user's part of the traceback, and the end of the log."""
    assert snapshot == text(shown_task(failure=TRACEBACK, paths={}))
    assert "execute.py" in text(shown_task(failure=TRACEBACK), whole=True)


def test_what_it_stands_on(snapshot: SnapshotAssertion) -> None:
    """The results that it read are a tree, each once in full; marks that people made stand at the end."""
    below = replace(RECORD, task="Preprocessor", run_id="f" * 32, inputs=())
    other = InputRecord("other.train", "train.csv", "csv", "b" * 64, "Gone", "9" * 32)
    marks = Marks({"paper": "yes"}, ("a note (ana, 2026-11-24T07:09:15Z)",), "ana, 2026-11-24T07:09:15Z")
    record = replace(RECORD, inputs=(*RECORD.inputs, other))
    shown = shown_task(record=record, upstream=(below,), marks=marks, output="model")
    assert snapshot == text(shown, 100)


def test_a_run_that_reused(snapshot: SnapshotAssertion) -> None:
    """What was reused in a run stands below what ran, with whose it is."""
    reused = replace(RECORD, task="Prepare", run_id="8" * 32, provenance={"user": "ben"})
    assert snapshot == text(shown_pipeline(reused=(reused,), entry=entry()), 100)


def test_records_do_not_control_the_terminal() -> None:
    """What others wrote into a record is only text."""
    assert "\x1b" not in text(shown_task(log=ESCAPE, failure=ESCAPE), whole=True)
