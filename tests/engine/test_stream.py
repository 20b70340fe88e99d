"""The stream of events: a JSON object a line, at once, as the schema says, and never the end of a run."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from daicho import events
from daicho.engine.stream import EventStream, to_json
from daicho.errors import UsageError
from tests.cli.schemas import check_line
from tests.cli.values import ESCAPE, FAILURE

STORY: list[events.Event] = [
    events.Planned("Prediction", run=1, reuse=1, undecided=3, width=12, jobs=4),
    events.TaskStarted("T", "Trainer", "seed: 0 -> 1", 2, 3, 12.5),
    events.TaskPhase("T", "Trainer", "hashing"),
    events.TaskProgress("T", "Trainer", 3, None),
    events.TaskPrinted("T", "Trainer", f"{ESCAPE}epoch 2 ü \ud800"),
    events.TaskFinished("T", "Trainer", 72.0, "seed: 0 -> 1"),
    events.TaskNoted("T", "Trainer", "it read `a.csv`"),
    events.TaskRecorded("T", "Trainer", "e" * 32, {"loss": float("nan"), "gain": float("inf")}),
    events.TaskReused("R", "Report", None),
    events.TaskFailed("P", "Prediction", 0.9, "failed", FAILURE, "log\n"),
    events.TaskRetried("P", "Prediction", 0.9, "timed out", FAILURE, "log\n", 1, 3, 2.0),
    events.TaskYielded("P", "Prediction", 2, waits=True),
    events.TaskNotStarted("L", "Last", "Prediction"),
    events.Recording(1),
    events.Stopping(1, ending=False),
    events.Expected(12.0),
    events.RunEnded("failed", 1, "Prediction calm-harbour-41", "a" * 32, 75.0),
]


def lines(file: Path) -> Iterator[dict[str, object]]:
    """What was written."""
    return (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())


def test_every_event_is_as_the_schema_says(tmp_path: Path) -> None:
    """Each kind of event is one line, complete, and described by the schema that is shipped."""
    assert set(get_args(events.Event)) == {type(event) for event in STORY}
    with EventStream(tmp_path / "events.jsonl") as stream:
        for event in STORY:
            stream(event)
    written = list(lines(tmp_path / "events.jsonl"))
    assert len(STORY) == len(written)
    for line in written:
        check_line("events", line)
    assert {"loss": "NaN", "gain": "Infinity"} == written[7]["metrics"]


def test_a_line_tells_what_and_when() -> None:
    """The kind of event comes first, then the moment, then what the event holds."""
    line = to_json(events.TaskFinished("T", "Trainer", 72.0, "first run"), 1_795_502_167.25)
    assert [
        ("event", "task_finished"),
        ("time", 1_795_502_167.25),
        ("task_id", "T"),
        ("name", "Trainer"),
        ("seconds", 72.0),
        ("reason", "first run"),
    ] == list(line.items())


def test_lines_are_out_at_once(tmp_path: Path) -> None:
    """Whoever reads along sees an event when it happened, and an older file is written anew."""
    file = tmp_path / "events.jsonl"
    file.write_text("old\n")
    with EventStream(file) as stream:
        stream(events.Recording(1))
        assert ["recording"] == [line["event"] for line in lines(file)]


def test_a_reader_that_goes_away_ends_nothing() -> None:
    """When nothing more can be written the run goes on, and the stream knows why."""

    class Full(io.StringIO):
        """A disk without room."""

        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    stream = EventStream(Full())
    stream(events.Recording(1))
    stream(events.Recording(0))
    assert stream.error is not None
    assert "No space left on device" == stream.error.strerror


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A file that cannot be made is an error before anything runs."""
    with pytest.raises(UsageError, match="the events cannot be written to .*: No such file"):
        EventStream(tmp_path / "no" / "events.jsonl")
