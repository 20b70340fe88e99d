"""What happens in a run, line by line, on every kind of screen."""

from __future__ import annotations

import io
import time

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho import events
from daicho.cli.live import LiveView
from daicho.cli.plain import PlainView
from daicho.cli.printer import Screen as Output
from daicho.cli.steps import Steps
from daicho.record import Failure
from tests.cli.terminal import Screen
from tests.cli.values import ESCAPE, FAILURE

STORY: list[events.Event] = [
    events.Planned("Prediction", run=1, reuse=1, undecided=3, width=12),
    events.TaskStarted("T", "Trainer", "seed: 0 -> 1"),
    events.TaskPrinted("T", "Trainer", f"epoch 1 [red]markup[/red]\n{ESCAPE}epoch 2"),
    events.TaskFinished("T", "Trainer", 72.0, "seed: 0 -> 1; code: Trainer.run changed (tasks.py:31)"),
    events.TaskRecorded("T", "Trainer", "e" * 32, {"accuracy": 0.8}),
    events.TaskReused("R", "Report", "f" * 32),
    events.TaskStarted("P", "Prediction", "first run"),
    events.TaskFailed("P", "Prediction", 0.9, "failed", FAILURE, "".join(f"line {n}\n" for n in range(25))),
    events.TaskNotStarted("L", "Last", "Prediction"),
    events.Recording(1),
]


def lines(steps: Steps, story: list[events.Event] = STORY) -> str:
    """All lines of a story."""
    return "\n".join(each.plain for event in story for each in steps.take(event, 0.0))


@pytest.mark.parametrize("kind", ["usual", "quiet", "verbose"])
def test_the_lines_that_stay(kind: str, snapshot: SnapshotAssertion) -> None:
    """One line a task in the past tense; a failure with its sentence, its frames and the end of its log."""
    assert snapshot == lines(Steps(quiet=kind == "quiet", verbose=kind == "verbose"))


def test_an_interruption(snapshot: SnapshotAssertion) -> None:
    """Who stops a run hears what is ended, without a traceback."""
    failure = Failure("KeyboardInterrupt", "KeyboardInterrupt")
    story: list[events.Event] = [
        events.Planned("A", run=2, reuse=0, undecided=0, width=1),
        events.TaskStarted("A", "A", "first run"),
        events.Stopping(1),
        events.TaskFailed("A", "A", 3.0, "interrupted", failure, "working\n"),
        events.TaskNotStarted("B", "B", ""),
    ]
    assert snapshot == lines(Steps(), story)


def test_a_run_with_nothing_to_do_has_no_lines() -> None:
    """Where all is there, the summary says so, and nothing else does."""
    assert "" == lines(Steps(), [events.Planned("A", run=0, reuse=3, undecided=0, width=1)])


def test_reused_tasks_of_long_graphs_are_not_listed() -> None:
    """A thousand reused tasks are a number, unless all are asked for."""
    story: list[events.Event] = [
        events.Planned("A", run=1, reuse=0, undecided=999, width=1),
        events.TaskReused("B", "B", "f" * 32),
    ]
    assert "A: 1,000 tasks, none reusable yet" == lines(Steps(), story)
    assert "reused" in lines(Steps(verbose=True), story)


def test_many_tasks_that_could_not_start_are_not_listed() -> None:
    """Ten are named: the summary counts them all."""
    story: list[events.Event] = [events.TaskNotStarted(str(n), f"T{n}", "A") for n in range(1000)]
    assert 10 == len(lines(Steps(), story).splitlines())


def test_plain_lines_have_the_time() -> None:
    """Where nothing can be drawn over, each line says when it was, and nothing is written twice."""
    stream = io.StringIO()
    with PlainView(Output(stream), Steps(), clock=lambda: "10:02:31") as view:
        for event in STORY[:4]:
            view(event)
    assert (
        "10:02:31  Prediction: 1 of 5 tasks reused, 1 to run, 3 not decided yet\n"
        "10:02:31    ✓ Trainer           1:12   seed: 0 -> 1; code: Trainer.run changed (tasks.py:31)\n"
    ) == stream.getvalue()


def test_plain_lines_show_life() -> None:
    """A task that runs for long is named from time to time."""
    stream = io.StringIO()
    with PlainView(Output(stream), Steps(), heartbeat=0.05, clock=lambda: "10:02:31") as view:
        view(events.Planned("A", run=1, reuse=0, undecided=0, width=1))
        view(events.TaskStarted("A", "A", "first run"))
        limit = time.monotonic() + 10
        while "still" not in stream.getvalue() and time.monotonic() < limit:
            time.sleep(0.01)
    assert "10:02:31  still running: A (0.1 s), 0 of 1 done" in stream.getvalue().splitlines()[1:]


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_keeps_the_lines_and_nothing_else(width: int) -> None:
    """When the run is over the drawing is gone, each line that stays is there once, and none is too wide."""
    terminal, steps = _watched(STORY, width, height=24)
    wide = lines(Steps()).splitlines()
    expected = [each if len(each) <= width else each[: width - 1] + "…" for each in wide]
    assert [each.rstrip() for each in expected] == terminal.text.splitlines()
    assert 5 == steps.ended


def test_a_terminal_shows_what_runs() -> None:
    """While tasks run each has a line, and a last line says how far it is."""
    story = STORY[:2]
    terminal, _ = _watched(story, 80, height=24, leave=False)
    *_, task, summary = terminal.text.splitlines()
    assert "Trainer" in task
    assert summary.startswith("  1 of 5 tasks done, 1 running, 0.")


