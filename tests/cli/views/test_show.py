"""What is recorded, as it is printed."""

from __future__ import annotations

import time

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views.show import lines
from daicho.verbs.show import Shown
from tests.cli.values import ESCAPE, HERE, shown_pipeline, shown_task

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


def test_records_do_not_control_the_terminal() -> None:
    """What others wrote into a record is only text."""
    assert "\x1b" not in text(shown_task(log=ESCAPE, failure=ESCAPE), whole=True)
