"""What happens in a run, as lines that stay: one for each task that ended, in the past tense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from daicho import events
from daicho.cli.human import count, counts, duration
from daicho.cli.line import Line, Style, line, quoted
from daicho.cli.text import cells, clean, clean_lines

LOG_LINES = 20  # of what a failed task printed
_MANY = 40  # tasks from which on those that are only reused have no line of their own
_MOST_NOT_STARTED = 10
_WIDEST = 48  # a longer name moves the rest of its line


@dataclass
class Running:
    """A task that runs: its name, when it began, and how far it is."""

    name: str
    since: float
    attempt: int = 1
    attempts: int = 1
    expected: float | None = None
    phase: events.Phase | None = None
    done: float | None = None
    total: float | None = None

    @property
    def which(self) -> str:
        """`attempt 2 of 3`; nothing for the first."""
        return f"attempt {self.attempt} of {self.attempts}" if self.attempt > 1 else ""

    @property
    def progress(self) -> str:
        """`3 of 10`, `3`; nothing where it tells nothing."""
        if self.done is None:
            return ""
        return f"{self.done:g}" if self.total is None else f"{self.done:g} of {self.total:g}"


@dataclass
class Steps:
    """What is known of a run while it goes on; it turns each event into the lines that stay.

    Attributes:
        quiet: Only failures have lines.
        verbose: What tasks print has lines, and all that are reused.
    """

    quiet: bool = False
    verbose: bool = False
    total: int = 0
    ended: int = 0
    recording: int = 0
    stopping: bool = False
    width: int = 0
    running: dict[str, Running] = field(default_factory=dict)
    resting: set[str] = field(default_factory=set)
    _not_started: int = 0
    _until: float | None = None

    def take(self, event: events.Event, now: float) -> list[Line]:
        """Take an event in; `now` is the moment on a clock that only goes forward."""
        ran = self.running.get(getattr(event, "task_id", ""))
        self._note(event, now)
        if self.quiet and not isinstance(event, events.TaskFailed):
            return []
        return list(self._lines(event, ran))

    def left(self, now: float) -> float | None:
        """How many seconds it will still take; None if nobody knows."""
        return None if self._until is None or self.stopping else max(self._until - now, 0.0)

    def _note(self, event: events.Event, now: float) -> None:
        match event:
            case events.Planned():
                self.total = event.run + event.reuse + event.undecided
                self.ended = event.reuse
                self.width = min(event.width, _WIDEST)
            case events.TaskStarted():
                self.resting.discard(event.task_id)
                self.running[event.task_id] = Running(
                    event.name, now, event.attempt, event.attempts, event.expected
                )
            case events.TaskPhase() | events.TaskProgress():
                self._move(event)
            case events.TaskRetried():
                self.running.pop(event.task_id, None)
                self.resting.add(event.task_id)
            case events.TaskYielded():
                self.total += event.new
                if event.waits:
                    self.running.pop(event.task_id, None)
            case events.TaskFinished() | events.TaskFailed() | events.TaskReused() | events.TaskNotStarted():
                self.running.pop(event.task_id, None)
                self.resting.discard(event.task_id)
                self.ended += 1
            case events.Expected():
                self._until = now + event.seconds
            case events.Recording():
                self.recording = event.waiting
            case events.TaskRecorded():
                self.recording = max(self.recording - 1, 0)
            case events.Stopping():
                self.stopping = True
            case _:
                pass

    def _move(self, event: events.TaskPhase | events.TaskProgress) -> None:
        task = self.running.get(event.task_id)
        if task is None:
            return
        if isinstance(event, events.TaskPhase):
            task.phase = event.phase
        else:
            task.done, task.total = event.done, event.total

    def _lines(self, event: events.Event, ran: Running | None) -> Iterator[Line]:
        match event:
            case events.Planned() if event.run or event.undecided:
                yield _headline(event)
            case events.TaskFinished():
                why = "; ".join(filter(None, (event.reason, ran.which if ran is not None else "")))
                yield self._row("✓", "good", event.name, duration(event.seconds).rjust(8), why)
            case events.TaskReused() if self.verbose or self.total <= _MANY:
                yield self._row("·", "dim", event.name, "  reused", "")
            case events.TaskFailed():
                yield from self._failed(event)
            case events.TaskRetried():
                yield from self._retried(event)
            case events.TaskNotStarted():
                yield from self._not_begun(event)
            case events.TaskPrinted() if self.verbose:
                yield from (_printed(event.name, text) for text in clean_lines(event.text))
            case events.Stopping():
                yield line((f"Stopping: {_stopping(event)}", "warn"))
            case _:
                pass

    def _row(self, mark: str, style: Style, name: str, what: str, why: str) -> Line:
        return line(
            "  ", (mark, style), " ", self.padded(name), "  ", (what, "dim" if style == "dim" else "")
        ) + (line("   ", (why, "dim")) if why else Line())

    def padded(self, name: str) -> str:
        """A name as wide as the widest."""
        shown = clean(name)
        return shown + " " * (self.width - cells(shown))

    def _failed(self, event: events.TaskFailed) -> Iterator[Line]:
        yield self._row("✗", "bad", event.name, _how(event), "")
        if event.outcome == "interrupted":
            return
        first, *more = clean_lines(event.failure.message)
        yield line("      ", (first, "bad"))
        yield from (line("      ", text) for text in more)
        yield from (_frame(frame) for frame in event.failure.frames)
        yield from (line("      ", ("hint: ", "name")) + quoted(hint) for hint in event.failure.hints)
        if not self.verbose:
            yield from _tail(event.log)

    def _retried(self, event: events.TaskRetried) -> Iterator[Line]:
        yield self._row("↻", "warn", event.name, f"{_how(event)}; again in {duration(event.wait)}", "")
        yield from (line("      ", text) for text in clean_lines(event.failure.message))

    def _not_begun(self, event: events.TaskNotStarted) -> Iterator[Line]:
        self._not_started += 1
        if self._not_started > _MOST_NOT_STARTED and not self.verbose:
            return
        why = f": needs {event.needs}" if event.needs else ""
        yield self._row("–", "warn", event.name, f"not started{why}", "")


def tail(log: str, most: int = LOG_LINES) -> tuple[list[str], int]:
    """The last lines of a log, clean, and how many lines there are in all."""
    lines = list(clean_lines(log.rstrip())) if log.strip() else []
    return lines[-most:], len(lines)


def _headline(event: events.Planned) -> Line:
    total = event.run + event.reuse + event.undecided
    if not event.reuse:
        rest = f"{count(total, 'task')}, none reusable yet" if total > 1 else "1 task to run"
    else:
        parts = ((event.run, "to run"), (event.undecided, "not decided yet"))
        rest = f"{event.reuse:,} of {count(total, 'task')} reused, {counts(parts)}"
    return line((event.target, "strong"), f": {rest}")


def _how(event: events.TaskFailed | events.TaskRetried) -> str:
    which = f", attempt {event.attempt} of {event.attempts}" if event.attempts > 1 else ""
    return f"{event.outcome} after {duration(event.seconds)}{which}"


def _stopping(event: events.Stopping) -> str:
    if event.ending:
        tasks = f"ending {count(event.running, 'task')}; " if event.running else ""
        return f"{tasks}what is finished is kept"
    if event.running:
        verb = "finishes" if event.running == 1 else "finish"
        them = "it" if event.running == 1 else "them"
        return f"nothing more is started, {count(event.running, 'task')} {verb} (Ctrl-C again ends {them})"
    return "what is finished is recorded (Ctrl-C again leaves that to the next run)"


def _printed(name: str, text: str) -> Line:
    return line("    ", (f"{name} │ ", "dim"), text)


def _frame(frame: str) -> Line:
    """A frame's place, or a line of the code around it; the one that failed stands out."""
    frame = frame.rstrip()
    if frame.startswith(">"):
        return line("        ", (f"❱{frame[1:]}", "strong"))
    return line("        ", (frame, "dim")) if frame.startswith(" ") else line("      ", (frame, "name"))


def _tail(log: str) -> Iterable[Line]:
    lines, whole = tail(log)
    if not lines:
        return
    what = (
        "it printed:" if whole == len(lines) else f"the last {len(lines)} of {whole:,} lines that it printed:"
    )
    yield line("      ", (what, "dim"))
    yield from (line("        ", (text, "dim")) for text in lines)
