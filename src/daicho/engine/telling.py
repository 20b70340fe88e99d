"""What observers are told of a launch: events, what tasks print, what a person should know, how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from daicho import events
from daicho.engine.bars import bar
from daicho.engine.forecast import Forecast
from daicho.engine.results import TaskResult
from daicho.plan.plan import Decision
from daicho.record import Failure
from daicho.task.graph import Graph

_OFTEN = 0.5  # seconds between two forecasts


@dataclass
class Teller:
    """Tells; decides nothing.

    Attributes:
        graph: The tasks.
        folder: Gives the folder of a task, with its log.
        observers: Who is told.
        forecast: How long it will take.
    """

    graph: Graph
    folder: Callable[[str], Path]
    observers: Sequence[events.Observer]
    forecast: Forecast
    _read: dict[str, int] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _forecast_at: float = 0.0

    def label(self, task_id: str) -> str:
        """A task's name for people."""
        return self.graph.label(task_id)

    def tell(self, event: events.Event) -> None:
        """Tell all observers."""
        for observer in self.observers:
            observer(event)

    def started(self, task_id: str, decision: Decision, attempt: int, attempts: int) -> None:
        """A task starts, for the first time or once more."""
        self._read.pop(task_id, None)
        self.forecast.start(task_id, time.monotonic())
        expected = self.forecast.expected.get(task_id)
        self.tell(
            events.TaskStarted(task_id, self.label(task_id), reason(decision), attempt, attempts, expected)
        )
        self.expect()

    def over(self, task_id: str, event: events.Event) -> None:
        """A task needs no more time."""
        self.forecast.end(task_id)
        self.tell(event)
        self.expect()

    def failed(self, task_id: str, result: TaskResult, attempt: int, attempts: int) -> None:
        """A task did not run to its end, and there is no other attempt."""
        self.over(task_id, events.TaskFailed(*self._how(task_id, result), attempt, attempts))

    def retried(self, task_id: str, result: TaskResult, attempt: int, attempts: int, wait: float) -> None:
        """An attempt failed, and there will be another one in so many seconds."""
        self.tell(events.TaskRetried(*self._how(task_id, result), attempt, attempts, wait))

    def _how(self, task_id: str, result: TaskResult) -> tuple[str, str, float, str, Failure, str]:
        assert result.failure is not None
        seconds = result.seconds or 0.0
        return task_id, self.label(task_id), seconds, result.outcome, result.failure, result.log

    def expect(self) -> None:
        """Tell how long the rest will take, if that can be said and was not said just now."""
        now = time.monotonic()
        left = self.forecast.left(now) if self.observers and now - self._forecast_at >= _OFTEN else None
        if left is not None:
            self._forecast_at = now
            self.tell(events.Expected(left))

    def notes(self, task_id: str, notes: Iterable[str]) -> None:
        """What was noted while a task ran, once, however many tasks of a family it holds for."""
        for note in notes:
            if note not in self._known:
                self._known.add(note)
                self.tell(events.TaskNoted(task_id, self.label(task_id), note))

    def printed(self, task_id: str, *, last: bool = False) -> None:
        """What a task has printed since the last look, as whole lines; at the last look, whatever there is."""
        if not self.observers:
            return
        seen = self._read.get(task_id, 0)
        try:
            with (self.folder(task_id) / "log.txt").open("rb") as file:
                file.seek(seen)
                text, newline, rest = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        self._read[task_id] = seen + len(text) + len(newline)
        if last and rest:
            text = text + newline + rest
        elif (how_far := bar(rest)) is not None:
            self.tell(events.TaskProgress(task_id, self.label(task_id), *how_far))
        if newline or (last and rest):
            shown = text.decode("utf-8", "replace")
            self.tell(events.TaskPrinted(task_id, self.label(task_id), shown))


def reason(decision: Decision) -> str:
    """Why a task runs, in one line."""
    return "; ".join(each.text for each in decision.reasons)
