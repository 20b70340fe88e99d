"""The conversation with the recorder: over a real pipe, whose other end these tests hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from daicho._process import Child
from daicho.engine.books import Books
from daicho.errors import InternalError, OutputError, StoreError, StoreUnreachableError
from daicho.ledger import (
    BeginTask,
    ClosePipeline,
    EndTask,
    OpenPipeline,
    PipelineClosed,
    PipelineOpened,
    Publish,
    Recorded,
    Recorder,
    Refused,
    TaskBegun,
    TaskEnded,
)
from daicho.ledger.active import RunReference
from daicho.record import Failure, Record


@dataclass
class Desk:
    """The other end of the pipe: what was asked, and what is answered."""

    books: Books
    pipe: Connection

    def asked(self) -> list[str]:
        """What was asked since, in short."""
        found = []
        while self.pipe.poll():
            found.append(_short(self.pipe.recv()))
        return found

    def answer(self, *answers: Any) -> None:
        """Answer, and have it read."""
        for answer in answers:
            self.pipe.send(answer)
            self.books.read()

    def begin(self, *names: str) -> None:
        """Begin tasks whose runs are not made yet."""
        for name in names:
            self.books.begin(BeginTask(name, name, "key", name))

    def publish(self, name: str, *reads: str) -> None:
        """A task has finished that read from some others."""
        self.books.publish(name, frozenset(reads), lambda: Publish(_record(name, self.books.runs), "stage"))


def _record(name: str, runs: Any) -> Record:
    return Record(name, name, "key", parameters=dict(runs))


def _short(request: Any) -> str:
    match request:
        case BeginTask(task_id=name):
            return f"begin {name}"
        case Publish(record=record):
            return f"publish {record.task_id}"
        case EndTask(task_id=name, status=status):
            return f"end {name} {status}"
        case _:
            return type(request).__name__


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Books with a recorder whose answers are given by hand."""
    ours, theirs = Pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    books = Books(Recorder(Child(process, ours), None))
    yield Desk(books, theirs)
    books.recorder.kill()
    assert process.stdin is not None
    process.stdin.close()
    theirs.close()


def test_what_is_answered_is_known(desk: Desk) -> None:
    """Runs, records, metrics and the end are known once they are answered."""
    books = desk.books
    books.ask(OpenPipeline("name", "target"))
    desk.begin("a")
    assert ["OpenPipeline", "begin a"] == desk.asked()
    desk.answer(PipelineOpened("pipe", "7"), TaskBegun("a", "run a"))
    assert ("pipe", {"a": "run a"}, 0) == (books.pipeline, books.runs, books.waiting)
    desk.publish("a")
    assert 1 == books.waiting
    desk.answer(Recorded(Record("a", "a", "key"), {"loss": 0.5}))
    assert ["a"] == list(books.news)
    assert (0, {"loss": 0.5}, "key") == (books.waiting, books.metrics["a"], books.records["a"].key)
    books.close(ClosePipeline("FINISHED"))
    desk.answer(PipelineClosed("pipe", {"loss": 0.5}))
    assert {"loss": 0.5} == books.closed


def test_a_record_waits_for_the_runs_that_it_names(desk: Desk) -> None:
    """A record is sent only when the runs that it read from are known, and those after it wait behind it."""
    desk.begin("a", "b", "c")
    desk.publish("b", "a")
    desk.publish("c")
    assert ["begin a", "begin b", "begin c"] == desk.asked()
    assert 2 == desk.books.waiting
    desk.answer(TaskBegun("b", "run b"))
    assert [] == desk.asked()
    desk.answer(TaskBegun("a", "run a"))
    assert ["publish b", "publish c"] == desk.asked()


def test_a_record_is_made_when_it_is_sent(desk: Desk) -> None:
    """The request is put together when its turn has come: with the runs that are known by then."""
    desk.begin("a", "b")
    desk.publish("b", "a")
    desk.asked()
    desk.answer(TaskBegun("b", "run b"), TaskBegun("a", "run a"))
    assert desk.pipe.poll(10)
    request = desk.pipe.recv()
    assert {"a": "run a", "b": "run b"} == request.record.parameters


def test_reused_tasks_are_waited_for_by_nobody(desk: Desk) -> None:
    """A task that was never begun has no run to wait for."""
    desk.begin("b")
    desk.publish("b", "reused")
    assert ["begin b", "publish b"] == desk.asked()


def test_a_run_that_cannot_be_made_holds_nothing_up(desk: Desk) -> None:
    """If the run of what was read is refused, the record goes on without its name."""
    desk.begin("a", "b")
    desk.publish("b", "a")
    desk.asked()
    desk.answer(Refused(StoreError("no"), "a"))
    assert ["publish b"] == desk.asked()
    assert "no" == str(desk.books.refused["a"])
    desk.answer(Refused(OutputError("nor this"), "b"))
    assert 0 == desk.books.waiting


