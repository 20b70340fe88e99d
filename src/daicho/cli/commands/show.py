"""`daicho show`: what is recorded."""

from __future__ import annotations

from pathlib import Path

import click

from daicho.cli.options import Place, command
from daicho.cli.printer import Answer, Printer

EXAMPLES = """
daicho show calm-harbour-41          a pipeline run, with its tasks
daicho show calm-harbour-41/Trainer  one task of it: all that made its result
daicho show Trainer                  the newest result of a task
daicho show Trainer -v               with what it printed
"""


@command("show", examples=EXAMPLES)
@click.argument("what", metavar="WHAT")
def show(printer: Printer, place: Place, *, what: str) -> Answer:
    """Show what is recorded of a run or a task.

    WHAT is a pipeline run (its name, the second half of it, or its id), one task of it (RUN/TASK), a task (its newest
    result), or the id of a task's run.
    """
    from daicho.cli.views import show as view
    from daicho.verbs.show import show as ask

    found = ask(what, folder=place.folder, config=place.config)
    whole = printer.choices.verbose
    return Answer(
        found.to_json(), lambda screen: view.lines(found, width=screen.width, here=Path.cwd(), whole=whole)
    )