def test_no_drawing_is_higher_than_the_terminal() -> None:
    """A hundred running tasks take as many lines as there is room for; the rest is counted."""
    story: list[events.Event] = [events.Planned("A", run=100, reuse=0, undecided=0, width=4)]
    story += [events.TaskStarted(str(n), f"T{n}", "first run") for n in range(100)]
    terminal, _ = _watched(story, 80, height=10, leave=False)
    assert "  … and 93 more" in terminal.text.splitlines()
    assert 10 >= len(terminal.text.splitlines()) - 1  # the headline may have scrolled


def test_attempts_have_lines() -> None:
    """Whoever watches sees which attempt failed, why, and when the next one comes; and which one did it."""
    failure = Failure("ConnectionError", "ConnectionError: no route")
    story: list[events.Event] = [
        events.Planned("A", run=1, reuse=0, undecided=0, width=1),
        events.TaskStarted("A", "A", "first run", 1, 2),
        events.TaskRetried("A", "A", 0.4, "failed", failure, "connecting\n", 1, 2, 2.0),
        events.TaskStarted("A", "A", "first run", 2, 2),
        events.TaskFinished("A", "A", 1.0, "first run"),
    ]
    assert [
        "A: 1 task to run",
        "  ↻ A  failed after 0.4 s, attempt 1 of 2; again in 2.0 s",
        "      ConnectionError: no route",
        "  ✓ A     1.0 s   first run; attempt 2 of 2",
    ] == lines(Steps(), story).splitlines()
    failed = events.TaskFailed("A", "A", 5.0, "timed out", Failure("timed-out", "too slow"), "", 2, 2)
    assert "  ✗ A  timed out after 5.0 s, attempt 2 of 2" == lines(Steps(), [failed]).splitlines()[0]


@pytest.mark.parametrize(
    ("running", "ending", "expected"),
    [
        (2, False, "nothing more is started, 2 tasks finish (Ctrl-C again ends them)"),
        (1, False, "nothing more is started, 1 task finishes (Ctrl-C again ends it)"),
        (0, False, "what is finished is recorded (Ctrl-C again leaves that to the next run)"),
        (2, True, "ending 2 tasks; what is finished is kept"),
    ],
)
def test_who_stops_a_run_hears_what_happens(running: int, ending: bool, expected: str) -> None:
    """The first Ctrl-C says what a second one would do, the second what is done."""
    assert f"Stopping: {expected}" == lines(Steps(), [events.Stopping(running, ending)])


def test_a_terminal_shows_how_far_tasks_are() -> None:
    """Several at once: phase, progress, the time that it took before, the attempt; and when all will be done."""
    story: list[events.Event] = [
        events.Planned("All", run=4, reuse=0, undecided=0, width=1, jobs=3),
        events.TaskStarted("A", "A", "first run", 1, 1, 40.0),
        events.TaskPhase("A", "A", "running"),
        events.TaskProgress("A", "A", 3, 10),
        events.TaskStarted("B", "B", "first run", 2, 3),
        events.TaskPhase("B", "B", "saving"),
        events.TaskStarted("C", "C", "first run"),
        events.TaskProgress("C", "C", 250, None),
        events.TaskStarted("D", "D", "first run", 1, 2),
        events.TaskRetried("D", "D", 0.4, "failed", Failure("E", "E: no"), "", 1, 2, 2.0),
        events.Expected(65.0),
    ]
    terminal, _ = _watched(story, 100, height=24, leave=False)
    *_, first, second, third, summary = terminal.text.splitlines()
    assert first.endswith("0.0 s of 40.0 s   3 of 10")
    assert second.endswith("0.0 s saving   attempt 2 of 3")
    assert third.endswith("0.0 s 250")
    assert summary.startswith("  0 of 4 tasks done, 3 running, 1 to be tried again, 0.")
    assert summary.endswith((", about 1:05 left", ", about 1:04 left"))


def test_nobody_says_when_a_run_that_is_stopped_will_be_done() -> None:
    """What was expected holds no longer when nothing more is started."""
    steps = Steps()
    lines(steps, [events.Expected(65.0)])
    assert (65.0, 60.0, 0.0) == tuple(steps.left(now) for now in (0.0, 5.0, 100.0))
    lines(steps, [events.Stopping(1, ending=False)])
    assert None is steps.left(5.0)


def _watched(
    story: list[events.Event], width: int, height: int, *, leave: bool = True
) -> tuple[Screen, Steps]:
    """A terminal after a story, and what was known at its end; `leave` ends the drawing."""
    stream = io.StringIO()
    steps, terminal = Steps(), Screen(width)
    view = LiveView(Output(stream, width=width, live=True), steps)
    view._console.height = height
    for event in story:
        view(event)
    if not leave:
        view._live.refresh()
        text = stream.getvalue()
    view.__exit__(None, None, None)
    terminal.feed((stream.getvalue() if leave else text).replace("\n", "\r\n"))
    return terminal, steps


def test_what_tasks_yield_joins_the_sum() -> None:
    """The sum of tasks grows; a task that waits for what it has yielded does not run, until it starts over."""
    steps = Steps()
    started = events.TaskStarted("A", "A", "first run")
    lines(steps, [events.Planned("A", run=1, reuse=0, undecided=0, width=1), started])
    lines(steps, [events.TaskYielded("A", "A", 2, waits=False)])
    assert (3, ["A"]) == (steps.total, list(steps.running))
    lines(steps, [events.TaskYielded("A", "A", 1, waits=True)])
    assert (4, []) == (steps.total, list(steps.running))
    lines(steps, [started])
    assert ["A"] == list(steps.running)