def test_a_failed_task_is_ended(desk: Desk) -> None:
    """A task that was begun is ended with its status; one that was not begun has nothing to end."""
    desk.begin("a")
    desk.books.end("a", "FAILED", Failure("ValueError", "no"), None)
    desk.books.end("never begun", "KILLED", None, None)
    assert ["begin a", "end a FAILED"] == desk.asked()
    assert 1 == desk.books.waiting
    desk.answer(TaskBegun("a", "run a"), TaskEnded("a"))
    assert 0 == desk.books.waiting


def test_a_task_asks_for_its_run(desk: Desk) -> None:
    """Who asks for a run waits until it is made, whatever is answered before."""
    desk.begin("a")
    for answer in (PipelineOpened("pipe", "7"), TaskBegun("other", "x"), TaskBegun("a", "run a")):
        desk.pipe.send(answer)
    assert RunReference("run a", "7") == desk.books.reference("a")


def test_a_refused_pipeline_ends_the_conversation(desk: Desk) -> None:
    """Without a pipeline run nothing is recorded: nobody waits, nothing more is asked, the first reason stays."""
    desk.begin("a")
    desk.publish("a")
    desk.answer(Refused(StoreUnreachableError("away"), None), Refused(StoreError("later"), None))
    desk.asked()
    assert ("away", 0) == (str(desk.books.error), desk.books.waiting)
    desk.begin("b")
    desk.books.end("b", "FAILED", None, None)
    desk.publish("b")
    assert [] == desk.asked()
    with pytest.raises(StoreError, match="there is no run to log to"):
        desk.books.reference("a")


def test_a_task_whose_run_was_refused_is_told(desk: Desk) -> None:
    """A task that asks for a run that cannot be made gets an error, and does not wait."""
    desk.begin("a")
    desk.answer(Refused(StoreError("no"), "a"))
    with pytest.raises(StoreError, match="there is no run to log to"):
        desk.books.reference("a")


def test_what_ends_after_the_end_keeps_nobody_waiting(desk: Desk) -> None:
    """A result that comes after the conversation broke down is not waited for: it stays on disk."""
    desk.answer(Refused(StoreError("away"), None))
    desk.publish("a")
    assert 0 == desk.books.waiting


def test_a_dead_recorder_is_an_error_and_no_crash(desk: Desk) -> None:
    """If the recorder's process is gone, that is known at the next word, and the launch can go on."""
    desk.begin("a")
    desk.publish("a")
    desk.asked()
    desk.pipe.close()
    desk.books.read()
    assert isinstance(desk.books.error, InternalError)
    assert 0 == desk.books.waiting
    desk.begin("b")
    assert "next run records it" in str(desk.books.error)


def test_a_recorder_that_dies_while_it_is_told(desk: Desk) -> None:
    """A request that cannot be sent makes the same error."""
    desk.pipe.close()
    desk.begin("a")
    assert isinstance(desk.books.error, InternalError)


def test_each_attempt_has_a_run_of_its_own(desk: Desk) -> None:
    """A task that begins again has another run; answers about the earlier one come late and change nothing."""
    desk.begin("a")
    desk.books.end("a", "FAILED", None, None)
    desk.begin("a")
    assert ["begin a", "end a FAILED", "begin a~2"] == desk.asked()
    desk.answer(TaskBegun("a", "run 1"))
    assert {} == desk.books.runs
    desk.publish("a")
    desk.answer(TaskEnded("a"), TaskBegun("a~2", "run 2"))
    assert ({"a": "run 2"}, 1) == (desk.books.runs, desk.books.waiting)
    assert ["run 1", "run 2", None] == [desk.books.run_of("a", attempt) for attempt in (1, 2, 3)]
    assert desk.pipe.poll(10)
    request = desk.pipe.recv()
    assert ("a~2", "a") == (request.begun, request.record.task_id)
    desk.answer(Recorded(Record("a", "a", "key")))
    assert 0 == desk.books.waiting


def test_what_is_refused_of_an_earlier_attempt_is_past(desk: Desk) -> None:
    """If the first attempt had no run, the second may have one all the same, and its record."""
    desk.begin("a")
    desk.books.end("a", "FAILED", None, None)
    desk.begin("a")
    desk.answer(Refused(StoreError("away"), "a"), Refused(StoreError("away"), "a"), TaskBegun("a~2", "run 2"))
    assert ({}, {"a": "run 2"}, 0) == (desk.books.refused, desk.books.runs, desk.books.waiting)
    desk.publish("a")
    desk.answer(Refused(StoreError("away again"), "a~2"))
    assert ("away again", 0) == (str(desk.books.refused["a"]), desk.books.waiting)
