"""A run on a terminal: lines that stay, and below them one line for each task that runs, drawn with rich."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from daicho import events
from daicho.cli.human import count, duration
from daicho.cli.line import Line, Style, cut, line
from daicho.cli.printer import Screen
from daicho.cli.steps import Running, Steps
from daicho.cli.text import to_ascii

_STYLES: dict[Style, str] = {
    "": "", "good": "green", "bad": "red", "warn": "yellow", "name": "cyan", "dim": "dim", "strong": "bold"
}  # fmt: skip
_FRAMES, _ASCII_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
_PER_SECOND = 10


class LiveView:
    """Draws what happens; a context manager, and an observer of runs.

    Args:
        screen: The terminal.
        steps: What is known of the run.
    """

    def __init__(self, screen: Screen, steps: Steps) -> None:
        self._steps = steps
        self._ascii = screen.ascii
        self._console = _console(screen)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._live = Live(
            self,
            console=self._console,
            refresh_per_second=_PER_SECOND,
            transient=True,
            vertical_overflow="crop",
        )
        self._drawing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawing:
            self._live.stop()

    def __call__(self, event: events.Event) -> None:
        """Take an event."""
        with self._lock:
            lines = self._steps.take(event, time.monotonic())
        if lines:
            room = self._console.width
            shown = lines if self._steps.verbose else [cut(each, room) for each in lines]
            self._console.print(Text("\n").join(self._text(each) for each in shown), soft_wrap=True)
        if isinstance(event, events.Planned) and not self._drawing:  # a run with nothing to do draws nothing
            self._drawing = True
            self._live.start()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines below: what runs, and how far it is."""
        now = time.monotonic()
        with self._lock:
            running = list(self._steps.running.values())
            summary = self._summary(now)
        most = max(console.height - 3, 1)
        for each in running[:most]:
            yield self._text(cut(self._row(each, now), console.width))
        if len(running) > most:
            yield self._text(line(("  … and ", "dim"), (f"{len(running) - most} more", "dim")))
        yield self._text(cut(summary, console.width))

    def _row(self, task: Running, now: float) -> Line:
        spinner = _spinner(now, ascii_only=self._ascii)
        so_far = duration(now - task.since).rjust(8)
        of = f"of {duration(task.expected)}" if task.expected else ""
        phase = task.phase if task.phase in ("hashing", "saving") else ""
        more = "   ".join(filter(None, (of, phase, task.progress, task.which)))
        shown = line("  ", (spinner, "name"), " ", self._steps.padded(task.name), "  ", (so_far, "dim"))
        return shown + line(" ", (more, "dim")) if more else shown

    def _summary(self, now: float) -> Line:
        steps = self._steps
        so_far = f"{steps.ended} of {count(steps.total, 'task')} done"
        if steps.stopping:
            what = "stopping"
        elif steps.recording and not steps.running:
            what = f"recording {count(steps.recording, 'result')}"
        else:
            waiting = f", {len(steps.resting)} to be tried again" if steps.resting else ""
            what = f"{len(steps.running)} running{waiting}"
        left = steps.left(now)
        rest = f", about {duration(left)} left" if left else ""
        return line("  ", (f"{so_far}, {what}, {duration(now - self._began)}{rest}", "dim"))

    def _text(self, styled: Line) -> Text:
        return _text(styled, ascii_only=self._ascii)


@contextmanager
def waiting(screen: Screen, what: str) -> Iterator[None]:
    """A spinner while something is waited for."""
    spinner = _Waiting(what, screen)
    with Live(spinner, console=_console(screen), refresh_per_second=_PER_SECOND, transient=True):
        yield


class _Waiting:
    """What is waited for, and how long already."""

    def __init__(self, what: str, screen: Screen) -> None:
        self._what = what
        self._ascii = screen.ascii
        self._began = time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now = time.monotonic()
        spinner = _spinner(now, ascii_only=self._ascii)
        shown = line((spinner, "name"), " ", self._what, " ", (duration(now - self._began), "dim"))
        yield _text(cut(shown, console.width), ascii_only=self._ascii)


def _console(screen: Screen) -> Console:
    return Console(
        file=screen.stream,
        force_terminal=True,
        color_system="standard" if screen.color else None,
        width=screen.width,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _text(styled: Line, *, ascii_only: bool) -> Text:
    """A line for rich, which reads no markup in it."""
    text = Text(no_wrap=True, overflow="crop")
    for part, style in styled.pieces:
        text.append(to_ascii(part) if ascii_only else part, _STYLES[style])
    return text


def _spinner(now: float, *, ascii_only: bool) -> str:
    frames = _ASCII_FRAMES if ascii_only else _FRAMES
    return frames[int(now * _PER_SECOND) % len(frames)]
