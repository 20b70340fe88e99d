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
    """A task that runs: its name, and when it began."""

    name: str
    since: float


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
    _not_started: int = 0

    def take(self, event: events.Event, now: float) -> list[Line]:
        """Take an event in; `now` is the moment on a clock that only goes forward."""
        self._note(event, now)
        if self.quiet and not isinstance(event, events.TaskFailed):
            return []
        return list(self._lines(event))

    def _note(self, event: events.Event, now: float) -> None:
        match event:
            case events.Planned():
                self.total = event.run + event.reuse + event.undecided
                self.ended = event.reuse
                self.width = min(event.width, _WIDEST)
            case events.TaskStarted():
                self.running[event.task_id] = Running(event.name, now)
            case events.TaskFinished() | events.TaskFailed() | events.TaskReused() | events.TaskNotStarted():
                self.running.pop(event.task_id, None)
                self.ended += 1
            case events.Recording():
                self.recording = event.waiting
            case events.TaskRecorded():
                self.recording = max(self.recording - 1, 0)
            case events.Stopping():
                self.stopping = True
            case events.TaskPrinted():
                pass

    def _lines(self, event: events.Event) -> Iterator[Line]:
        match event:
            case events.Planned() if event.run or event.undecided:
                yield _headline(event)
            case events.TaskFinished():
                yield self._row("✓", "good", event.name, duration(event.seconds).rjust(8), event.reason)
            case events.TaskReused() if self.verbose or self.total <= _MANY:
                yield self._row("·", "dim", event.name, "  reused", "")
            case events.TaskFailed():
                yield from self._failed(event)
            case events.TaskNotStarted():
                yield from self._not_begun(event)
            case events.TaskPrinted() if self.verbose:
                yield from (_printed(event.name, text) for text in clean_lines(event.text))
            case events.Stopping():
                tasks = f"ending {count(event.running, 'task')}; " if event.running else ""
                yield line((f"Stopping: {tasks}what is finished is kept", "warn"))
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
        how = f"{event.outcome} after {duration(event.seconds)}"
        yield self._row("✗", "bad", event.name, how, "")
        if event.outcome == "interrupted":
            return
        first, *more = clean_lines(event.failure.message)
        yield line("      ", (first, "bad"))
        yield from (line("      ", text) for text in more)
        yield from (_frame(frame) for frame in event.failure.frames)
        yield from (line("      ", ("hint: ", "name")) + quoted(hint) for hint in event.failure.hints)
        if not self.verbose:
            yield from _tail(event.log)

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
