"""A run where nothing can be drawn over, in CI or a pipe: lines with the time, and a sign of life each minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from daicho import events
from daicho.cli.human import duration
from daicho.cli.line import Line, line
from daicho.cli.printer import Screen
from daicho.cli.steps import Steps

HEARTBEAT = 60.0  # seconds


class PlainView:
    """Prints what happens, line by line; a context manager, and an observer of runs.

    Args:
        screen: Where to print.
        steps: What is known of the run.
        heartbeat: Seconds after which to say what runs, where nothing else was said.
        clock: Tells the time of day as text.
    """

    def __init__(
        self,
        screen: Screen,
        steps: Steps,
        *,
        heartbeat: float = HEARTBEAT,
        clock: Callable[[], str] = lambda: time.strftime("%H:%M:%S"),
    ) -> None:
        self._screen = screen
        self._steps = steps
        self._heartbeat = heartbeat
        self._clock = clock
        self._lock = threading.Lock()
        self._said = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def __call__(self, event: events.Event) -> None:
        """Take an event."""
        with self._lock:
            self._say(self._steps.take(event, time.monotonic()))
        if isinstance(event, events.Planned) and not self._steps.quiet:
            self._thread.start()  # what has nothing to do gives no sign of life

    def _say(self, lines: list[Line]) -> None:
        if lines:
            self._said = time.monotonic()
            self._screen.put(line((self._clock(), "dim"), "  ") + each for each in lines)

    def _beat(self) -> None:
        while not self._over.wait(min(self._heartbeat / 10, 1.0)):
            with self._lock:
                now = time.monotonic()
                if now - self._said >= self._heartbeat:
                    self._say([self._life(now)])

    def _life(self, now: float) -> Line:
        steps = self._steps
        names = [f"{each.name} ({duration(now - each.since)})" for each in list(steps.running.values())[:5]]
        more = len(steps.running) - len(names)
        what = f"still running: {', '.join(names)}" if names else "still recording"
        return line(f"{what}{f' and {more} more' if more > 0 else ''}, {steps.ended} of {steps.total} done")
