"""Who watches a run: what draws on a terminal, or what prints lines elsewhere."""

from __future__ import annotations

from contextlib import AbstractContextManager

from daicho.cli.plain import PlainView
from daicho.cli.printer import Printer
from daicho.cli.steps import Steps
from daicho.events import Observer


def watching(printer: Printer, *, inline: bool) -> AbstractContextManager[Observer]:
    """An observer of one run, which must be left when the run is over.

    Args:
        printer: Where to print, and how much.
        inline: Whether tasks print to this very terminal: nothing may be drawn over it then.
    """
    steps = Steps(quiet=printer.choices.quiet, verbose=printer.choices.verbose)
    if printer.err.live and not inline and not printer.choices.quiet:
        from daicho.cli.live import LiveView  # loads rich

        return LiveView(printer.err, steps)
    return PlainView(printer.err, steps)
